#include "bus_fleet.h"

#include <stdlib.h>
#include <string.h>

static int bus_fleet_make_room(struct bus_fleet *q, size_t n, size_t rows)
{
	if (q->room < n) {
		struct fleet_row *more = realloc(q->rows, (n + n / 2) * sizeof(*more));

		if (!more)
			return -1;
		q->rows = more;
		q->room = n + n / 2;
	}
	if (q->nplace < rows) {
		size_t room = rows + rows / 2;
		uint32_t *more = realloc(q->place, room * sizeof(*more));

		if (!more)
			return -1;
		memset(more + q->nplace, 0, (room - q->nplace) * sizeof(*more));
		q->place = more;
		q->nplace = room;
	}
	return 0;
}

void bus_fleet_put(struct bus_fleet *q, const struct fleet *f, const uint32_t *changed, size_t n)
{
	q->some = q->some || n > 0 || q->refusals.total != f->refusals.total;
	q->messages = f->messages;
	q->refusals = f->refusals;
	q->drops = f->drops;
	if (bus_fleet_make_room(q, q->n + n, f->n))
		return;
	for (size_t i = 0; i < n; i++) {
		uint32_t *place = &q->place[changed[i]];

		if (!*place)
			*place = (uint32_t)++q->n;
		q->rows[*place - 1] = f->rows[changed[i]];
	}
}

void bus_fleet_take(struct bus_fleet *q, struct fleet *to)
{
	for (size_t i = 0; i < q->n; i++)
		fleet_copy_row(to, &q->rows[i], NULL);
	to->messages = q->messages;
	to->refusals = q->refusals;
	to->drops = q->drops;
	if (q->nplace > 0)
		memset(q->place, 0, q->nplace * sizeof(*q->place));
	q->n = 0;
	q->some = false;
}

bool bus_fleet_stays(const struct target *fleet, const struct target *t)
{
	return target_is_broker(t) && t->port == fleet->port && strcmp(t->host, fleet->host) == 0
	       && (target_is_meter(t) || strcmp(t->text, fleet->text) == 0);
}

void bus_fleet_release(struct bus_fleet *q)
{
	free(q->rows);
	free(q->place);
	*q = (struct bus_fleet){ 0 };
}
