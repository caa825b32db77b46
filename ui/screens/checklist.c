#include "checklist.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "checklist/kinds.h"
#include "profile/ratio.h"
#include "ui/keys.h"
#include "ui/question.h"
#include "report.h"
#include "settings.h"
#include "ui/stage.h"

#define FRESH_US 2000000LL	/* computed again so often; */
#define LOST_US 20000000LL	/* also when what was asked for has not come back until then */

enum { CHECKS_GO = ACTION_SCREEN, CHECKS_SAY };

static const struct keyrow keys[] = {
	{ '\r', CHECKS_GO, "Enter", "go", "to the screen that decides this item" },
	{ '\n', CHECKS_GO, NULL, NULL, NULL },
	{ KEY_ENTER, CHECKS_GO, NULL, NULL, NULL },
	{ 'e', CHECKS_SAY, "e", "enter", "enter what no reading tells: nameplates, clamp values, remarks, photo files" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* ---- what a person says ---------------------------------------------------------------- */

static const struct checks_ask checks_asks[] = {
	{ CHECKLIST_RATIOS, "CT", "Ratio on the nameplate of the CTs, primary/secondary: 200/5", ASK_CT, 0 },
	{ CHECKLIST_RATIOS, "PT", "Ratio on the nameplate of the PTs: 10kV/100V. Leave empty without PTs", ASK_PT, 0 },
	{ CHECKLIST_CLAMP, "A", "Current of phase A by a clamp meter, primary side, in A", ASK_CLAMP, 0 },
	{ CHECKLIST_CLAMP, "B", "Current of phase B by a clamp meter, primary side, in A", ASK_CLAMP + 1, 0 },
	{ CHECKLIST_CLAMP, "C", "Current of phase C by a clamp meter, primary side, in A", ASK_CLAMP + 2, 0 },
	{ CHECKLIST_REPORT, "site", "Name of the site, for the report", -1, 0 },
	{ CHECKLIST_REPORT, "technician", "Name of the technician, for the report", -1, 1 },
	{ CHECKLIST_REPORT, "remark", "Remark, for the report", -1, 2 },
	{ CHECKLIST_REPORT, "photos", "File names of the photos, for the report", -1, 3 },
};
#define ASKED (sizeof(checks_asks) / sizeof(*checks_asks))

const struct checks_ask *checks_first(enum checklist_id id)
{
	for (size_t i = 0; i < ASKED; i++)
		if (checks_asks[i].id == id)
			return &checks_asks[i];
	return NULL;
}

static void checks_ask(struct ui *u, struct checks *s, const struct checks_ask *ask)
{
	s->ask = ask;
	if (ask)
		field_set(&s->field, ask->coach >= 0 ? coach_typed(u, ask->coach) : s->said[ask->said]);
}

/* What has been typed is taken, and the next thing of this line is asked. */
static void checks_answer(struct ui *u, struct checks *s)
{
	const struct checks_ask *ask = s->ask, *next = ask + 1;
	struct err e;

	if (ask->coach < 0)
		memcpy(s->said[ask->said], s->field.text, sizeof(s->field.text));
	else if (coach_type(u, ask->coach, s->field.text, &e)) {
		ui_say(u, "%s", e.text);
		return;
	}
	checks_ask(u, s, next < checks_asks + ASKED && next->id == ask->id ? next : NULL);
}

static void checks_field_key(struct ui *u, struct checks *s, int key)
{
	if (key == 27)
		s->ask = NULL;
	else if (key == '\r' || key == '\n' || key == KEY_ENTER)
		checks_answer(u, s);
	else
		field_key(&s->field, key);
}

void checklist_head(struct ui *u, struct job_head *h)
{
	const struct checks *s = stage_state(u, &screen_checklist);
	size_t at = 0;

	if (!s)
		return;
	if (!*h->site)
		snprintf(h->site, sizeof(h->site), "%s", s->said[0]);
	if (!*h->technician)
		snprintf(h->technician, sizeof(h->technician), "%s", s->said[1]);
	if (*h->note)
		return;
	text_append(h->note, sizeof(h->note), &at, "%s", s->said[2]);
	if (*s->said[3])
		text_append(h->note, sizeof(h->note), &at, "%sphotos: %s", at ? "; " : "", s->said[3]);
}

/* ---- computing -------------------------------------------------------------------------- */

bool checks_reading(const struct ui *u)
{
	const struct job *w = &u->checklist;

	for (size_t i = 0; !ui_pushes(u) && i < w->nwant; i++)
		if (u->readings[w->want[i]].quality == QUALITY_NEVER)
			return true;
	return w->kind == JOB_NONE;
}

/* What was typed on Ratio, as far as it is something. */
static void checks_entries(struct ui *u, struct coach_entries *e)
{
	struct err none;
	double ratio;

	coach_entries(u, e);
	if (*e->ct && ratio_parse(e->ct, &ratio, &none))
		memset(e->ct, 0, sizeof(e->ct));
	if (*e->pt && ratio_parse(e->pt, &ratio, &none))
		memset(e->pt, 0, sizeof(e->pt));
}

/* A proof of the uplink that has ended and is not kept. */
static bool checks_proven(const struct ui *u, const struct checks *s)
{
	return ui_pushes(u) && uplink_verdict(&u->proof, NULL) != UPLINK_WAITING
	       && u->proof.steps[UPLINK_BROKER].at_us != s->proven_us;
}

/* Is there anything new to keep as a proof? Not while it is being typed. */
static bool checks_unkept(struct ui *u, const struct checks *s)
{
	struct coach_entries now;

	if (stage_shown(u)->ops == &screen_coach || s->ask)
		return false;
	checks_entries(u, &now);
	return memcmp(&now, &s->kept, sizeof(now)) != 0 || checks_proven(u, s);
}

/* Into W, what is new: the proofs of what was said before are in the journal. */
static void checks_keep(struct ui *u, struct checks *s, struct job *w)
{
	struct job_report *r = &w->report;
	struct coach_entries now;

	checks_entries(u, &now);
	if (strcmp(now.ct, s->kept.ct) != 0)
		memcpy(r->nameplate_ct, now.ct, sizeof(now.ct));
	if (strcmp(now.pt, s->kept.pt) != 0)
		memcpy(r->nameplate_pt, now.pt, sizeof(now.pt));
	if (memcmp(now.clamp, s->kept.clamp, sizeof(now.clamp)) != 0)
		memcpy(r->doctor.clamp, now.clamp, sizeof(now.clamp));
	r->proven = checks_proven(u, s);
	if (r->proven) {
		r->proof = u->proof;
		s->proven_us = u->proof.steps[UPLINK_BROKER].at_us;
	}
	s->kept = now;
	w->record = true;
}

/* Has the list computed by the thread of the meter, which has the journal's file to wait for. */
static void checks_refresh(struct ui *u, struct checks *s)
{
	struct job w = { .kind = JOB_CHECKLIST, .serial = u->checklist.serial + 1, .busy = true,
			  .wall_us = u->wall_us };
	bool unkept = checks_unkept(u, s), shown = stage_shown(u)->ops == &screen_checklist;
	int64_t since = u->now_us - s->asked_us;
	struct err e;

	if ((!shown && !unkept) || u->line == LINE_NONE
	    || (s->asked_us && since < (u->checklist.busy ? LOST_US : unkept && !checks_reading(u) ? 0 : FRESH_US)))
		return;
	report_phasor(u, &w.report);
	if (unkept && !checks_reading(u))
		checks_keep(u, s, &w);
	if (u->loop->hooks.job(u, &w, &e))
		return;
	/* what it was stays in sight until it comes */
	u->checklist.serial = w.serial;
	u->checklist.busy = true;
	s->asked_us = u->now_us;
}

static void checks_update(struct ui *u, void *state)
{
	if (state && !ui_is_fleet(u))
		checks_refresh(u, state);
}

static void checks_points(struct ui *u, void *state, struct selection *sel)
{
	struct checks *s = state;

	if (!s || ui_is_fleet(u))
		return;
	checks_refresh(u, s);
	if (stage_shown(u)->ops == &screen_checklist || checks_unkept(u, s))
		for (size_t i = 0; i < u->checklist.nwant; i++)
			draw_want(sel, u->checklist.want[i]);
}

/* ---- where a row is decided --------------------------------------------------------------- */

static void go_connect(struct ui *u)
{
	stage_show(u, &screen_connect);
}

static void go_clock(struct ui *u)
{
	settings_show_key(u, "clock");
}

static void go_ratio(struct ui *u)
{
	coach_show_at(u, ASK_CT);
}

static void go_phasor(struct ui *u)
{
	stage_show(u, &screen_phasor);
}

static void go_clamp(struct ui *u)
{
	coach_show_at(u, ASK_CLAMP);
}

static void go_settings(struct ui *u)
{
	stage_show(u, &screen_settings);
}

static void go_network(struct ui *u)
{
	settings_show_key(u, "network.");
}

static void go_uplink(struct ui *u)
{
	stage_show(u, &screen_uplink);
}

static void go_report(struct ui *u)
{
	question_report(u);
}

static const struct checks_go {
	const char *name;
	void (*go)(struct ui *u);
} checks_goes[CHECKLIST_IDS] = {
	[CHECKLIST_FOUND] = { "Connect", go_connect },
	[CHECKLIST_CLOCK] = { "Settings", go_clock },
	[CHECKLIST_RATIOS] = { "Ratio", go_ratio },
	[CHECKLIST_WIRING] = { "Phasor", go_phasor },
	[CHECKLIST_CLAMP] = { "Ratio", go_clamp },
	[CHECKLIST_SETTINGS] = { "Settings", go_settings },
	[CHECKLIST_NETWORK] = { "Settings", go_network },
	[CHECKLIST_UPLINK] = { "Uplink", go_uplink },
	[CHECKLIST_REPORT] = { "report", go_report },
};

const char *checks_place(enum checklist_id id)
{
	return checks_goes[id].name;
}

/* ---- the screen ------------------------------------------------------------------------------ */

static const struct checklist_item *checks_item(const struct ui *u, int row)
{
	return &u->checklist.checklist.items[row];
}

static intptr_t checks_list_item(const struct ui *u, const void *of, int row)
{
	(void)of;
	return (intptr_t)checks_item(u, row)->id;
}

static bool checks_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct checklist_item *item = checks_item(u, row);

	(void)of;
	return ascii_casestr(checklist_kinds[item->id].title, text) || ascii_casestr(item->why, text);
}

static const struct list_ops checks_list = { .item = checks_list_item, .has = checks_has, .nowhere = "no item" };

int checks_rows(int height, int n)
{
	int room = height - CHECKS_HEAD - (height > 8 ? 2 : 1);

	return room < n ? (room < 1 ? 1 : room) : n;
}

static void checks_fit(const struct ui *u, struct checks *s)
{
	const struct checklist *c = &u->checklist.checklist;
	size_t first = 0;

	list_fit(u, &s->list, (int)c->n, checks_rows(u->rows - STAGE_HEAD - STAGE_FOOT, (int)c->n));
	if (s->placed || c->n == 0 || checks_reading(u))
		return;
	while (first < c->n && (c->items[first].state == CHECKLIST_DONE || c->items[first].state == CHECKLIST_NOT_APPLICABLE))
		first++;
	list_go(u, &s->list, first < c->n ? (int)first : 0);
	s->placed = true;
}

static void checks_draw_fit(struct ui *u, void *state, WINDOW *w)
{
	if (state)
		checks_fit(u, state);
	checks_draw(u, state, w);
}

static bool checks_key(struct ui *u, void *state, int key)
{
	struct checks *s = state;
	enum checklist_id id;

	if (!s || u->checklist.checklist.n == 0)
		return false;
	checks_fit(u, s);
	if (s->ask) {
		if (key < KEY_CLICK(0, 0))
			checks_field_key(u, s, key);
		return true;
	}
	if (s->list.finding)
		return list_key(u, &s->list, key);
	id = checks_item(u, s->list.at)->id;
	switch (keys_action(keys, NKEYS, key)) {
	case CHECKS_GO:
		if (checks_goes[id].go)
			checks_goes[id].go(u);
		return true;
	case CHECKS_SAY:
		checks_ask(u, s, checks_first(id));
		if (!s->ask)
			ui_say(u, "this item has nothing to enter: readings and the journal tell it");
		return true;
	default:
		s->placed = true;
		return list_key(u, &s->list, key);
	}
}

static void *checks_open(struct ui *u)
{
	struct checks *s = calloc(1, sizeof(*s));

	(void)u;
	if (!s)
		return NULL;
	for (int i = 0; i < 3; i++)
		s->kept.clamp[i] = NAN;
	list_init(&s->list, &checks_list, s, CHECKS_HEAD);
	return s;
}

const struct screen_ops screen_checklist = {
	.open = checks_open,
	.close = free,
	.points = checks_points,
	.draw = checks_draw_fit,
	.key_press = checks_key,
	.update = checks_update,
	.tick = checks_update,
	.keys = keys,
	.nkeys = NKEYS,
	.marks = "✓ ! ○ … –",
	.marks_help = "done, something is wrong, not done, under way, does not apply",
};
