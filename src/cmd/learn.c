/*
 * learn.c - `meterctl learn`: where a maker's tool puts what is typed into it, as a draft of a
 * profile.
 */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cmd.h"
#include "modbus/between.h"
#include "modbus/named.h"
#include "modbus/passive.h"
#include "modbus/recorded.h"
#include "signals.h"

#define QUIET_US 3000000	/* the tool has ended what it does */

struct learn_own {
	const char *tap, *between, *serve, *output;
	struct learn_words from, values;
	double for_s;		/* 0: until interrupted, or all is found */
};

static int learn_take_word(const char *arg, void *field, struct err *e)
{
	struct learn_words *w = field;

	if (w->n == LEARN_LIST)
		return err_set(e, ERR_USAGE, "more than %d", LEARN_LIST);
	w->list[w->n++] = arg;
	return 0;
}

static const struct opt options[] = {
	OPT_TEXT(0, "tap", "TARGET", "@target", struct learn_own, tap, "hear the line, never send: rtu:/dev/ttyUSB1, rtutcp:HOST:PORT"),
	OPT_TEXT(0, "between", "TARGET", "@target", struct learn_own, between, "stand between the tool and the meter at TARGET (with --serve)"),
	OPT_TEXT(0, "serve", "WHERE", "pty tcp: rtu:", struct learn_own, serve, "where the tool connects: pty, tcp:[ADDR:]PORT or rtu:PORT"),
	OPT_CALL(0, "from", "TRACE", "@file", struct learn_words, struct learn_own, from, learn_take_word,
		 "a trace that was recorded earlier; may be given more than once"),
	OPT_CALL(0, "value", "KEY=VALUE", "@setting", struct learn_words, struct learn_own, values, learn_take_word,
		 "what is typed in the tool; secrets: KEY=@ask, @env:NAME, @file:PATH"),
	OPT_TEXT('o', "output", "FILE", "@file", struct learn_own, output, "write the draft to FILE (default: learned.yaml)"),
	OPT_SPAN(0, "for", struct learn_own, for_s, "stop after this time: 90, 90s, 5m, 1h"),
};

static void learn_defaults(void *own)
{
	*(struct learn_own *)own = (struct learn_own){ .output = "learned.yaml" };
}

struct learning {
	const struct app *app;
	const struct learn_own *own;
	const struct profile *profile;
	struct learn learn;
	struct splitter splitter;
	enum learn_state told[LEARN_WANTS];
	int64_t last_us;	/* when the last byte came: between */
	int64_t wall_us;	/* what the times of frames are behind the wall clock */
};

/* ---- a frame --------------------------------------------------------------------- */

/* One with a secret is not shown. */
static void learn_trace(struct learning *l, const struct cut *c)
{
	uint8_t bytes[sizeof(l->splitter.out)];
	struct trace_frame f = {
		.dir = c->kind == CUT_GARBAGE ? TRACE_BAD : c->kind == CUT_REPLY || c->paired ? TRACE_IN : TRACE_OUT,
		.bytes = bytes, .n = c->n, .at_us = c->at_us + l->wall_us, .note = c->kind == CUT_GARBAGE ? "not a frame" : "",
	};

	memcpy(bytes, c->bytes, c->n);
	if (c->kind != CUT_GARBAGE)
		named_redact(l->profile, c, bytes);
	trace_pass(&l->app->trace, &f);
}

/* What has become sure, or doubtful, since the last time. */
static void learn_tell(struct learning *l)
{
	for (size_t i = 0; i < l->learn.nwants; i++) {
		struct learn_found f;

		learn_find(&l->learn, i, &f);
		if (f.state == l->told[i])
			continue;
		l->told[i] = f.state;
		if (f.state == LEARN_FOUND)
			app_say(l->app, "%s: found at 0x%04X", l->learn.wants[i].key, f.place.addr);
		else
			app_say(l->app, "%s: %s", l->learn.wants[i].key, f.why);
	}
}

static void learn_drain(struct learning *l, int64_t now_us)
{
	struct cut c;
	bool any = false;

	for (; splitter_next(&l->splitter, now_us, &c); any = true)
		if (!learn_take(&l->learn, &c))
			learn_trace(l, &c);
	if (any && l->app->attended)
		learn_tell(l);
}

static void learn_bytes(struct learning *l, const uint8_t *bytes, size_t n, int64_t at_us)
{
	learn_drain(l, at_us);
	splitter_feed(&l->splitter, bytes, n, at_us);
	learn_drain(l, at_us);
}

/* ---- where they come from ----------------------------------------------------------- */

static int learn_recorded(struct learning *l, const char *path, struct err *e)
{
	uint8_t bytes[FRAME_BUFFER];
	struct recorded r;
	int64_t at_us;
	size_t n;

	if (recorded_open(&r, path, e))
		return -1;
	l->wall_us = 0;
	while ((n = recorded_next(&r, bytes, &at_us)) > 0)
		learn_bytes(l, bytes, n < SPLITTER_LUMP ? n : SPLITTER_LUMP, at_us);
	learn_drain(l, INT64_MAX);
	memset(&l->splitter, 0, sizeof(l->splitter));
	recorded_close(&r);
	return 0;
}

/* Is it over? LAST_US: when the last byte came. */
static bool learn_over(const struct learning *l, int64_t last_us)
{
	return time_mono_us() - last_us >= QUIET_US && learn_complete(&l->learn);
}

static int64_t learn_end_us(const struct learning *l)
{
	return l->own->for_s > 0 ? time_mono_us() + (int64_t)(l->own->for_s * 1e6) : INT64_MAX;
}

static int learn_heard(struct learning *l, struct passive *line, int cancel_fd, struct err *e)
{
	int64_t end = learn_end_us(l), last = time_mono_us(), now = last;

	while (now < end && !learn_over(l, last)) {
		uint8_t bytes[SPLITTER_LUMP];
		int64_t due = splitter_due_us(&l->splitter, now), until = due < now + 500000 ? due : now + 500000;
		int n = passive_read(line, bytes, sizeof(bytes), until < end ? until : end, cancel_fd, e);

		if (n < 0)
			return -1;
		now = time_mono_us();
		if (n > 0) {
			last = now;
			learn_bytes(l, bytes, (size_t)n, now);
		}
		learn_drain(l, now);
	}
	return 0;
}

static int learn_tap(struct learning *l, struct err *e)
{
	struct signals signals;
	struct passive line;
	struct target t;
	int rc = -1;

	if (target_parse(l->own->tap, &t, e) || signals_hold(&signals, l->app->cancel_fd, e))
		return -1;
	if (passive_open(&line, &t, l->app->timeout_ms, l->app->wait_s, signals.fd, e) == 0) {
		l->wall_us = time_wall_us() - time_mono_us();
		app_say(l->app, "hearing '%s', nothing is sent: set the values in the maker's tool now (Ctrl-C ends)", l->own->tap);
		rc = learn_heard(l, &line, signals.fd, e);
		passive_close(&line);
		learn_drain(l, INT64_MAX);
	}
	signals_release(&signals);
	return rc;
}

/* What was passed on, from either side. */
static void learn_passed(void *arg, bool from_meter, const uint8_t *bytes, size_t n, int64_t at_us)
{
	struct learning *l = arg;

	(void)from_meter;
	l->last_us = at_us;
	learn_bytes(l, bytes, n, at_us);
}

static int learn_pass(struct learning *l, struct between *b, struct err *e)
{
	int64_t end = learn_end_us(l), now = time_mono_us();

	for (l->last_us = now; now < end && !learn_over(l, l->last_us); now = time_mono_us()) {
		int64_t due = splitter_due_us(&l->splitter, now), until = due < now + 500000 ? due : now + 500000;

		if (between_run(b, until < end ? until : end, learn_passed, l, e))
			return -1;
		learn_drain(l, time_mono_us());
	}
	return 0;
}

static int learn_between(struct learning *l, struct err *e)
{
	struct signals signals;
	struct between *b;
	struct target t;
	int rc = -1;

	if (target_parse(l->own->between, &t, e) || signals_hold(&signals, l->app->cancel_fd, e))
		return -1;
	if (between_open(&b, &t, l->own->serve, signals.fd, e) == 0) {
		l->wall_us = time_wall_us() - time_mono_us();
		app_say(l->app, "connect the maker's tool to %s, then set the values there (Ctrl-C ends)", between_where(b));
		rc = learn_pass(l, b, e);
		between_close(b);
		learn_drain(l, INT64_MAX);
	}
	signals_release(&signals);
	return rc;
}

/* ---- what was found --------------------------------------------------------------------- */

static void learn_draft(const struct learning *l, struct learn_found *found, struct draft *d)
{
	*d = (struct draft){ .base = l->profile, .learn = &l->learn, .found = found };
	for (size_t i = 0; i < l->learn.nwants; i++)
		learn_find(&l->learn, i, &found[i]);
	learn_around(&l->learn, found, &d->around);
	draft_name(l->own->output, d->name, sizeof(d->name));
	time_format(time_wall_us(), "%Y-%m-%d", d->date, sizeof(d->date));
}

static size_t learn_drafted(const struct draft *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->learn->nwants; i++)
		n += d->found[i].state == LEARN_FOUND;
	return n;
}

/* The draft, the rows, and what they come to. ENDED: by a signal, or not. */
static int learn_conclude(struct learning *l, bool interrupted, struct err *e)
{
	struct learn_found found[LEARN_WANTS];
	char path[4096];
	struct draft d;
	size_t n;

	/* a name without a folder is one of the profiles */
	snprintf(path, sizeof(path), "%s%s", strchr(l->own->output, '/') ? "" : "./", l->own->output);
	learn_draft(l, found, &d);
	n = learn_drafted(&d);
	if (n && learn_save(l->app, &d, path, e))
		return -1;
	if (learn_print(l->app, &d, n ? path : "", e))
		return -1;
	if (n)
		app_say(l->app, "draft '%s' has %zu of %zu settings (check it with 'meterctl profile check %s', use it with -p %s)",
			path, n, l->learn.nwants, path, path);
	if (n && draft_any_conflict(&d))
		app_say(l->app, "it does not extend profile '%s', which has other points at these registers (check the model of the meter)",
			l->profile->name);
	if (n && d.around.unlock)
		app_say(l->app, "register 0x%04X is taken for the unlock: it was written before the settings", d.around.unlock->addr);
	if (n && d.around.commit)
		app_say(l->app, "register 0x%04X is taken for the commit: it was written after the settings", d.around.commit->addr);
	if (n && l->own->between && !interrupted) {
		struct err why = { 0 };
		struct target t;

		if (target_parse(l->own->between, &t, &why) || learn_read_back(l->app, &t, &d, path, &why))
			app_say(l->app, "not read back: %s", why.text);
	} else if (n) {
		app_say(l->app, "nothing was sent: what was found is not read back");
	}
	if (n == l->learn.nwants)
		return 0;
	return err_set(e, interrupted ? ERR_INTERRUPTED : ERR_NO, "%zu of %zu values not found%s", l->learn.nwants - n,
		       l->learn.nwants, l->learn.frames ? "" : ": no frame was heard");
}

static int learn_frames(struct learning *l, struct err *e)
{
	for (size_t i = 0; i < l->own->from.n; i++)
		if (learn_recorded(l, l->own->from.list[i], e))
			return -1;
	if (l->own->between)
		return learn_between(l, e);
	return l->own->tap ? learn_tap(l, e) : 0;
}

static int learn_run_all(struct learning *l, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < l->own->values.n && rc == 0; i++)
		rc = learn_value(&l->learn, l->profile, l->own->values.list[i], e);
	if (rc == 0 && l->own->values.n == 0)
		rc = learn_ask(l->app, &l->learn, l->profile, e);
	if (rc)
		return -1;
	rc = learn_frames(l, e);
	if (rc && e->code != ERR_INTERRUPTED)
		return -1;
	err_clear(e);
	return learn_conclude(l, rc != 0, e);
}

static int learn_check_options(const struct app *a, const struct learn_own *own, struct err *e)
{
	if (!own->tap && !own->between && !own->from.n)
		return err_set(e, ERR_USAGE, "no frames to learn from (--tap TARGET, --between TARGET or --from TRACE; see "
			       "meterctl-learn(7))");
	if (own->tap && own->between)
		return err_set(e, ERR_USAGE, "--tap and --between exclude each other");
	if (!own->between != !own->serve)
		return err_set(e, ERR_USAGE, "--between TARGET needs --serve WHERE, and --serve needs --between");
	return outfile_check(own->output, learn_output_how(a), e);
}

static int learn_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct learning *l;
	int rc = -1;

	if (cmd_words(&cmd_learn, argc, 0, 1, e) || learn_check_options(a, a->own, e))
		return -1;
	l = calloc(1, sizeof(*l));
	if (!l || learn_init(&l->learn, e)) {
		free(l);
		return l ? -1 : err_set(e, ERR_NO, "out of memory");
	}
	l->app = a;
	l->own = a->own;
	l->profile = profile_open(argc ? argv[0] : a->profile, e);
	if (l->profile && l->profile->own)
		err_set(e, ERR_USAGE, "a draft extends a built-in profile, '%s' is a file (name one of 'meterctl profile list')",
			argc ? argv[0] : a->profile);
	else if (l->profile)
		rc = learn_run_all(l, e);
	profile_free(l->profile);
	learn_release(&l->learn);
	free(l);
	return rc;
}

const struct cmd cmd_learn = {
	.name = "learn",
	.args = "[PROFILE]",
	.complete = "@profile",
	.help = "find registers that a maker's tool sets, and draft a profile of them",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct learn_own),
	.defaults = learn_defaults,
	.run = learn_run,
};
