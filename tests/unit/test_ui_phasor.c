/*
 * The Phasor screen: what it takes for a sample, how often it judges, and that a
 * what-if changes nothing but the picture.
 */
#include <math.h>

#include "screen_bench.h"
#include "profile/codec.h"
#include "sim/sim.h"
#include "ui/prompt/commands.h"
#include "ui/screens/report.h"
#include "ui/screens/step.h"

#define SECOND 1000000LL

static struct ui ui;
static struct sim_meter *meter;

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

static struct phasor *phasor(void)
{
	return stage_state(&ui, &screen_phasor);
}

static int begin_site(const char *stands, const char *scenario)
{
	char text[200];
	struct err e;

	snprintf(text, sizeof(text), "%sseed=1,start=2026-01-15T14:03:27Z%s%s", stands,
		 *scenario ? "," : "", scenario);
	ui.wall_us = 1768485807 * SECOND;	/* what the meter's clock shows */
	sim_meter_free(meter);
	if (stage_profile(&ui, profile_builtin_named("adw300"), &e))
		return -1;
	meter = sim_meter_new(ui.profile, text, &e);
	stage_show(&ui, &screen_phasor);
	return meter ? 0 : -1;
}

static int begin(const char *scenario)
{
	return begin_site("frozen,", scenario);
}

static struct job asked;	/* the latest */

static int take_job(struct ui *u, const struct job *w, struct err *e)
{
	(void)u;
	(void)e;
	asked.kind = w->kind;
	asked.report = w->report;
	return 0;
}

static int no_ports(struct found_port **list, size_t *n, struct err *e)
{
	(void)e;
	*list = NULL;
	*n = 0;
	return 0;
}

static int start(void **state)
{
	static const struct stage_hooks hooks = { .ports = no_ports, .job = take_job };
	struct err e;

	if (bench_start(state))
		return -1;
	ui = (struct ui){ .line = LINE_LIVE, .now_us = 5000 * SECOND,
			  .wall_us = 1768485807 * SECOND };
	return stage_init(&ui, &hooks, &e);
}

static int stop(void **state)
{
	sim_meter_free(meter);
	stage_release(&ui);
	return bench_stop(state);
}

static void take(size_t idx)
{
	const struct point *p = &ui.profile->points[idx];
	struct reading r = { .quality = QUALITY_OK, .mono_us = ui.now_us, .at_us = ui.wall_us };
	uint16_t regs[125];

	if (sim_meter_read(meter, p->space, p->addr, p->words, regs)
	    || codec_decode(p, regs, &r.value, &r.err))
		return;
	ui_take(&ui, idx, &r);
}

/* One round of everything that is wanted. */
static void read_round(void)
{
	struct selection sel;

	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++)
		take(sel.idx[i]);
	selection_release(&sel);
	stage_update(&ui);
}

static void pass(double seconds)
{
	ui.now_us += (int64_t)(seconds * SECOND);
	ui.wall_us += (int64_t)(seconds * SECOND);
	stage_tick(&ui);
}

static void rounds(int n, double seconds)
{
	while (n-- > 0) {
		pass(seconds);
		read_round();
	}
}

static void keys(const char *text)
{
	for (; *text; text++)
		stage_key(&ui, (unsigned char)*text);
}

static bool angles_wanted(void)
{
	int idx = profile_find(ui.profile, "angle.current.a");
	struct selection sel;
	bool wanted = false;

	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++)
		wanted |= sel.idx[i] == idx;
	selection_release(&sel);
	return wanted;
}

/* While another screen is shown it is read every five seconds, once there is a verdict; never on a
 * line that is dead, nor of a meter that sends by itself. */
static void reads_now_and_then_while_hidden(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	assert_true(angles_wanted());
	stage_key(&ui, '3');
	rounds(3, 1);
	assert_int_equal(phasor()->nsamples, 3);
	assert_false(angles_wanted());
	pass(4.5);
	assert_false(angles_wanted());
	pass(0.6);
	assert_true(angles_wanted());
	ui.line = LINE_STALE;
	assert_false(angles_wanted());
	ui.line = LINE_LIVE;
	ui.target.scheme = SCHEME_MQTT;
	assert_false(angles_wanted());
	ui.target.scheme = SCHEME_RTU;
}

/* What the verdict is sure of stands above the keys of every screen. */
static void tells_every_screen(void **state)
{
	char row[160];

	(void)state;
	for (const char *c = "123456789"; *c; c++) {
		assert_int_equal(begin("voltage-missing=c"), 0);
		stage_key(&ui, *c);
		rounds(4, 1);
		ui.message[0] = '\0';
		stage_draw(&ui);
		mvwinnstr(ui.loop->foot, 0, 0, row, sizeof(row) - 1);
		if (!strstr(row, "voltage missing: input C") || !strstr(row, "2: Phasor, 1 more"))
			fail_msg("screen %c: '%s'", *c, row);
	}
	assert_int_equal(phasor_voltages(&ui), 4);
	assert_int_equal(phasor_currents(&ui), 0);
	/* of a line that is dead nothing is known now */
	ui.line = LINE_STALE;
	stage_draw(&ui);
	mvwinnstr(ui.loop->foot, 0, 0, row, sizeof(row) - 1);
	assert_null(strstr(row, "voltage missing"));
	ui.line = LINE_LIVE;
	assert_int_equal(begin("ct-missing=b"), 0);
	stage_key(&ui, '1');
	rounds(4, 1);
	assert_int_equal(phasor_currents(&ui), 2);
	assert_int_equal(begin(""), 0);
	rounds(4, 1);
	stage_draw(&ui);
	mvwinnstr(ui.loop->foot, 0, 0, row, sizeof(row) - 1);
	assert_null(strstr(row, "▲"));
}

static void at_most_one_sample_a_second(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(10, 0.1);
	assert_in_range(phasor()->nsamples, 1, 2);
	rounds(80, 0.1);
	assert_int_equal(phasor()->nsamples, DOCTOR_SAMPLES);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_PASS);
}

/* A round is judged once, however often its arrival is told. */
static void judges_once_a_round(void **state)
{
	int64_t judged;

	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(4, 1);
	judged = phasor()->judged_us;
	for (int i = 0; i < 20; i++) {
		pass(0.01);
		stage_update(&ui);
	}
	assert_int_equal(phasor()->nsamples, 4);
	assert_true(phasor()->judged_us == judged);
}

/* Uploads that come once a minute make a verdict too, while another screen is
 * shown, and it grows old. */
static void minutes_apart(void **state)
{
	char age[24];

	(void)state;
	assert_int_equal(begin("ct-reversed=b"), 0);
	ui.target.scheme = SCHEME_MQTT;
	ui.uplink.rhythm.set_s = 60;
	stage_key(&ui, '1');
	for (int i = 0; i < 3; i++) {
		pass(60);
		for (size_t k = 0; k < ui.profile->npoints; k++)
			take(k);
		stage_update(&ui);
	}
	assert_int_equal(phasor()->nsamples, 3);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_FAIL);
	assert_int_equal(phasor()->verdict.findings[0].code, DOCTOR_CT_REVERSED);
	pass(60);
	assert_false(phasor_old(&ui, phasor()));
	assert_string_equal(phasor_age_text(&ui, phasor(), age, sizeof(age)), "60 s ago");
	stage_key(&ui, '2');
	for (int i = 0; i < 40; i++)
		pass(30);
	assert_true(phasor_old(&ui, phasor()));
	assert_int_equal(phasor()->verdict.evidence.used, 0);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_INSUFFICIENT);
	ui.target.scheme = SCHEME_RTU;
}

/* Values of one moment with angles of another are no sample. */
static void never_mixes_rounds(void **state)
{
	size_t before;

	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(2, 1);
	before = phasor()->nsamples;
	stage_key(&ui, '1');		/* reads powers, but no angles at 80x24 */
	rounds(30, 1);
	assert_in_range(phasor()->nsamples, before, DOCTOR_SAMPLES);
	assert_true(ui.now_us - phasor()->sampled_us <= 6 * SECOND);
	for (size_t i = 1; i < phasor()->nsamples; i++)
		assert_true(phasor()->samples[i].at_us - phasor()->samples[i - 1].at_us >= SECOND);
	stage_key(&ui, '2');
	rounds(1, 1);
	assert_true(ui.now_us == phasor()->sampled_us);
}

/* What is put right looks right, and the verdict stays what it was. */
static void what_if_is_only_a_picture(void **state)
{
	struct phasor *s;

	(void)state;
	assert_int_equal(begin("ct-swapped=ac"), 0);
	rounds(5, 1);
	s = phasor();
	assert_false(s->what_if);
	keys("w");
	assert_true(s->what_if);
	assert_int_equal(s->new_value.of[0], 2);
	for (unsigned x = 0; x < 3; x++) {
		assert_true(phasor_inside(s, x));
		assert_true(s->then.p[x] > 0);
	}
	assert_true(s->seen.p_total < 0);
	assert_int_equal(s->verdict.outcome, DOCTOR_FAIL);
	keys("b");
	assert_true(s->new_value.reversed[1] && s->then.p[1] < 0);
	keys("oooooo");
	assert_int_equal(s->new_value.of[0], 2);
	assert_int_equal(s->new_value.of[1], 1);
	stage_key(&ui, KEY_RIGHT);
	assert_false(s->new_value.reversed[1]);
	/* Esc leaves the what-if, not the screen; c means something else again */
	stage_key(&ui, 27);
	assert_false(s->what_if);
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	keys("c");
	assert_true(stage_shown(&ui)->ops == &screen_connect);
}

/* Nothing can be said of nothing, and what a person new values is not called the
 * doctor's when the doctor has come to something since. */
static void what_if_before_a_verdict(void **state)
{
	struct phasor *s;

	(void)state;
	assert_int_equal(begin("ct-swapped=ac"), 0);
	s = phasor();
	keys("w");
	assert_false(s->what_if);
	rounds(1, 1);
	assert_int_equal(phasor_candidates(s), 0);
	keys("w");
	assert_true(s->what_if);
	rounds(4, 1);
	assert_int_equal(phasor_candidates(s), 1);
	assert_int_equal(s->new_value.of[0], 0);
	assert_int_equal(phasor_choice(s), 1);
	stage_key(&ui, KEY_RIGHT);
	assert_int_equal(s->new_value.of[0], 2);
	assert_int_equal(phasor_choice(s), 0);
	keys("b");
	assert_int_equal(phasor_choice(s), 1);
	keys("b");
	assert_int_equal(phasor_choice(s), 0);
}

/* w opens it from any other screen; the options are the site's. */
static void options_judge_anew(void **state)
{
	struct phasor *s;

	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(5, 1);
	keys("3w");
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	s = phasor();
	assert_false(s->what_if);
	keys("xx");
	assert_int_equal(s->options.site, DOCTOR_SITE_EXPORTING);
	assert_int_equal(s->verdict.outcome, DOCTOR_INSUFFICIENT);
	keys("x");
	assert_int_equal(s->verdict.outcome, DOCTOR_PASS);
	keys("f");
	assert_true(near(s->options.window_lag, acos(0.85) * 180 / M_PI));
	assert_true(s->options.window_said);
	keys("fff");
	assert_true(near(s->options.window_lag, 60));
	assert_false(s->options.window_said);
	keys("t");
	assert_int_equal(s->options.wires, DOCTOR_3WIRE);
	keys("ti");
	assert_true(near(s->verdict.evidence.nominal_current, 5));
	assert_false(s->verdict.evidence.nominal_current_assumed);
	keys("ii");
	assert_true(s->verdict.evidence.nominal_current_assumed);
}

/* What the keys cannot say can be typed; a mistake changes nothing, and what is typed next
 * holds alone. */
static void check_is_told_by_words(void **state)
{
	struct phasor *s;

	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(5, 1);
	keys("3");
	command_run(&ui, "check --pf-window 0.63lag,0.95lead --site consumer --clamp b=12");
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	s = phasor();
	assert_true(near(s->options.window_lag, acos(0.63) * 180 / M_PI));
	assert_true(s->options.window_said);
	assert_int_equal(s->options.site, DOCTOR_SITE_CONSUMER);
	assert_true(near(s->options.clamp[1], 12));
	command_run(&ui, "check --wires 3 --site factory");
	assert_non_null(strstr(ui.message, "'factory' is no kind of site"));
	command_run(&ui, "check --wires");
	assert_non_null(strstr(ui.message, "'--wires' needs a value"));
	assert_int_equal(s->options.wires, DOCTOR_4WIRE);
	/* without words it is the screen */
	keys("3");
	command_run(&ui, "check");
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	assert_int_equal(s->options.site, DOCTOR_SITE_CONSUMER);
	command_run(&ui, "check --wires 3");
	assert_int_equal(s->options.wires, DOCTOR_3WIRE);
	assert_int_equal(s->options.site, DOCTOR_SITE_UNSAID);
	assert_false(s->options.window_said);
	assert_true(isnan(s->options.clamp[1]));
}

/* ---- the guided load step ------------------------------------------------------ */

#define STEP_SITE "ct-reversed=b,step=heater/abc/2A/6s"
#define STEP_ROUNDS 300		/* two turns of all phases */

/* Rounds of a second, the site with them, until COUNT inputs are judged. */
static void play_until(unsigned count)
{
	unsigned judged = 0;

	for (int i = 0; i < STEP_ROUNDS && judged < count; i++) {
		sim_meter_advance(meter, 1);
		rounds(1, 1);
		judged = 0;
		for (unsigned k = 0; k < 3; k++)
			judged += phasor()->steps.in[k].judged;
	}
	assert_int_equal(judged, count);
}

static struct step_screen *step_screen(void)
{
	return stage_state(&ui, &screen_step);
}

/* On a site that may export readings decide nothing; the steps do, on Phasor and in the report. */
static void steps_decide(void **state)
{
	struct job_head head = { .site = "" };
	struct err e;

	(void)state;
	assert_int_equal(begin_site("", STEP_SITE), 0);
	keys("xx");
	rounds(4, 1);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_INSUFFICIENT);
	keys("S");
	assert_true(stage_shown(&ui)->ops == &screen_step);
	play_until(3);
	assert_false(step_screen()->runs);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_FAIL);
	assert_int_equal(phasor()->verdict.findings[0].code, DOCTOR_CT_REVERSED);
	assert_int_equal(phasor()->verdict.findings[0].phases, 2);
	/* Esc is one step back; what comes then is judged with them, too */
	stage_key(&ui, 27);
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	rounds(8, 1);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_FAIL);
	assert_int_equal(report_begin(&ui, &head, &e), 0);
	assert_int_equal(asked.kind, JOB_REPORT);
	assert_true(step_shown(&asked.report.steps) && step_done(&asked.report.steps));
	/* anew: they are forgotten */
	keys("Sa");
	assert_false(step_shown(&phasor()->steps));
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_INSUFFICIENT);
	assert_int_equal(step_screen()->nkept, 0);
}

/* What was judged counts also when somebody looks elsewhere, and S goes on with the others. */
static void steps_are_kept(void **state)
{
	(void)state;
	assert_int_equal(begin_site("", STEP_SITE), 0);
	rounds(4, 1);
	keys("S");
	play_until(1);
	keys("3");
	assert_false(step_screen()->runs);
	for (int i = 0; i < 60; i++) {
		sim_meter_advance(meter, 1);
		rounds(1, 1);
	}
	assert_true(step_shown(&phasor()->steps) && !step_done(&phasor()->steps));
	keys("2S");
	rounds(2, 1);
	assert_true(step_screen()->runs && step_shown(&phasor()->steps));
	play_until(3);
	assert_int_equal(phasor()->verdict.outcome, DOCTOR_FAIL);
}

/* A round that comes in parts is one reading, when it is whole. */
static void steps_take_whole_rounds(void **state)
{
	struct selection sel;
	size_t kept;

	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(4, 1);
	keys("S");
	rounds(2, 1);
	kept = step_screen()->nkept;
	assert_true(kept > 0);
	pass(1);
	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++) {
		assert_int_equal(step_screen()->nkept, kept);
		take(sel.idx[i]);
		stage_update(&ui);
	}
	selection_release(&sel);
	assert_int_equal(step_screen()->nkept, kept + 1);
	stage_update(&ui);
	assert_int_equal(step_screen()->nkept, kept + 1);
}

/* Where no step can be judged it says why, and nothing is opened. */
static void steps_are_refused(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	rounds(4, 1);
	keys("tS");
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	assert_non_null(strstr(ui.message, "a load step needs a neutral"));
	keys("t");
	ui.target.scheme = SCHEME_MQTT;
	snprintf(ui.target.mqtt.sn, sizeof(ui.target.mqtt.sn), "20201998111433");
	keys("S");
	assert_true(stage_shown(&ui)->ops == &screen_phasor);
	assert_non_null(strstr(ui.message, "a load step needs a meter that is polled"));
	ui.target = (struct target){ .scheme = SCHEME_RTU };
	command_run(&ui, "check --step --site exporting");
	assert_true(stage_shown(&ui)->ops == &screen_step);
	assert_int_equal(phasor()->options.site, DOCTOR_SITE_EXPORTING);
	/* the option of the step says nothing of the site */
	stage_key(&ui, 27);
	command_run(&ui, "check --step");
	assert_true(stage_shown(&ui)->ops == &screen_step);
	assert_int_equal(phasor()->options.site, DOCTOR_SITE_EXPORTING);
}

static void draw_step(void)
{
	screen_step.draw(&ui, step_screen(), bench.w);
}

/* Every size of terminal, while it runs and when it is done. */
static void steps_fit_everywhere(void **state)
{
	(void)state;
	assert_int_equal(begin_site("", STEP_SITE), 0);
	bench.ui = &ui;
	keys("S");
	bench_sizes(draw_step);
	rounds(4, 1);
	play_until(1);
	bench_sizes(draw_step);
	play_until(3);
	bench_sizes(draw_step);
	ui.cols = 80;
	ui.rows = 24;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_now_and_then_while_hidden),
		cmocka_unit_test(tells_every_screen),
		cmocka_unit_test(at_most_one_sample_a_second),
		cmocka_unit_test(judges_once_a_round),
		cmocka_unit_test(minutes_apart),
		cmocka_unit_test(never_mixes_rounds),
		cmocka_unit_test(what_if_is_only_a_picture),
		cmocka_unit_test(what_if_before_a_verdict),
		cmocka_unit_test(options_judge_anew),
		cmocka_unit_test(check_is_told_by_words),
		cmocka_unit_test(steps_decide),
		cmocka_unit_test(steps_are_kept),
		cmocka_unit_test(steps_take_whole_rounds),
		cmocka_unit_test(steps_are_refused),
		cmocka_unit_test(steps_fit_everywhere),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
