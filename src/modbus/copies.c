#include "copies.h"

/* FNV-1a, 64 bits. */
static uint64_t digest(const uint8_t *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h;
}

void copies_add(struct copies *c, const uint8_t *frame, size_t n)
{
	unsigned at = c->n++ % COPIES_MAX;

	c->answers[at].digest = digest(frame, n);
	c->answers[at].n = n;
}

bool copies_has(const struct copies *c, const uint8_t *frame, size_t n)
{
	uint64_t this = digest(frame, n);
	unsigned newest = (c->n - 1) % COPIES_MAX;

	if (c->n == 0)
		return false;
	if (c->answers[newest].n == n)
		return c->answers[newest].digest == this;
	for (unsigned i = 0; i < COPIES_MAX; i++)
		if (c->answers[i].n == n && c->answers[i].digest == this)
			return true;
	return false;
}
