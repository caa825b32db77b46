/*
 * uplink.c - does the meter's wireless uplink work: the steps of the proof, the rhythm
 * of its uploads, what was dropped, how the signal was.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "mqtt/dialects/dialect.h"
#include "base/text.h"
#include "ui/draw/chart.h"
#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "upload_support.h"
#include "ui/stage.h"

#define STEP_Y 2
#define RHYTHM_Y 13
#define SIGNAL_Y (RHYTHM_Y + 5)
#define SIGNALS 240	/* uploads whose signal strength is kept */

enum { PROVE = ACTION_SCREEN, FROM_START, COMPARE };

static const struct keyrow keys[] = {
	{ 'n', PROVE, "n", "anew", "begin the proof anew" },
	{ 'f', FROM_START, "f", "from start", "anew, and login and time must be seen: switch the meter on now" },
	{ 'm', COMPARE, "m", "compare", "anew, and values against registers: uplink --with TARGET (a cable)" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct uplink_view {
	double signal[SIGNALS];	/* one an upload, newest last */
	size_t n;
	int64_t last_us;	/* of the reading kept last */
};

static const char *clock_text(int64_t wall_us, char *buf, size_t size)
{
	time_t at = (time_t)(wall_us / 1000000);
	struct tm tm;

	if (wall_us == 0)
		snprintf(buf, size, "--");
	else if (localtime_r(&at, &tm))
		strftime(buf, size, "%H:%M:%S", &tm);
	return buf;
}

static void draw_steps(const struct ui *u, WINDOW *w)
{
	static const struct {
		const char *mark;
		enum role role;
	} shown[UPLINK_STATES] = {
		[UPLINK_WAITING] = { "◌", ROLE_WARN }, [UPLINK_PASSED] = { "●", ROLE_GOOD },
		[UPLINK_FAILED] = { "▲", ROLE_BAD }, [UPLINK_IMPLIED] = { "○", ROLE_NORMAL },
		[UPLINK_NONE] = { "·", ROLE_DIM }, [UPLINK_UNDECIDED] = { "?", ROLE_WARN },
	};
	enum uplink_step last = u->proof.opts.registers ? UPLINK_REGISTERS : UPLINK_SECOND;
	const char *row[2];
	int len[2], n;
	char at[16];

	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		const struct uplink_check *c = &u->proof.steps[s];
		int y = STEP_Y + (int)s;

		if (s == UPLINK_REGISTERS && !u->proof.opts.registers)
			continue;
		ui_text(u, w, y, 1, 1, shown[c->state].role, "%s", shown[c->state].mark);
		ui_text(u, w, y, 3, 12, ROLE_LABEL, "%s", uplink_step_names[s]);
		ui_text(u, w, y, 15, 9, shown[c->state].role, "%s", uplink_state_names[c->state]);
		ui_text(u, w, y, 25, 8, ROLE_DIM, "%s", c->at_us ? clock_text(c->at_us, at, sizeof(at)) : "");
		/* the last has the row below it, too */
		n = draw_wrap(c->what, u->cols - 35, row, len, s == last ? 2 : 1);
		for (int i = 0; i < n; i++)
			ui_text(u, w, y + i, 34, u->cols - 35, ROLE_NORMAL, "%.*s", len[i], row[i]);
	}
}

static void uplink_draw_verdict(const struct ui *u, WINDOW *w)
{
	enum uplink_step step = UPLINK_BROKER;
	enum uplink_state v = uplink_verdict(&u->proof, &step);
	int y = STEP_Y + UPLINK_STEPS + u->proof.opts.registers;

	if (v == UPLINK_PASSED)
		ui_text(u, w, y, 1, u->cols - 2, ROLE_GOOD, "● the uplink works");
	else if (v == UPLINK_FAILED)
		ui_text(u, w, y, 1, u->cols - 2, ROLE_BAD, "▲ it fails at %s", uplink_step_names[step]);
	else
		ui_text(u, w, y, 1, u->cols - 2, ROLE_WARN, "◌ waiting for %s%s", uplink_step_names[step],
			u->proof.opts.from_start && !u->proof.login_us ? ": switch the meter on now" : "");
}

static void uplink_draw_head(const struct ui *u, WINDOW *w)
{
	const struct link_uplink *up = &u->uplink;
	const struct dialect *d = dialect_find(up->dialect);

	ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "%s%s%s", up->sn, *up->model ? "  " : "", up->model);
	ui_text(u, w, 0, 26, u->cols - 27, d ? ROLE_NORMAL : ROLE_DIM, "dialect %s%s%s",
		d ? d->name : "not known yet", d ? ", " : "",
		!d ? "" : d->from == FROM_MANUAL ? "documented in part" : d->from == FROM_PUBLIC
		? "from public sources" : "our own reading");
}

static void draw_count(const struct ui *u, WINDOW *w, int y, int x, const char *label,
		       unsigned long n, bool bad)
{
	ui_text(u, w, y, x, 13, ROLE_LABEL, "%s", label);
	ui_right(u, w, y, x + 13, 6, bad && n ? ROLE_WARN : ROLE_NORMAL, "%lu", n);
}

/* What is below the counts: from the third row on. */
static void uplink_draw_dropped(const struct ui *u, WINDOW *w)
{
	char all[1200], text[sizeof(all) + 16];
	int room = getmaxy(w) - SIGNAL_Y - 1;

	/* two rows above the signal, or all that are below it */
	snprintf(text, sizeof(text), "dropped: %s", reasons_text(&u->uplink.drops, all, sizeof(all)));
	ui_wrap(u, w, room > 2 ? SIGNAL_Y + 2 : RHYTHM_Y + 3, 1, u->cols - 2, room > 2 ? room - 1 : 2, ROLE_WARN, text);
}

static void uplink_draw_rhythm(const struct ui *u, WINDOW *w)
{
	const struct rhythm *r = &u->uplink.rhythm;
	double seen = rhythm_seen_s(r);
	char at[16];

	ui_text(u, w, RHYTHM_Y, 1, 8, ROLE_LABEL, "Uploads");
	ui_text(u, w, RHYTHM_Y, 10, 60, ROLE_NORMAL, "last %s", clock_text(r->last_wall_us, at, sizeof(at)));
	if (r->last_us)
		ui_text(u, w, RHYTHM_Y, 24, 16, ROLE_NORMAL, "%d s ago", (int)((u->now_us - r->last_us) / 1000000));
	ui_text(u, w, RHYTHM_Y, 41, 9, ROLE_LABEL, "interval");
	if (seen > 0)
		ui_text(u, w, RHYTHM_Y, 50, 14, ROLE_NORMAL, "seen %.0f s", seen);
	else
		ui_text(u, w, RHYTHM_Y, 50, 14, ROLE_DIM, "seen --");
	ui_text(u, w, RHYTHM_Y, 65, 14, r->set_s ? ROLE_NORMAL : ROLE_DIM, r->set_s ? "set %d s" : "set --", r->set_s);
	draw_count(u, w, RHYTHM_Y + 1, 1, "came", r->uploads, false);
	draw_count(u, w, RHYTHM_Y + 1, 24, "missed", r->missed, true);
	draw_count(u, w, RHYTHM_Y + 1, 47, "again", r->duplicates, true);
	draw_count(u, w, RHYTHM_Y + 2, 1, "out of order", r->old, true);
	draw_count(u, w, RHYTHM_Y + 2, 24, "kept before", r->retained, true);
	draw_count(u, w, RHYTHM_Y + 2, 47, "dropped", u->uplink.drops.total, true);
	if (u->uplink.drops.total)
		uplink_draw_dropped(u, w);
	else if (!isnan(u->proof.delay_s) && fabs(u->proof.delay_s) > 5)
		ui_text(u, w, RHYTHM_Y + 3, 1, u->cols - 2, ROLE_WARN,
			"the last came %.0f s after the time it bears: %s", u->proof.delay_s,
			*time_summer(u->proof.delay_s) ? time_summer(u->proof.delay_s)
			: "late, or the meter's clock is off");
}

/* The range that the strengths of V are drawn in. */
static void signal_range(const struct uplink_view *v, const char *unit, double *lo, double *hi)
{
	*lo = -113;	/* dBm, of no use to well received */
	*hi = -51;
	if (strcmp(unit, "dBm") == 0)
		return;
	*lo = 0;
	*hi = 100;
	if (strcmp(unit, "percent") == 0 || strcmp(unit, "%") == 0)
		return;
	/* of whatever it may be: as it was */
	*lo = *hi = v->signal[0];
	for (size_t i = 1; i < v->n; i++) {
		*lo = fmin(*lo, v->signal[i]);
		*hi = fmax(*hi, v->signal[i]);
	}
	*lo -= 1;
	*hi += 1;
}

/* What the meter says of its signal in another measure than the register has; NULL: nothing. */
static const struct ui_said *other_measure(const struct ui *u)
{
	const struct reading *r = ui_reading(u, "signal.strength", NULL);

	return r && r->quality != QUALITY_NEVER ? NULL : support_said(u, "rssi");
}

static void uplink_draw_signal(const struct ui *u, WINDOW *w, const struct uplink_view *v)
{
	const struct ui_said *said = other_measure(u);
	const struct point *p = NULL;
	const struct reading *r = ui_reading(u, "signal.strength", &p);
	const char *unit = said ? said->item->unit : p ? draw_reading_unit(p, r) : "";
	int y = SIGNAL_Y, x = 21;
	char age[32], text[80];
	double lo, hi;

	if (!r && !said)
		return;
	ui_text(u, w, y, 1, 8, ROLE_LABEL, "Signal");
	if (said) {
		snprintf(text, sizeof(text), "%s, said %s ago", *unit ? unit : "of a unit not stated",
			 draw_age(u, said->mono_us, age, sizeof(age)));
		ui_right(u, w, y, 8, 7, ROLE_NORMAL, "%s", said->text);
		ui_text(u, w, y, 16, u->cols - 17, ROLE_DIM, "%s", text);
		x = 54;
	} else {
		ui_value(u, w, y, 8, 7, "signal.strength");
		if (r->quality != QUALITY_NEVER)
			ui_text(u, w, y, 16, 4, ROLE_DIM, "%s", unit);
	}
	if (!v || v->n == 0)
		return;
	signal_range(v, unit, &lo, &hi);
	chart_spark(w, y, x, u->cols - x - 2, v->signal, v->n, lo, hi, u->ascii);
}

static void uplink_draw(struct ui *u, void *state, WINDOW *w)
{
	if (!ui_pushes(u)) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_NORMAL,
			"this meter is asked, it does not upload: connect to mqtt://HOST/SN");
		return;
	}
	uplink_draw_head(u, w);
	draw_steps(u, w);
	uplink_draw_verdict(u, w);
	uplink_draw_rhythm(u, w);
	uplink_draw_signal(u, w, state);
}

/* One value an upload, also of the same strength. */
static void uplink_keep(struct uplink_view *v, double strength, int64_t mono_us)
{
	if (mono_us == v->last_us)
		return;
	v->last_us = mono_us;
	if (v->n == SIGNALS)
		memmove(v->signal, v->signal + 1, --v->n * sizeof(*v->signal));
	v->signal[v->n++] = strength;
}

static void uplink_update(struct ui *u, void *state)
{
	const struct reading *r = ui_reading(u, "signal.strength", NULL);
	const struct ui_said *said = other_measure(u);
	double strength;

	if (!state)
		return;
	if (said && text_double(said->text, &strength))
		uplink_keep(state, strength, said->mono_us);
	else if (!said && r && r->quality == QUALITY_OK && r->value.kind == VALUE_NUMBER)
		uplink_keep(state, r->value.num, r->mono_us);
}

/* What of the uploads is not as it should be while they come: missed, late, a clock that is off. */
static bool uplink_worst(struct ui *u, void *state, struct screen_worst *out)
{
	const struct rhythm *r = &u->uplink.rhythm;
	double each = rhythm_expected_s(r);
	char clock[80], age[32];
	size_t at = 0;

	(void)state;
	if (!ui_pushes(u) || ui_is_fleet(u))
		return false;
	out->role = ROLE_WARN;
	text_append(out->text, sizeof(out->text), &at, "%s", moment_text(&r->moment, MOMENT_TOLERANCE_S, clock, sizeof(clock)));
	if (r->missed)
		text_append(out->text, sizeof(out->text), &at, "%s%lu of %lu uploads missed", at ? "; " : "", r->missed,
			    r->missed + r->uploads);
	if (each > 0 && r->last_us && (double)(u->now_us - r->last_us) / 1e6 > each * 1.25 + 2)
		text_append(out->text, sizeof(out->text), &at, "%slast upload %s ago", at ? "; " : "",
			    draw_age(u, r->last_us, age, sizeof(age)));
	return at > 0;
}

static void uplink_points(struct ui *u, void *state, struct selection *sel)
{
	(void)state;
	if (ui_pushes(u))
		ui_want(u, sel, "signal.strength");
}

/* Anew, with what was said before. */
static void screens_uplink_prove(struct ui *u, bool from_start)
{
	const struct uplink_options o = {
		.from_start = from_start, .interval_s = u->proof.opts.interval_s,
		.registers = u->proof.opts.registers,
	};
	struct err e = { 0 };

	if (u->loop->hooks.prove && u->loop->hooks.prove(u, &o, o.registers ? &u->with : NULL, &e))
		ui_say(u, "%s", e.text);
	else
		ui_say(u, from_start ? "switch the meter on now: its login and its question for the time must be seen"
		       : "the proof has begun anew");
}

static bool uplink_key(struct ui *u, void *state, int key)
{
	int action = keys_action(keys, NKEYS, key);

	(void)state;
	if (action == ACTION_NONE || !ui_pushes(u) || ui_is_fleet(u))
		return false;
	if (action == COMPARE)
		stage_prompt.open(u, "uplink --with ");
	else
		screens_uplink_prove(u, action == FROM_START);
	return true;
}

static void *uplink_open(struct ui *u)
{
	(void)u;
	return calloc(1, sizeof(struct uplink_view));
}

const struct screen_ops screen_uplink = {
	.open = uplink_open,
	.close = free,
	.points = uplink_points,
	.draw = uplink_draw,
	.key_press = uplink_key,
	.update = uplink_update,
	.worst = uplink_worst,
	.keys = keys,
	.nkeys = NKEYS,
};
