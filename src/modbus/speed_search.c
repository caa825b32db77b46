#include "speed_search.h"

#define FIRST_BURSTS 2		/* the first one heard may be the rest of a frame */
#define KNOWN_BURSTS 10		/* where frames were heard already */
#define BURST_MOST 300		/* bytes; a line that is never silent has none that end */

/* The likely first: what meters have from their makers, what installers choose. A line of
 * 8N2 is heard at 8N1. */
static const struct speed_search_row {
	int baud;
	char parity;
} rows[SPEED_SEARCH_SETTINGS] = {
	{ 9600, 'N' }, { 9600, 'E' }, { 19200, 'N' }, { 4800, 'N' }, { 19200, 'E' }, { 4800, 'E' }, { 38400, 'N' },
	{ 115200, 'N' }, { 9600, 'O' }, { 38400, 'E' }, { 19200, 'O' }, { 4800, 'O' }, { 2400, 'N' }, { 38400, 'O' },
	{ 57600, 'N' }, { 1200, 'N' }, { 2400, 'E' }, { 1200, 'E' }, { 115200, 'E' }, { 57600, 'E' },
};

void speed_search_bytes(struct speed_search *s, size_t n, int64_t at_us)
{
	s->bytes += n;
	s->rubbish += n;
	s->last_us = at_us;
}

bool speed_search_paused(const struct speed_search *s, int64_t now_us)
{
	return s->bytes >= BURST_MOST || (s->bytes > 0 && now_us - s->last_us >= SPEED_SEARCH_GAP_US);
}

int64_t speed_search_due_us(const struct speed_search *s)
{
	return s->bytes > 0 ? s->last_us + SPEED_SEARCH_GAP_US : INT64_MAX;
}

bool speed_search_lost(const struct speed_search *s)
{
	return s->searching || s->bursts >= (s->known ? KNOWN_BURSTS : FIRST_BURSTS);
}

bool speed_search_ended(struct speed_search *s, size_t frames, struct target *t)
{
	const struct speed_search_row *r;

	s->bytes = 0;
	if (frames) {
		*s = (struct speed_search){ .known = true, .last_us = s->last_us };
		return false;
	}
	s->bursts++;
	if (!speed_search_lost(s))
		return false;
	s->at = s->searching ? (s->at + 1) % SPEED_SEARCH_SETTINGS : 0;
	s->searching = true;
	r = &rows[s->at];
	/* the one that has just been heard */
	if (r->baud == t->baud && r->parity == t->parity)
		r = &rows[s->at = (s->at + 1) % SPEED_SEARCH_SETTINGS];
	t->baud = r->baud;
	t->parity = r->parity;
	t->stop = 1;
	return true;
}
