/*
 * scan_choose.c - which lines are searched, and what is tried on them first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scan.h"
#include "target/config.h"
#include "target/ports.h"

#define LINES_MOST 1024
#define FEW_UNITS 10		/* tried everywhere */
#define NETWORK_WAIT_MS 1000	/* a gateway asks its own line meanwhile */
#define LIKELY_FRAMES 2		/* of frame_names, the first */

/* Speeds and formats by how often meters have them. */
static const char *const usual_bauds[NBAUDS] = { "9600", "19200", "4800", "2400", "1200", "38400", "115200", "57600" };
static const char *const usual_frames[] = { "8N1", "8E1", "8O1" };

/* ---- profiles --------------------------------------------------------------------------- */

struct scan_opening {
	const struct app *app;
	struct scan_profiles *to;
};

static void scan_profiles_add(const struct scan_opening *o, const struct profile *p)
{
	const struct profile **more = p ? realloc(o->to->list, (o->to->n + 1) * sizeof(*more)) : NULL;

	if (more) {
		o->to->list = more;
		more[o->to->n++] = p;
	} else {
		profile_free(p);
	}
}

static void scan_profiles_own(const char *name, void *arg)
{
	const struct scan_opening *o = arg;
	struct err why = { 0 };
	const struct profile *p = profile_open(name, &why);

	if (!p)
		app_complain(o->app, &why);
	scan_profiles_add(o, p);
}

int scan_profiles_open(const struct app *a, struct scan_profiles *p, struct err *e)
{
	struct scan_opening o = { a, p };
	const struct profile *built_in;

	*p = (struct scan_profiles){ 0 };
	if (profile_is_file(a->profile)) {
		built_in = profile_open(a->profile, e);
		if (!built_in)
			return -1;
		scan_profiles_add(&o, built_in);
	}
	profile_each_own(scan_profiles_own, &o);
	for (size_t i = 0; (built_in = profile_builtin(i)); i++)
		if (!profile_is_own(built_in->name))
			scan_profiles_add(&o, built_in);
	return 0;
}

void scan_profiles_close(struct scan_profiles *p)
{
	for (size_t i = 0; i < p->n; i++)
		profile_free(p->list[i]);
	free(p->list);
	*p = (struct scan_profiles){ 0 };
}

/* ---- settings ------------------------------------------------------------------------------ */

static struct sweep_setting scan_setting(const char *baud, const char *frame)
{
	return (struct sweep_setting){ target_rate(baud), frame[1], frame[2] - '0' };
}

static bool scan_names_frame(const struct scan_profiles *p, const char *frame)
{
	for (size_t i = 0; i < p->n; i++)
		for (unsigned k = 0; k < p->list[i]->line_frame.n; k++)
			if (strcmp(frame_names[p->list[i]->line_frame.v[k]], frame) == 0)
				return true;
	return false;
}

/* Is NAME of NAMES among those that are wanted (none: as USUAL says)? */
static bool scan_wants(const bool *list, const char *const *names, size_t n, const char *name, bool usual)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		any = any || list[i];
		if (list[i] && strcmp(names[i], name) == 0)
			return true;
	}
	return !any && usual;
}

static bool scan_usual_frame(const struct scan_profiles *p, const char *frame)
{
	for (size_t i = 0; i < sizeof(usual_frames) / sizeof(*usual_frames); i++)
		if (strcmp(usual_frames[i], frame) == 0)
			return true;
	return scan_names_frame(p, frame);
}

static void scan_add_settings(struct sweep *s, const struct scan_own *own, const struct scan_profiles *p)
{
	/* 8N1 and 8E1 of every speed come before the formats that are rare */
	for (size_t i = 0; i < 2 * NBAUDS; i++)
		for (size_t f = i < NBAUDS ? 0 : LIKELY_FRAMES; f < (i < NBAUDS ? LIKELY_FRAMES : NFRAMES); f++) {
			const char *baud = usual_bauds[i % NBAUDS];
			struct sweep_setting setting = scan_setting(baud, frame_names[f]);

			if (scan_wants(own->baud, baud_names, NBAUDS, baud, true)
			    && scan_wants(own->frame, frame_names, NFRAMES, frame_names[f], scan_usual_frame(p, frame_names[f])))
				sweep_add(s, &setting);
		}
}

/* ---- what is likely ---------------------------------------------------------------------------- */

static void scan_add_target(struct sweep *s, const char *text)
{
	struct target t;
	struct err ignored;

	if (target_parse(text, &t, &ignored) == 0 && target_is_serial(&t)) {
		struct sweep_setting setting = { t.baud, t.parity, t.stop };

		sweep_add_likely(s, &setting, (uint8_t)t.unit);
	}
}

static void scan_add_saved(struct sweep *s)
{
	struct config c;
	struct recent r;
	struct err ignored;

	if (config_load(&c, &ignored) == 0)
		for (size_t i = 0; i < c.nconnections; i++)
			scan_add_target(s, c.connections[i].target);
	config_release(&c);
	recent_load(&r);
	for (size_t i = 0; i < r.n; i++)
		scan_add_target(s, r.target[i]);
}

static void scan_add_factory(struct sweep *s, const struct profile *p)
{
	for (unsigned b = 0; b < p->line_baud.n; b++)
		for (unsigned f = 0; f < p->line_frame.n; f++) {
			struct sweep_setting setting = scan_setting(baud_names[p->line_baud.v[b]],
								    frame_names[p->line_frame.v[f]]);

			for (unsigned u = 0; u < p->line_unit.n; u++)
				sweep_add_likely(s, &setting, p->line_unit.v[u]);
		}
}

static void scan_add_likely(struct sweep *s, const struct scan_profiles *p)
{
	static const char *const frames[] = { "8N1", "8E1" };

	scan_add_saved(s);
	for (size_t i = 0; i < p->n; i++)
		scan_add_factory(s, p->list[i]);
	for (size_t unit = 1; unit <= 1; unit--)	/* the first address, then everybody */
		for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
			struct sweep_setting setting = scan_setting("9600", frames[i]);

			sweep_add_likely(s, &setting, (uint8_t)unit);
		}
}

/* ---- one line ------------------------------------------------------------------------------------ */

static int64_t scan_patience_us(const struct app *a, const struct scan_profiles *p, const struct target *t)
{
	int64_t ms = target_is_network(t) ? NETWORK_WAIT_MS : 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->list[i]->line_answer_ms > ms)
			ms = p->list[i]->line_answer_ms;
	return (a->timeout_ms > ms ? a->timeout_ms : ms) * 1000;
}

static void scan_make_sweep(const struct app *a, const struct scan_own *own, const struct scan_profiles *p,
			    struct finder_line *l)
{
	struct sweep_setting none = { 0 };
	bool units[SWEEP_UNITS] = { false }, rest[SWEEP_UNITS] = { false };
	bool serial = target_is_serial(&l->target);

	for (int u = 1; u <= UNIT_MAX; u++)
		*(own->full || u <= FEW_UNITS ? &units[u] : &rest[u]) = true;
	units[0] = serial;
	sweep_init(&l->sweep, own->units.given ? own->units.list : units, own->units.given ? NULL : rest,
		   scan_patience_us(a, p, &l->target));
	l->sweep.full = own->full;
	l->sweep.network = !serial;
	if (!serial) {
		sweep_add(&l->sweep, &none);
		sweep_add_likely(&l->sweep, &none, 255);
		return;
	}
	scan_add_settings(&l->sweep, own, p);
	/* the target itself may say how */
	scan_add_target(&l->sweep, l->target.text);
	scan_add_likely(&l->sweep, p);
}

/* ---- all of them ------------------------------------------------------------------------------------ */

struct scan_list {
	struct finder_line *lines;
	size_t n;
};

static int scan_add_line(struct scan_list *list, const struct target *t, struct err *e)
{
	struct finder_line *more;

	for (size_t i = 0; i < list->n; i++)
		if (target_is_serial(t) ? strcmp(list->lines[i].target.path, t->path) == 0 && *t->path
					: strcmp(list->lines[i].target.text, t->text) == 0)
			return err_set(e, ERR_USAGE, "'%s' is given twice", target_is_serial(t) ? t->path : t->text);
	if (list->n == LINES_MOST)
		return err_set(e, ERR_USAGE, "more than %d lines", LINES_MOST);
	more = realloc(list->lines, (list->n + 1) * sizeof(*more));
	if (!more)
		return err_set(e, ERR_NO, "out of memory");
	list->lines = more;
	memset(&more[list->n], 0, sizeof(*more));
	more[list->n++].target = *t;
	return 0;
}

static int scan_add_text(struct scan_list *list, const char *text, struct err *e)
{
	struct target t;

	if (target_parse(text, &t, e))
		return -1;
	if (target_is_broker(&t))
		return err_set(e, ERR_USAGE, "'%s' is a broker: scan it alone", t.text);
	if (target_is_simulated(&t))
		return err_set(e, ERR_USAGE, "cannot scan '%s': a simulated meter has no line of its own ('simulate --pty PATH' gives it one)",
			       t.text);
	return scan_add_line(list, &t, e);
}

/* "tcp:192.0.2.1-20:502": hosts 192.0.2.1 to 192.0.2.20. 1: it is that, and added; 0: it is none. */
static int scan_add_range(struct scan_list *list, const char *word, struct err *e)
{
	int a, b, c, first, last, begin = 0, rest = 0;
	char text[TARGET_TEXT];

	if (sscanf(word, "%*[a-z]:%n%d.%d.%d.%d-%d%n", &begin, &a, &b, &c, &first, &last, &rest) != 5 || !rest)
		return 0;
	if (a < 0 || a > 255 || b < 0 || b > 255 || c < 0 || c > 255 || first < 0 || last > 255 || last < first)
		return err_set(e, ERR_USAGE, "'%s' is not a range of addresses (tcp:192.0.2.1-20)", word);
	for (int i = first; i <= last; i++) {
		if (snprintf(text, sizeof(text), "%.*s%d.%d.%d.%d%s", begin, word, a, b, c, i, word + rest) >= (int)sizeof(text))
			return err_set(e, ERR_USAGE, "'%s' is too long", word);
		if (scan_add_text(list, text, e))
			return -1;
		list->lines[list->n - 1].of_range = true;
	}
	return 1;
}

static int scan_add_word(struct scan_list *list, const char *word, struct err *e)
{
	char text[TARGET_TEXT];
	int rc = scan_add_range(list, word, e);

	if (rc)
		return rc < 0 ? -1 : 0;
	snprintf(text, sizeof(text), "%s%s", *word == '/' ? "rtu:" : "", word);
	return scan_add_text(list, text, e);
}

static int scan_add_ports(const struct app *a, struct scan_list *list, struct err *e)
{
	struct found_port *ports;
	char text[160];
	size_t n;
	int rc = ports_list(&ports, &n, e);

	for (size_t i = 0; !rc && i < n; i++) {
		snprintf(text, sizeof(text), "rtu:%s", ports[i].path);
		if (ports[i].allowed)
			rc = scan_add_text(list, text, e);
		else
			app_say(a, "'%s' left out: permission denied", ports[i].path);
	}
	free(ports);
	if (!rc && list->n == 0)
		return err_set(e, ERR_SILENT, "no serial port found (plug in the adapter, or name a port or target)");
	return rc;
}

int scan_choose(const struct app *a, const struct scan_own *own, const struct scan_profiles *p, char **words, int nwords,
		struct finder_line **lines, size_t *n, struct err *e)
{
	struct scan_list list = { 0 };
	int rc = 0;

	for (int i = 0; i < nwords && !rc; i++)
		rc = scan_add_word(&list, words[i], e);
	if (!rc && nwords == 0)
		rc = a->connect ? scan_add_word(&list, a->connect, e) : scan_add_ports(a, &list, e);
	for (size_t i = 0; i < list.n && !rc; i++)
		scan_make_sweep(a, own, p, &list.lines[i]);
	if (rc) {
		free(list.lines);
		return -1;
	}
	*lines = list.lines;
	*n = list.n;
	return 0;
}
