#include "discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "discover_own.h"
#include "exchange.h"

#define LISTEN_US 1000000	/* before anything is sent */
#define OTHERS_US 1200000	/* ... and at each setting, once somebody is heard: at which one? */
#define SILENCE_US 1000000	/* before everybody is asked (broadcast.h) */
#define LATE_US 3000000		/* how long a reply may still be one to what was asked */
#define LATE_MOVED_US 1000000	/* ... and to what was asked at another setting */
#define TRIES 3			/* that must all come back as garbage */
#define NOBODY_1 246		/* units that a gateway hardly has */
#define NOBODY_2 247

/* ---- where it is ------------------------------------------------------------------------ */

static struct target discover_target(const struct discover *d, size_t setting, uint8_t unit)
{
	const struct sweep_setting *s = &d->s->settings[setting];
	struct target t = *d->given;

	if (s->baud) {
		t.baud = s->baud;
		t.parity = s->parity;
		t.stop = s->stop;
	}
	t.unit = unit;
	target_format(&t, 0, t.text, sizeof(t.text));
	return t;
}

/* "'/dev/ttyUSB0' (9600 8N1)" */
static const char *discover_where(const struct discover *d, char *buf, size_t size)
{
	diagnosis_where(&d->line.target, buf, size);
	return buf;
}

/* ---- what is listed ------------------------------------------------------------------------ */

/* Has the meter that now replies as M been listed, perhaps at another setting that it hears as
 * well? It cannot have two speeds; a line without speeds has any. */
static bool discover_known(const struct discover *d, const struct discover_meter *m)
{
	for (size_t i = 0; i < d->nlist; i++) {
		const struct discover_meter *k = &d->list[i];

		if (k->target.unit == m->target.unit
		    && (k->target.baud == m->target.baud || strcmp(k->reply, m->reply) == 0
			|| (*k->id && strcmp(k->id, m->id) == 0)))
			return true;
	}
	return false;
}

static void discover_list(struct discover *d, const struct discover_meter *m)
{
	if (d->nlist < SWEEP_UNITS)
		d->list[d->nlist++] = *m;
	d->o->found(d->o->arg, m);
}

/* Two meters of one address, unless one was found with another character format. */
static void discover_tell_doubts(struct discover *d)
{
	for (size_t i = 0; i < d->ndoubts; i++) {
		struct discover_meter m = {
			.target = discover_target(d, d->doubts[i].setting, d->doubts[i].unit), .doubled = true,
		};

		snprintf(m.reply, sizeof(m.reply), "replies at once, damaged");
		m.latency_ms = (double)d->s->answer_us[d->doubts[i].setting] / 1000;
		if (!discover_known(d, &m))
			discover_list(d, &m);
	}
	d->ndoubts = 0;
}

/* ---- moving on ---------------------------------------------------------------------------- */

/* What came while the setting was another one is nothing at the new one. How much was it? */
static size_t discover_drain(struct discover *d)
{
	uint8_t buf[256];
	size_t sum = 0;
	ssize_t n;

	while (target_is_serial(d->given) && (n = read(d->line.fd, buf, sizeof(buf))) > 0)
		sum += (size_t)n;
	return sum;
}

static int discover_move(struct discover *d, size_t setting, struct err *e)
{
	struct target t = discover_target(d, setting, 1);

	if (setting == d->at)
		return 0;
	if (d->s->settings[setting].baud != d->s->settings[d->at].baud)
		discover_tell_doubts(d);
	if (line_retarget(&d->line, &t, e))
		return -1;
	d->left_us[d->at] = time_mono_us();
	if (discover_drain(d) >= SIGHTING_NOISE)
		sweep_suspect(d->s, d->at);
	d->at = setting;
	memset(d->asked_us, 0, sizeof(d->asked_us));
	return 0;
}

/* ---- others ------------------------------------------------------------------------------- */

/* Another master: -1 and E unless it is to be searched all the same. */
static int discover_others(struct discover *d, const char *who, struct err *e)
{
	char where[300];

	if (d->o->intrude)
		return 0;
	if (d->o->master)
		*d->o->master = true;
	discover_where(d, where, sizeof(where));
	return err_set(e, ERR_DENIED, "another master is on the line at %s%s%s (disconnect it, or scan beside it with --intrude)",
		       where, *who ? ": " : "", who);
}

static int discover_listen_at(struct discover *d, int64_t us, struct err *e)
{
	enum outcome o;

	d->line.quiet_us = time_mono_us();
	o = exchange_quiet(&d->line, us, us, false);

	if (o == OUTCOME_LOST)
		return diagnosis_gone(&d->line.target, e);
	return o == OUTCOME_CANCELLED ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

/* Somebody speaks: at which setting do frames come of it? */
static int discover_tune_in(struct discover *d, struct err *e)
{
	for (size_t i = 0; i < d->s->nsettings && d->line.heard.n == 0; i++)
		if (discover_move(d, d->s->order[i], e) || discover_listen_at(d, OTHERS_US, e))
			return -1;
	return 0;
}

/* That is the setting of the line: no other is tried. */
static void discover_stay(struct discover *d)
{
	for (size_t i = 0; i < d->s->nsettings; i++)
		if (i != d->at)
			memset(d->s->tried[i], SWEEP_TRIED | SWEEP_WAITED, SWEEP_UNITS);
}

/* Before anything is sent. */
static int discover_listen(struct discover *d, struct err *e)
{
	char who[200], where[300];

	if (target_frames_tcp(d->given))
		return 0;
	if (discover_listen_at(d, LISTEN_US, e))
		return -1;
	if (!d->line.heard.surplus)
		return 0;
	d->last_byte_us = time_mono_us();
	d->o->said(d->o->arg, "somebody else speaks on the line: listening first");
	if (discover_tune_in(d, e))
		return -1;
	heard_text(&d->line.heard, who, sizeof(who));
	if (discover_others(d, who, e))
		return -1;
	if (d->line.heard.n)
		discover_stay(d);
	snprintf(who, sizeof(who), "another master is on the line at %.150s", discover_where(d, where, sizeof(where)));
	d->o->said(d->o->arg, who);
	return 0;
}

/* ---- a meter --------------------------------------------------------------------------------- */

/* Its first reply has come. */
static int discover_meter(struct discover *d, uint8_t unit, bool doubled, bool any_unit, struct err *e)
{
	struct discover_meter m = { .target = discover_target(d, d->at, unit), .doubled = doubled, .any_unit = any_unit,
				    .latency_ms = (double)d->latency_us / 1000 };
	bool first = true;

	for (size_t i = 0; i < d->nlist; i++)
		if (d->list[i].target.unit == unit)
			first = false;
	if (first)	/* elsewhere it may be the one that is known, and its setting is none of the line */
		sweep_found(d->s, d->at, unit, d->latency_us);
	if (discover_identify(d, &m, e))
		return -1;
	if (discover_known(d, &m))
		return 0;
	sweep_found(d->s, d->at, unit, d->latency_us);
	discover_list(d, &m);
	return 0;
}

static struct request discover_request(uint8_t unit)
{
	return (struct request){ .unit = unit, .function = FUNCTION_HOLDING, .addr = 0, .count = DISCOVER_WORDS };
}

static bool discover_replied(const struct discover *d)
{
	return d->seen.replies && !(d->seen.refused && exception_unheard(d->seen.exception));
}

/* Two replies came: those of two meters, or also a late one? */
static int discover_twice(struct discover *d, uint8_t unit, bool *doubled, struct err *e)
{
	struct request q = discover_request(unit);

	*doubled = false;
	if (discover_listen_at(d, d->s->patient_us, e) || discover_ask(d, &q, d->s->patient_us, e))
		return -1;
	*doubled = d->seen.replies > 1;
	return 0;
}

/* UNIT has replied, or seems to have. */
static int discover_reply(struct discover *d, uint8_t unit, struct err *e)
{
	bool doubled = false;

	if (d->seen.replies > 1 && discover_twice(d, unit, &doubled, e))
		return -1;
	if (discover_replied(d) && unit)
		return discover_meter(d, unit, doubled, false, e);
	/* nobody there, says a gateway, or somebody who does not give an address: it is the line's setting */
	if (d->seen.replies)
		sweep_found(d->s, d->at, 0, d->latency_us);
	return 0;
}

/* A reply of a unit that was not asked now: it is slow, or somebody else has asked it. */
static int discover_slow(struct discover *d, uint8_t unit, struct err *e)
{
	struct request q = discover_request(unit);

	if (!d->asked_us[unit] || time_mono_us() - d->asked_us[unit] > LATE_US)
		return discover_others(d, "a reply that was not asked for", e);
	/* where others ask it all the time, once is enough */
	if (d->o->intrude && d->slow[unit])
		return 0;
	d->slow[unit] = true;
	if (discover_ask(d, &q, d->s->patient_us, e))
		return -1;
	return discover_reply(d, unit, e);
}

/* A slow reply that was cut may be of this setting, or of one that was left just before. */
static void discover_suspect(struct discover *d)
{
	int64_t now = time_mono_us();

	sweep_suspect(d->s, d->at);
	for (size_t i = 0; i < d->s->nsettings; i++)
		if (d->left_us[i] && now - d->left_us[i] < LATE_MOVED_US)
			sweep_suspect(d->s, i);
}

/* Bytes that are no frame. Again and again: two meters speak at once, or one in another character
 * format. Else it was a slow reply that was cut. */
static int discover_garbage(struct discover *d, uint8_t unit, struct err *e)
{
	struct request q = discover_request(unit);
	int times = 1, most = d->o->intrude && d->last_byte_us ? TRIES - 1 : TRIES;

	for (; times < most && d->seen.garbage >= SIGHTING_NOISE; times++) {
		if (discover_ask(d, &q, d->s->patient_us, e))
			return -1;
		if (d->seen.replies)
			return discover_reply(d, d->seen.unit, e);
	}
	if (most < TRIES)	/* among others two speak at once all the time */
		return 0;
	if (d->seen.garbage < SIGHTING_NOISE) {
		discover_suspect(d);
		return 0;
	}
	sweep_found(d->s, d->at, 0, 0);
	sweep_hint(d->s, d->at);
	if (unit && d->ndoubts < DISCOVER_DOUBTS)
		d->doubts[d->ndoubts++] = (struct discover_doubt){ (uint8_t)d->at, unit };
	return 0;
}

/* ---- one address after the other ------------------------------------------------------------------ */

static int discover_understand(struct discover *d, uint8_t unit, struct err *e)
{
	char who[40];

	if (d->seen.master) {
		snprintf(who, sizeof(who), "a request to unit %u", d->seen.master_unit);
		if (discover_others(d, who, e))
			return -1;
	}
	if (d->seen.replies)
		return discover_reply(d, unit ? unit : d->seen.unit, e);
	if (d->seen.other)
		return discover_slow(d, d->seen.other_unit, e);
	return d->seen.garbage >= SIGHTING_NOISE ? discover_garbage(d, unit, e) : 0;
}

/* Everybody is asked in silence only. 1: there is none. */
static int discover_silence(struct discover *d, struct err *e)
{
	enum outcome o;

	if (time_mono_us() - d->last_byte_us >= SILENCE_US)
		return 0;
	o = exchange_silence(&d->line, SILENCE_US, time_mono_us() + 2 * SILENCE_US);
	if (o == OUTCOME_LOST)
		return diagnosis_gone(&d->line.target, e);
	if (o == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	return o != OUTCOME_SILENT;
}

static int discover_try(struct discover *d, const struct sweep_probe *p, struct err *e)
{
	struct request q = discover_request(p->unit);
	int64_t began_us = time_mono_us();
	int rc;

	rc = discover_move(d, p->setting, e);
	if (rc && e->code == ERR_USAGE) {	/* the port cannot do that */
		memset(d->s->tried[p->setting], SWEEP_TRIED | SWEEP_WAITED, SWEEP_UNITS);
		return 0;
	}
	if (!rc && p->unit == 0)
		rc = discover_silence(d, e);
	if (rc == 0)
		rc = discover_ask(d, &q, sweep_wait_us(d->s, p), e);
	else if (rc > 0)
		d->seen = (struct sighting){ 0 };
	if (rc < 0)
		return -1;
	sweep_tried(d->s, p, time_mono_us() - began_us);
	return discover_understand(d, p->unit, e);
}

/* A server that replies to every unit address is one meter. 1: it is that. */
static int discover_any_unit(struct discover *d, struct err *e)
{
	static const uint8_t nobody[] = { NOBODY_1, NOBODY_2, 1 };
	int64_t wait_us = d->s->patient_us;

	if (!target_frames_tcp(d->given) || !d->s->units[1])
		return 0;
	for (size_t i = 0; i < sizeof(nobody); i++) {
		struct request q = discover_request(nobody[i]);

		if (discover_ask(d, &q, wait_us, e))
			return -1;
		if (!discover_replied(d))
			return 0;
	}
	return discover_meter(d, 1, false, true, e) ? -1 : 1;
}

static int discover_search(struct discover *d, struct err *e)
{
	struct sweep_probe p;
	int rc = discover_any_unit(d, e);

	if (rc)
		return rc < 0 ? -1 : 0;
	while (sweep_next(d->s, &p)) {
		if (!d->o->trying(d->o->arg, &p))
			break;
		if (d->o->until_us && time_mono_us() >= d->o->until_us)
			return err_set(e, ERR_INTERRUPTED, "the time of --for is over");
		if (line_pause(&d->line, 0, e) || discover_try(d, &p, e))
			return -1;
	}
	return 0;
}

int discover_line(const struct target *t, struct sweep *s, const struct discover_opts *o, struct err *e)
{
	struct discover *d = calloc(1, sizeof(*d));
	struct target first;
	int rc = -1;

	if (!d)
		return err_set(e, ERR_NO, "out of memory");
	d->o = o;
	d->given = t;
	d->s = s;
	d->at = s->order[0];
	for (size_t i = 0; i < o->nknown && d->nlist < SWEEP_UNITS; i++)
		d->list[d->nlist++] = o->known[i];
	first = discover_target(d, d->at, 1);
	if (line_open(&d->line, &first, &o->link, NULL, o->link.cancel_fd, e) == 0) {
		rc = discover_listen(d, e);
		if (!rc)
			rc = discover_search(d, e);
		discover_tell_doubts(d);
		line_close(&d->line);
	}
	free(d);
	return rc;
}
