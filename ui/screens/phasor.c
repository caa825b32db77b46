/*
 * phasor.c - is it wired right? Samples for the doctor, and keys: what the site
 * is like, and what a correction would give.
 */
#include "phasor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "ui/stage.h"
#include "step.h"

#define SECOND_US 1000000LL
#define ROUND_US (10 * SECOND_US)	/* what is read in one round lies within */
#define JUDGE_US (30 * SECOND_US)	/* a verdict grows old without a round too */

/* Windows of power factors: the default, and those a technician picks from in
 * the wiring diagnostics of the Rockwell PowerMonitor 5000. */
static const char *const windows[] = {
	"0.5,0.95", "0.85,0.98", "0.97,0.89", "0.52lag,0.95lag",
};
#define NWINDOWS (sizeof(windows) / sizeof(windows[0]))

static void *phasor_open(struct ui *u)
{
	struct phasor *s = calloc(1, sizeof(*s));

	if (!s || !u->profile)
		return s;
	doctor_options_init(&s->options);
	while (doctor_key(s->nidx))
		s->nidx++;
	s->idx = calloc(s->nidx, sizeof(*s->idx));
	s->whole = calloc(u->profile->npoints, sizeof(*s->whole));
	if (!s->idx || !s->whole) {
		s->nidx = 0;
		return s;
	}
	for (size_t i = 0; i < s->nidx; i++) {
		s->idx[i] = profile_find(u->profile, doctor_key(i));
		s->nhave += s->idx[i] >= 0;
	}
	return s;
}

static void phasor_close(void *state)
{
	struct phasor *s = state;

	if (!s)
		return;
	free(s->idx);
	free(s->whole);
	free(s);
}

static void phasor_points(struct ui *u, void *state, struct selection *sel)
{
	const struct phasor *s = state;

	/* samples are taken of whatever comes; while another screen is shown they are read now and
	 * then, for the state line */
	if (!s || (stage_shown(u)->ops != &screen_phasor && !step_is_shown(u) && !phasor_due(u, s)))
		return;
	for (size_t i = 0; i < s->nidx; i++)
		if (s->idx[i] >= 0)
			draw_want(sel, (uint16_t)s->idx[i]);
}

/* ---- samples ------------------------------------------------------------------ */

/* Values that change while one looks; ratios and the clock do not. */
static bool electrical(const struct point *p)
{
	return strncmp(p->key, "ratio.", 6) != 0 && p->type != TYPE_CLOCK;
}

/* Copies what belongs to one round to s->whole. Returns how many values that are;
 * 0: some of what this meter gives is of an earlier one, so no sample can be made. */
static size_t take_whole(const struct ui *u, struct phasor *s, int64_t *newest)
{
	size_t n = 0;

	*newest = 0;
	for (size_t i = 0; i < s->nidx; i++) {
		const struct reading *r = s->idx[i] < 0 ? NULL : &u->readings[s->idx[i]];

		if (r && r->quality == QUALITY_OK && electrical(&u->profile->points[s->idx[i]])
		    && r->mono_us > *newest)
			*newest = r->mono_us;
	}
	for (size_t i = 0; i < s->nidx; i++) {
		const struct reading *r = s->idx[i] < 0 ? NULL : &u->readings[s->idx[i]];

		if (!r)
			continue;
		if (r->quality == QUALITY_OK && electrical(&u->profile->points[s->idx[i]])
		    && *newest - r->mono_us > ROUND_US)
			return 0;
		s->whole[s->idx[i]] = *r;
		n += r->quality == QUALITY_OK;
	}
	return *newest > 0 ? n : 0;
}

bool phasor_round(const struct ui *u, const struct phasor *s, int64_t *newest)
{
	int64_t first = INT64_MAX, last = 0;

	for (size_t i = 0; i < s->nidx; i++) {
		const struct reading *r = s->idx[i] < 0 ? NULL : &u->readings[s->idx[i]];

		if (!r || r->quality != QUALITY_OK || !electrical(&u->profile->points[s->idx[i]]))
			continue;
		first = r->mono_us < first ? r->mono_us : first;
		last = r->mono_us > last ? r->mono_us : last;
	}
	/* the first of it may have come beside the last of the round before */
	if (last == 0 || first <= *newest)
		return false;
	*newest = last;
	return true;
}

static void phasor_what_if(struct phasor *s)
{
	if (s->what_if)
		doctor_correct(&s->seen, &s->new_value, &s->then);
}

/* Why a value that every verdict is made from is refused; NULL. */
static const char *phasor_refusal(const struct ui *u, const struct phasor *s)
{
	for (size_t i = 0; i < s->nidx; i++)
		if (s->idx[i] >= 0 && u->readings[s->idx[i]].quality == QUALITY_FAILED
		    && doctor_key_vital(u->profile->points[s->idx[i]].key))
			return u->readings[s->idx[i]].err.text;
	return NULL;
}

void phasor_judge(struct ui *u, struct phasor *s)
{
	struct doctor_options o;

	s->options.now_us = u->wall_us;
	o = s->options;
	o.unread = phasor_refusal(u, s);
	doctor_check(s->samples, s->nsamples, &o, &s->verdict);
	if (!step_refusal(ui_pushes(u), &o, &s->verdict))
		step_conclude(&s->steps, &o, &s->verdict);
	if (s->nsamples)
		doctor_phasors_make(&s->samples[s->nsamples - 1], &s->options, &s->seen);
	if (s->finding >= s->verdict.nfindings)
		s->finding = 0;
	s->judged_us = u->now_us;
	phasor_what_if(s);
}

/* At most one sample a second: five in a breath would agree on anything. */
static void phasor_update(struct ui *u, void *state)
{
	struct phasor *s = state;
	int64_t newest;
	size_t n;

	if (!s || s->nidx == 0)
		return;
	n = take_whole(u, s, &newest);
	/* more is known than before, the angles for instance: start anew */
	if (n > s->nvalues) {
		s->nvalues = n;
		s->nsamples = 0;
		s->sampled_us = 0;
	}
	if (n == 0 || newest / SECOND_US == s->sampled_us / SECOND_US)
		return;
	if (s->nsamples == DOCTOR_SAMPLES)
		memmove(s->samples, s->samples + 1, --s->nsamples * sizeof(s->samples[0]));
	doctor_sample_take(u->profile, s->whole, &s->samples[s->nsamples++]);
	s->sampled_us = newest;
	phasor_judge(u, s);
}

static void phasor_tick(struct ui *u, void *state)
{
	struct phasor *s = state;

	if (s && s->nsamples && u->now_us - s->judged_us >= JUDGE_US)
		phasor_judge(u, s);
}

/* Calm while they come every second. */
const char *phasor_age_text(const struct ui *u, const struct phasor *s, char *buf, size_t size)
{
	int64_t age = (u->now_us - s->sampled_us) / SECOND_US;

	if (age < 5)
		snprintf(buf, size, "just now");
	else if (age < 100)
		snprintf(buf, size, "%d s ago", (int)age);
	else if (age < 6000)
		snprintf(buf, size, "%d min ago", (int)(age / 60));
	else
		snprintf(buf, size, "%d h ago", (int)(age / 3600));
	return buf;
}

bool phasor_old(const struct ui *u, const struct phasor *s)
{
	const struct reading newest = { .quality = QUALITY_OK, .mono_us = s->sampled_us };

	return ui_old(u, &newest);
}

/* ---- what if ------------------------------------------------------------------ */

size_t phasor_candidates(const struct phasor *s)
{
	size_t n = s->verdict.evidence.ncandidates;

	return n < DOCTOR_CANDIDATES ? n : DOCTOR_CANDIDATES;
}

static bool phasor_same(const struct doctor_wiring *a, const struct doctor_wiring *b)
{
	for (unsigned x = 0; x < 3; x++)
		if (a->of[x] != b->of[x] || a->reversed[x] != b->reversed[x])
			return false;
	return true;
}

size_t phasor_choice(const struct phasor *s)
{
	size_t n = phasor_candidates(s), i = 0;

	while (i < n && !phasor_same(&s->new_value, &s->verdict.evidence.candidates[i].wiring))
		i++;
	return i;
}

double phasor_lag(const struct doctor_phasors *p, unsigned x)
{
	double d = fmod(p->i[x].lag - p->u[x].lag + 540, 360);

	return (d < 0 ? d + 360 : d) - 180;
}

bool phasor_inside(const struct phasor *s, unsigned x)
{
	double lag = phasor_lag(&s->then, x);

	return lag <= s->options.window_lag && lag >= -s->options.window_lead;
}

static void phasor_choose(struct phasor *s, size_t candidate)
{
	s->new_value = s->verdict.evidence.candidates[candidate].wiring;
	phasor_what_if(s);
}

static void what_if_begin(struct ui *u, struct phasor *s)
{
	if (s->nsamples == 0) {
		ui_say(u, "nothing has been read yet that could be put right");
		return;
	}
	s->what_if = true;
	if (phasor_candidates(s)) {
		/* nothing to put right is no what-if, where there is another */
		phasor_choose(s, phasor_candidates(s) > 1
			      && doctor_wiring_right(&s->verdict.evidence.candidates[0].wiring));
		return;
	}
	s->new_value = (struct doctor_wiring){ .of = { 0, 1, 2 } };
	phasor_what_if(s);
}

/* One of the doctor's candidates further, STEP 1 or -1. */
static void choose_next(struct ui *u, struct phasor *s, int step)
{
	size_t n = phasor_candidates(s), i = phasor_choice(s);

	if (n == 0) {
		ui_say(u, "the doctor has no wiring to propose: o, a, b, c make one");
		return;
	}
	if (i >= n)
		phasor_choose(s, step > 0 ? 0 : n - 1);
	else
		phasor_choose(s, step > 0 ? (i + 1) % n : (i + n - 1) % n);
}

/* The CTs in the next of their six orders. */
static void next_order(struct phasor *s)
{
	static const unsigned orders[][3] = {
		{ 0, 1, 2 }, { 1, 0, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 },
	};
	const size_t norders = sizeof(orders) / sizeof(orders[0]);
	size_t i = 0;

	while (i < norders && memcmp(s->new_value.of, orders[i], sizeof(s->new_value.of)) != 0)
		i++;
	memcpy(s->new_value.of, orders[(i + 1) % norders], sizeof(s->new_value.of));
	phasor_what_if(s);
}

static void phasor_turn(struct phasor *s, int input)
{
	s->new_value.reversed[input] = !s->new_value.reversed[input];
	phasor_what_if(s);
}

/* ---- keys --------------------------------------------------------------------- */

enum {
	SITE = ACTION_SCREEN, WINDOW_OF_PF, WIRES, NOMINAL, FINDING, ALL, WHAT_IF, BACK, EARLIER, LATER,
	ORDER, TURN_A, TURN_B, TURN_C, LOAD_STEP
};

static const struct keyrow keys[] = {
	{ 'w', WHAT_IF, "w", "what if", "what would be seen if a wiring were put right; Esc back" },
	{ 'S', LOAD_STEP, "S", "step", "guided load step: a heater, switched on each phase, decides" },
	{ KEY_LEFT, EARLIER, "← →", NULL, "what if: the wirings the doctor thinks of" },
	{ KEY_RIGHT, LATER, NULL, NULL, NULL },
	{ 'o', ORDER, "o", NULL, "what if: exchange and rotate the CTs" },
	{ 'a', TURN_A, "a b c", NULL, "what if: turn the CT of that input" },
	{ 'b', TURN_B, NULL, NULL, NULL },
	{ 'c', TURN_C, NULL, NULL, NULL },
	{ 27, BACK, NULL, NULL, NULL },
	{ 'n', FINDING, "n", "next", "the next finding" },
	{ '\r', ALL, "Enter", "all", "every finding in full" },
	{ KEY_ENTER, ALL, NULL, NULL, NULL },
	{ 'x', SITE, "x", "site", "what the site is: a consumer, or one that may export" },
	{ 'f', WINDOW_OF_PF, "f", "PF", "power factors the loads of the site can have" },
	{ 't', WIRES, "t", NULL, "four wires or three" },
	{ 'i', NOMINAL, "i", NULL, "full load at the meter's input: 5 A, 1 A, or as it seems" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Those that mean something only to the what-if, and something else outside. */
static bool what_if_key(struct ui *u, struct phasor *s, int action)
{
	switch (action) {
	case EARLIER:
	case LATER:
		choose_next(u, s, action == LATER ? 1 : -1);
		return true;
	case ORDER:
		next_order(s);
		return true;
	case TURN_A:
	case TURN_B:
	case TURN_C:
		phasor_turn(s, action - TURN_A);
		return true;
	case BACK:
	case WHAT_IF:
		s->what_if = false;
		return true;
	default:
		return false;
	}
}

static bool phasor_key(struct ui *u, void *state, int key)
{
	struct phasor *s = state;
	int action = keys_action(keys, NKEYS, key);

	if (!s || s->nhave == 0)
		return false;
	if (s->what_if && what_if_key(u, s, action))
		return true;
	switch (action) {
	case WHAT_IF:
		what_if_begin(u, s);
		return true;
	case FINDING:
		s->finding = s->finding + 1 < s->verdict.nfindings ? s->finding + 1 : 0;
		return true;
	case ALL:
		phasor_show_all(u, s);
		return true;
	case LOAD_STEP:
		step_begin_shown(u);
		return true;
	case SITE:
		s->options.site = (enum doctor_site)((s->options.site + 1) % 3);
		break;
	case WINDOW_OF_PF:
		s->window = (s->window + 1) % NWINDOWS;
		if (doctor_window_parse(windows[s->window], &s->options, &(struct err){ 0 }))
			return true;
		s->options.window_said = s->window > 0;
		break;
	case WIRES:
		s->options.wires = s->options.wires == DOCTOR_4WIRE ? DOCTOR_3WIRE : DOCTOR_4WIRE;
		s->options.service = DOCTOR_SERVICE_UNSAID;
		break;
	case NOMINAL:
		s->options.nominal_current = s->options.nominal_current > 4 ? 1
			: s->options.nominal_current > 0 ? 0 : 5;
		break;
	default:
		return false;
	}
	phasor_judge(u, s);
	return true;
}

void phasor_check(struct ui *u, const struct doctor_options *site)
{
	struct phasor *s;

	stage_show(u, &screen_phasor);
	s = stage_state(u, &screen_phasor);
	if (!s || !site)
		return;
	s->options = *site;
	if (s->nhave > 0)
		phasor_judge(u, s);
	u->dirty = true;
}

const struct screen_ops screen_phasor = {
	.about = ABILITY_WIRING,
	.open = phasor_open,
	.close = phasor_close,
	.points = phasor_points,
	.draw = phasor_draw,
	.key_press = phasor_key,
	.update = phasor_update,
	.tick = phasor_tick,
	.worst = phasor_worst,
	.keys = keys,
	.nkeys = NKEYS,
};
