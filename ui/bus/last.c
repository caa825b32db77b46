#include "last.h"

#include <stdlib.h>

static int last_make_room(struct last *l, size_t row)
{
	size_t n = row + row / 2 + 64;
	struct broker_message **more;

	if (row < l->n)
		return 0;
	more = realloc(l->of, n * sizeof(struct broker_message *));
	if (!more)
		return -1;
	for (size_t i = l->n; i < n; i++)
		more[i] = NULL;
	l->of = more;
	l->n = n;
	return 0;
}

void last_keep(struct last *l, size_t row, const struct broker_message *m)
{
	if (row >= LAST_METERS || m->n > LAST_BYTES || last_make_room(l, row))
		return;
	broker_message_free(l->of[row]);
	l->of[row] = broker_message_copy(m);
}

const struct broker_message *last_find(const struct last *l, size_t row)
{
	return row < l->n ? l->of[row] : NULL;
}

void last_release(struct last *l)
{
	for (size_t i = 0; i < l->n; i++)
		broker_message_free(l->of[i]);
	free(l->of);
	*l = (struct last){ 0 };
}
