/*
 * bus_read.c - a meter that is asked: round after round.
 */
#include <stdlib.h>

#include "base/cancel.h"
#include "base/time.h"
#include "bus_own.h"

#define ROUND_US 200000LL	/* not more than five rounds a second */

/* A copy of what is wanted, or waits until something is. With the lock held. */
static size_t bus_read_wanted(struct bus *b, unsigned turn, uint16_t **list)
{
	size_t n = 0;

	while (!bus_over(b, turn) && !bus_asked(b) && b->nwant == 0)
		pthread_cond_wait(&b->told, &b->lock);
	free(*list);
	*list = b->nwant ? calloc(b->nwant, sizeof(**list)) : NULL;
	for (; *list && n < b->nwant; n++)
		(*list)[n] = b->want[n];
	b->want_new = false;
	return n;
}

/* Unit 0 was asked, and now the meter's own address is known. With the lock held. */
static void bus_read_follow(struct round *r, const struct target *now)
{
	struct bus *b = r->b;

	if (bus_over(b, r->turn) || b->target.unit != 0 || now->unit == 0)
		return;
	b->target = *now;
	b->found = true;
}

void bus_watch(struct round *r, struct meter *m)
{
	struct bus *b = r->b;
	uint16_t *list = NULL;
	bool was_live = false;

	for (;;) {
		struct err e = { 0 };
		int64_t began;
		size_t n;
		int rc;

		pthread_mutex_lock(&b->lock);
		n = bus_read_wanted(b, r->turn, &list);
		if (bus_over(b, r->turn) || bus_parks(b)) {
			pthread_mutex_unlock(&b->lock);
			break;
		}
		if (bus_asked(b)) {
			bus_do(b, r->turn, m, "");
			pthread_mutex_unlock(&b->lock);
			continue;
		}
		b->reading = true;
		cancel_clear(b->cancel_fd);	/* whoever it was for has changed his mind */
		pthread_mutex_unlock(&b->lock);
		began = time_mono_us();
		r->came = false;
		rc = n ? meter_read(m, list, n, bus_on_reading, r, &e) : 0;
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		bus_read_follow(r, &m->link->target);
		pthread_mutex_unlock(&b->lock);
		if (rc == 0) {
			was_live = true;
			if (link_port(m->link))
				err_set(&e, ERR_NONE, "the adapter was plugged in again and is '%s' now",
					link_port(m->link));
			bus_tell(r, LINE_LIVE, &e, m->link);
		} else if (e.code != ERR_INTERRUPTED) {
			was_live = was_live || r->came;
			bus_tell(r, was_live ? LINE_STALE : LINE_SILENT, &e, m->link);
		}
		pthread_mutex_lock(&b->lock);
		bus_rest(b, r->turn, began + ROUND_US, true);
		pthread_mutex_unlock(&b->lock);
	}
	free(list);
}
