#include "points.h"

#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "meter/missing.h"
#include "output/output.h"
#include "output/printer.h"
#include "output/reading.h"
#include "auto.h"
#include "dropped.h"
#include "output/reasons_json.h"

static void points_release(struct points *p)
{
	selection_release(&p->shown);
	selection_release(&p->wire);
	expects_release(&p->expects);
}

static int select_shown(const struct profile *p, int argc, char **argv, struct points *out, struct err *e)
{
	if (argc == 0 && out->expects.n == 0)
		return profile_select_live(p, &out->shown, e);
	for (int i = 0; i < argc; i++)
		if (profile_select(p, argv[i], &out->shown, e))
			return -1;
	for (size_t i = 0; i < out->expects.n; i++)
		if (profile_select(p, p->points[out->expects.list[i].idx].key, &out->shown, e))
			return -1;
	return 0;
}

/* What is shown, and with RATIOS what PT and CT it depends on. */
static int select_wire(const struct profile *p, bool ratios, struct points *out,
		       struct err *e)
{
	static const char *const ratio_keys[] = { "ratio.pt", "ratio.ct" };
	unsigned needed = 0;

	for (size_t i = 0; i < out->shown.n; i++) {
		const struct point *pt = &p->points[out->shown.idx[i]];

		needed |= ratios ? (unsigned)pt->ratio : 0;
		if (profile_select(p, pt->key, &out->wire, e))
			return -1;
	}
	/* both, even when one matters: "primary" promises that both were read */
	for (int i = 0; needed && i < 2; i++)
		if (profile_find(p, ratio_keys[i]) >= 0
		    && profile_select(p, ratio_keys[i], &out->wire, e))
			return -1;
	return 0;
}

/* Does each word name one point, and none of them one that was named before? */
static int check_each(const struct profile *p, int argc, char **argv, const struct points *out, struct err *e)
{
	for (int i = 0; i < argc; i++) {
		struct selection one = { 0 };
		size_t n = profile_select(p, argv[i], &one, e) ? 0 : one.n;

		selection_release(&one);
		if (n != 1)
			return err_set(e, ERR_USAGE, "'%s' names %zu points, one is wanted (use 'read')", argv[i], n);
	}
	return out->shown.n == (size_t)argc ? 0 : err_set(e, ERR_USAGE, "a point is named twice");
}

static int open_points(const struct app *a, int argc, char **argv, bool one,
		       const struct expect_given *given, struct points *out, struct meter *m, struct err *e)
{
	const struct profile *p = app_profile(a, e);

	*out = (struct points){ 0 };
	if (!p)
		return -1;
	if (expects_parse(p, given, &out->expects, e) || select_shown(p, argc, argv, out, e))
		goto fail;
	if (one && check_each(p, argc, argv, out, e))
		goto fail;
	if (select_wire(p, !one || a->primary, out, e) == 0
	    && app_open_meter(a, p, m, e) == 0)
		return 0;
fail:
	points_release(out);
	profile_free(p);
	return -1;
}

int points_open(const struct app *a, int argc, char **argv,
		struct points *out, struct meter *m, struct err *e)
{
	return points_open_expecting(a, argc, argv, &(struct expect_given){ .n = 0 }, out, m, e);
}

int points_open_expecting(const struct app *a, int argc, char **argv, const struct expect_given *given,
			  struct points *out, struct meter *m, struct err *e)
{
	return open_points(a, argc, argv, false, given, out, m, e);
}

int points_open_each(const struct app *a, int argc, char **argv, struct points *out,
		     struct meter *m, struct err *e)
{
	return open_points(a, argc, argv, true, &(struct expect_given){ .n = 0 }, out, m, e);
}

void points_patience(const struct app *a, const struct meter *m)
{
	if (link_pushes(m->link) && (a->verbose || a->attended))
		app_say(a, "waiting for a message of '%s' (-t MS says how long)",
			m->link->target.mqtt.sn);
}

void points_keep_sent(const struct meter *m, struct points *p)
{
	size_t kept = 0;

	if (!link_pushes(m->link))
		return;
	for (size_t i = 0; i < p->shown.n; i++)
		if (m->readings[p->shown.idx[i]].quality != QUALITY_FAILED
		    || m->readings[p->shown.idx[i]].err.code != ERR_NO)
			p->shown.idx[kept++] = p->shown.idx[i];
	if (kept > 0)
		p->shown.n = kept;
}

/* Of a meter behind a broker. */
static void say_uplink(const struct app *a, const struct meter *m)
{
	struct link_uplink u;
	char clock[160];

	link_uplink(m->link, &u);
	dropped_tell_oversized(a, u.oversized);
	dropped_tell_all(a, u.sn, &u.drops);
	if (u.nameless)
		app_say(a, "identity of '%s' assumed from the topic: no serial number in %lu message%s", u.sn, u.nameless,
			u.nameless == 1 ? "" : "s");
	if (u.rhythm.backlog)
		app_say(a, "%lu late upload%s of '%s', measured long before %s came", u.rhythm.backlog,
			u.rhythm.backlog == 1 ? "" : "s", u.sn, u.rhythm.backlog == 1 ? "it" : "they");
	if (*moment_text(&u.rhythm.moment, MOMENT_TOLERANCE_S, clock, sizeof(clock)))
		app_say(a, "'%s': %s", u.sn, clock);
	/* of one that was not heard the failure says so */
	if (u.messages)
		dropped_tell_namesake(a, &m->link->target, u.lost);
	if (a->verbose)
		app_say(a, "%s, dialect %s: %lu messages, %lu uploads, %lu missed, %lu again, %lu out of order",
			u.sn, *u.dialect ? u.dialect : "not known", u.messages, u.rhythm.uploads,
			u.rhythm.missed, u.rhythm.duplicates, u.rhythm.old);
}

void points_close(const struct app *a, struct points *p, struct meter *m)
{
	struct link_stats s;

	meter_stats(m, &s);
	if (link_pushes(m->link)) {
		say_uplink(a, m);
	} else if (a->verbose) {
		app_say(a, "%zu point%s in %lu request%s: %lu answered, %lu timed out, %lu corrupt, "
			"%lu not ours, %lu refused; first byte after %.1f ms", p->wire.n,
			p->wire.n == 1 ? "" : "s", s.requests, s.requests == 1 ? "" : "s",
			s.replies, s.timeouts, s.corrupt, s.foreign,
			s.exceptions, s.latency_ms);
	}
	points_release(p);
	app_close_meter(a, m);
}

void points_tell(const struct app *a, const struct link *l, const struct err *now, struct err *told)
{
	/* a dead meter is tried less and less often: the count of tries at the
	 * end of the text changes, what has failed stands at its beginning */
	if (now->code == told->code && strncmp(now->text, told->text, 20) == 0)
		return;
	app_complain(a, now);
	if (!*now->text && link_port(l))
		app_say(a, "the meter answers again (the adapter is '%s' now)", link_port(l));
	else if (!*now->text)
		app_say(a, "the meter answers again");
	*told = *now;
}

static void cmd_points_say_missing(void *arg, const char *line)
{
	app_say(arg, "not read: %s", line);
}

void points_say_missing(const struct app *a, const struct meter *m, const uint16_t *idx, size_t n)
{
	missing_list(m, idx, n, cmd_points_say_missing, (void *)(uintptr_t)a);
}

/* What is said behind the readings: of a meter that uploads, what was not used. */
static json_t *points_tail(const struct meter *m)
{
	struct link_uplink u;

	if (!link_pushes(m->link))
		return json_object();
	link_uplink(m->link, &u);
	return json_pack("{s:o}", "dropped", reasons_json(&u.drops));
}

int points_print(const struct app *a, const struct meter *m, const struct points *p, struct err *e)
{
	const struct readings all = { .meter = m, .idx = p->shown.idx, .n = p->shown.n };
	struct printer out = app_printer(a);

	if (printer_begin(&out, &reading_list, output_head_json(m, time_wall_us()), e))
		return -1;
	if (printer_readings(&out, &all, e)) {
		printer_drop(&out);
		return -1;
	}
	return printer_end(&out, points_tail(m), e);
}

int points_verdict(const struct app *a, const struct meter *m, const struct points *p,
		   struct err *e)
{
	char value[VALUE_TEXT];

	if (missing_complain(m, p->shown.idx, p->shown.n, "points", e))
		return -1;
	for (size_t i = 0; i < p->shown.n; i++) {
		uint16_t idx = p->shown.idx[i];

		if (m->readings[idx].quality == QUALITY_ABSENT
		    || reading_value(m, idx, a->primary, value, sizeof(value), e))
			continue;
		return m->readings[idx].absent && p->shown.n > 1
		       ? err_prefix(e, "'%s'", m->profile->points[idx].key) : -1;
	}
	return 0;
}
