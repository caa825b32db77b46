#include "learning.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "learn.h"
#include "modbus/between.h"
#include "modbus/passive.h"
#include "modbus/recorded.h"
#include "signals.h"

#define QUIET_US 3000000	/* the tool has ended what it does */

/* ---- frames ------------------------------------------------------------------------------- */

static void learning_drain(struct learning *l, int64_t now_us)
{
	struct cut c;
	bool any = false;

	for (; splitter_next(&l->splitter, now_us, &c); any = true)
		l->ops->cut(l->arg, &c, learn_take(&l->learn, &c));
	l->ops->turn(l->arg, any);
}

static void learning_bytes(struct learning *l, const uint8_t *bytes, size_t n, int64_t at_us)
{
	learning_drain(l, at_us);
	splitter_feed(&l->splitter, bytes, n, at_us);
	learning_drain(l, at_us);
}

/* ---- where they come from ----------------------------------------------------------- */

static int learning_recorded(struct learning *l, const char *path, struct err *e)
{
	uint8_t bytes[FRAME_BUFFER];
	struct recorded r;
	int64_t at_us;
	size_t n;

	if (recorded_open(&r, path, e))
		return -1;
	l->wall_us = 0;
	while ((n = recorded_next(&r, bytes, &at_us)) > 0)
		learning_bytes(l, bytes, n < SPLITTER_LUMP ? n : SPLITTER_LUMP, at_us);
	learning_drain(l, INT64_MAX);
	memset(&l->splitter, 0, sizeof(l->splitter));
	recorded_close(&r);
	return 0;
}

/* Is it over? LAST_US: when the last byte came. */
static bool learning_over(const struct learning *l, int64_t last_us)
{
	return time_mono_us() - last_us >= QUIET_US && learn_complete(&l->learn);
}

static int64_t learning_end_us(const struct learning *l)
{
	return l->own->for_s > 0 ? time_mono_us() + (int64_t)(l->own->for_s * 1e6) : INT64_MAX;
}

static int learning_heard(struct learning *l, struct passive *line, int cancel_fd, struct err *e)
{
	int64_t end = learning_end_us(l), last = time_mono_us(), now = last;

	while (now < end && !learning_over(l, last)) {
		uint8_t bytes[SPLITTER_LUMP];
		int64_t due = splitter_due_us(&l->splitter, now), until = due < now + 500000 ? due : now + 500000;
		int n = passive_read(line, bytes, sizeof(bytes), until < end ? until : end, cancel_fd, e);

		if (n < 0)
			return -1;
		now = time_mono_us();
		if (n > 0) {
			last = now;
			learning_bytes(l, bytes, (size_t)n, now);
		}
		learning_drain(l, now);
	}
	return 0;
}

static int learning_tap(struct learning *l, struct err *e)
{
	struct signals signals;
	struct passive line;
	struct target t;
	int rc = -1;

	if (target_parse(l->own->tap, &t, e) || signals_hold(&signals, l->app->cancel_fd, e))
		return -1;
	if (passive_open(&line, &t, l->app->timeout_ms, l->app->wait_s, signals.fd, e) == 0) {
		l->wall_us = time_wall_us() - time_mono_us();
		l->ops->open(l->arg, NULL);
		rc = learning_heard(l, &line, signals.fd, e);
		passive_close(&line);
		learning_drain(l, INT64_MAX);
	}
	signals_release(&signals);
	return rc;
}

/* What was passed on, from either side. */
static void learning_passed(void *arg, bool from_meter, const uint8_t *bytes, size_t n, int64_t at_us)
{
	struct learning *l = arg;

	(void)from_meter;
	l->last_us = at_us;
	learning_bytes(l, bytes, n, at_us);
}

static int learning_pass(struct learning *l, struct between *b, struct err *e)
{
	int64_t end = learning_end_us(l), now = time_mono_us();

	for (l->last_us = now; now < end && !learning_over(l, l->last_us); now = time_mono_us()) {
		int64_t due = splitter_due_us(&l->splitter, now), until = due < now + 500000 ? due : now + 500000;

		if (between_run(b, until < end ? until : end, learning_passed, l, e))
			return -1;
		learning_drain(l, time_mono_us());
	}
	return 0;
}

static int learning_between(struct learning *l, struct err *e)
{
	struct signals signals;
	struct between *b;
	struct target t;
	int rc = -1;

	if (target_parse(l->own->between, &t, e) || signals_hold(&signals, l->app->cancel_fd, e))
		return -1;
	if (between_open(&b, &t, l->own->serve, signals.fd, e) == 0) {
		l->wall_us = time_wall_us() - time_mono_us();
		l->ops->open(l->arg, between_where(b));
		rc = learning_pass(l, b, e);
		between_close(b);
		learning_drain(l, INT64_MAX);
	}
	signals_release(&signals);
	return rc;
}

int learning_frames(struct learning *l, struct err *e)
{
	for (size_t i = 0; i < l->own->from.n; i++)
		if (learning_recorded(l, l->own->from.list[i], e))
			return -1;
	if (l->own->between)
		return learning_between(l, e);
	return l->own->tap ? learning_tap(l, e) : 0;
}

/* ---- what was found --------------------------------------------------------------------- */

/* A name without a folder is one of the profiles. */
static void learning_path(const char *output, char *path, size_t size)
{
	snprintf(path, size, "%s%s", strchr(output, '/') ? "" : "./", output);
}

int learning_draft(const struct learning *l, struct learning_result *r, struct err *e)
{
	struct draft *d = &r->draft;

	memset(r, 0, sizeof(*r));
	*d = (struct draft){ .base = l->profile, .learn = &l->learn, .found = r->found };
	for (size_t i = 0; i < l->learn.nwants; i++) {
		learn_find(&l->learn, i, &r->found[i]);
		r->n += r->found[i].state == LEARN_FOUND;
	}
	learn_around(&l->learn, r->found, &d->around);
	draft_name(l->own->output, d->name, sizeof(d->name));
	time_format(time_wall_us(), "%Y-%m-%d", d->date, sizeof(d->date));
	if (r->n == 0)
		return 0;
	learning_path(l->own->output, r->path, sizeof(r->path));
	return learn_save(l->app, d, r->path, e);
}

static void learning_say_draft(const struct learning *l, const struct learning_result *r)
{
	const struct learn_around *around = &r->draft.around;

	app_say(l->app, "draft '%s' has %zu of %zu settings (check it with 'meterctl profile check %s', use it with -p %s)",
		r->path, r->n, l->learn.nwants, r->path, r->path);
	if (draft_any_conflict(&r->draft))
		app_say(l->app, "it does not extend profile '%s', which has other points at these registers (check the model of the meter)",
			l->profile->name);
	if (around->unlock)
		app_say(l->app, "register 0x%04X is taken for the unlock: it was written before the settings", around->unlock->addr);
	if (around->commit)
		app_say(l->app, "register 0x%04X is taken for the commit: it was written after the settings", around->commit->addr);
}

static void learning_read_back(const struct learning *l, const struct learning_result *r)
{
	struct err why = { 0 };
	struct target t;

	if (target_parse(l->own->between, &t, &why) || learn_read_back(l->app, &t, &r->draft, r->path, &why))
		app_say(l->app, "not read back: %s", why.text);
}

int learning_conclude(const struct learning *l, const struct learning_result *r, bool interrupted, struct err *e)
{
	if (r->n) {
		learning_say_draft(l, r);
		if (l->own->between && !interrupted)
			learning_read_back(l, r);
		else
			app_say(l->app, "nothing was sent: what was found is not read back");
	}
	if (r->n == l->learn.nwants)
		return 0;
	return err_set(e, interrupted ? ERR_INTERRUPTED : ERR_NO, "%zu of %zu values not found%s", l->learn.nwants - r->n,
		       l->learn.nwants, l->learn.frames ? "" : ": no frame was heard");
}

/* ---- begin and end ------------------------------------------------------------------------ */

static int learning_check_options(const struct app *a, const struct learn_own *own, struct err *e)
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

/* What is built in, of which a draft is made; NULL and E. */
static const struct profile *learning_profile(const char *name, struct err *e)
{
	const struct profile *p = profile_open(name, e);

	if (!p || !p->own)
		return p;
	profile_free(p);
	err_set(e, ERR_USAGE, "a draft extends a built-in profile, '%s' is a file (name one of 'meterctl profile list')", name);
	return NULL;
}

struct learning *learning_new(const struct app *a, const struct learn_own *own, const char *profile, struct err *e)
{
	struct learning *l;
	int rc;

	if (learning_check_options(a, own, e))
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l || learn_init(&l->learn, e)) {
		if (!l)
			err_set(e, ERR_NO, "out of memory");
		free(l);
		return NULL;
	}
	l->app = a;
	l->own = own;
	l->profile = learning_profile(profile, e);
	rc = l->profile ? 0 : -1;
	for (size_t i = 0; i < own->values.n && rc == 0; i++)
		rc = learn_value(a, &l->learn, l->profile, own->values.list[i], e);
	if (rc == 0)
		return l;
	learning_free(l);
	return NULL;
}

void learning_free(struct learning *l)
{
	if (!l)
		return;
	profile_free(l->profile);
	learn_release(&l->learn);
	free(l);
}
