#include "base.h"

#include <stdlib.h>
#include <string.h>

#define MODELS_MOST 64		/* in a chain */
#define HEADER 2		/* words: number and length */
#define END_OF_CHAIN 0xFFFF

bool base_is_sought(const struct profile *p)
{
	return p->base_at.n && !p->based;
}

/* Two characters a word. Their number. */
static uint16_t base_mark(const struct profile *p, uint16_t *regs)
{
	uint16_t n = (uint16_t)(strlen(p->base_find) / 2);

	for (uint16_t i = 0; i < n; i++)
		regs[i] = (uint16_t)((uint8_t)p->base_find[2 * i] << 8 | (uint8_t)p->base_find[2 * i + 1]);
	return n;
}

static bool base_is_model(const struct profile *p, uint16_t number)
{
	for (unsigned i = 0; i < p->base_model.n; i++)
		if (p->base_model.v[i] == number)
			return true;
	return false;
}

/* Along the chain that begins at AT. */
static int base_walk(const struct profile *p, long at, base_read *read, void *arg, uint16_t *addr, struct err *e)
{
	uint16_t header[HEADER];

	for (int i = 0; i < MODELS_MOST && at + HEADER <= 65536; i++) {
		int rc = read(arg, (uint16_t)at, HEADER, header, e);

		if (rc <= 0)
			return rc;
		if (header[0] == END_OF_CHAIN || header[1] == 0)
			return 0;
		if (base_is_model(p, header[0])) {
			*addr = (uint16_t)at;
			return 1;
		}
		at += HEADER + header[1];
	}
	return 0;
}

int base_find(const struct profile *p, base_read *read, void *arg, uint16_t *addr, struct err *e)
{
	uint16_t mark[CODE_MAX], regs[CODE_MAX], n = base_mark(p, mark);

	for (unsigned i = 0; i < p->base_at.n; i++) {
		uint16_t at = p->base_at.v[i];
		int rc = read(arg, at, n, regs, e);

		if (rc > 0 && memcmp(regs, mark, n * sizeof(*regs)) == 0)
			rc = base_walk(p, at + n, read, arg, addr, e);
		else if (rc > 0)
			rc = 0;
		if (rc)
			return rc;
	}
	return 0;
}

const struct profile *base_apply(const struct profile *p, uint16_t addr, struct err *e)
{
	struct profile *made = malloc(sizeof(*made));
	struct point *points = malloc(p->npoints * sizeof(*points));
	size_t i = 0;

	if (!made || !points) {
		err_set(e, ERR_NO, "out of memory");
		goto fail;
	}
	for (; i < p->npoints; i++) {
		points[i] = p->points[i];
		if (points[i].addr + points[i].words + addr > 65536) {
			err_set(e, ERR_FOREIGN, "the model at register %u ends behind register 65535", addr);
			goto fail;
		}
		points[i].addr = (uint16_t)(points[i].addr + addr);
	}
	*made = *p;
	made->points = points;
	made->based = p;
	return made;
fail:
	free(made);
	free(points);
	return NULL;
}

void base_release(const struct profile *p)
{
	const struct profile *from = p->based;

	free((void *)(uintptr_t)p->points);
	free((void *)(uintptr_t)p);
	profile_free(from);
}
