/* The wiring doctor against sites made of waveforms: all 48 wirings, and how often
 * it is right, ambiguous with the truth among those named, or wrong. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "doctor_site.h"

#define SAMPLES 5

/* Of the 48 wirings: those that happen (one mistake or two, or all turned round), and the 26
 * others. The bars are for the former; of the latter an answer by one snapshot may be a guess
 * at something likelier, but no healthy site is ever failed. */
struct score {
	unsigned right, ambiguous, untold, wrong, cases;
	unsigned healthy_failed, passed;	/* of those that are right, and are not */
	unsigned exotic, exotic_wrong, exotic_untold;
};

static bool named(const struct site *w, const struct doctor_verdict *v)
{
	for (size_t k = 0; k < v->evidence.ncandidates && k < DOCTOR_CANDIDATES; k++) {
		const struct doctor_wiring *c = &v->evidence.candidates[k].wiring;

		if (memcmp(c->of, w->of, sizeof(w->of)) == 0
		    && memcmp(c->reversed, w->reversed, sizeof(w->reversed)) == 0)
			return true;
	}
	return false;
}

static unsigned moved_inputs(const struct site *w)
{
	unsigned set = 0;

	for (unsigned x = 0; x < 3; x++)
		set |= (unsigned)(w->of[x] != x) << x;
	return set;
}

static unsigned reversed_inputs(const struct site *w)
{
	return (unsigned)w->reversed[0] | (unsigned)w->reversed[1] << 1
	     | (unsigned)w->reversed[2] << 2;
}

/* Pairs of leads that somebody has confused. */
static unsigned mistakes(const struct site *w)
{
	unsigned moved = 0, reversed = 0;

	for (unsigned x = 0; x < 3; x++) {
		moved += w->of[x] != x;
		reversed += w->reversed[x];
	}
	return (moved ? moved - 1 : 0) + reversed;
}

/* Inputs of the findings with CODE. */
static unsigned found(const struct doctor_verdict *v, enum doctor_code code)
{
	unsigned set = 0;

	for (size_t k = 0; k < v->nfindings; k++)
		if (v->findings[k].code == code)
			set |= v->findings[k].phases;
	return set;
}

/* Do the findings say what is wrong, all of it and nothing else? */
static bool truth_told(const struct site *w, const struct doctor_verdict *v)
{
	unsigned moved = moved_inputs(w), reversed = reversed_inputs(w), wanted = 0;
	bool two = moved != 7;

	wanted += (unsigned)(moved > 0) + (unsigned)(reversed > 0) + (unsigned)w->acb;
	for (size_t k = 0; k < v->nfindings; k++)
		if (v->findings[k].code == DOCTOR_PHASE_SEQUENCE_REVERSED && !w->acb)
			return false;
	/* the sequence is a remark, and not always to be seen */
	return found(v, DOCTOR_CT_SWAPPED) == (two ? moved : 0)
	    && found(v, DOCTOR_CT_ROTATED) == (two ? 0 : moved)
	    && found(v, DOCTOR_CT_REVERSED) == reversed && v->nfindings <= wanted;
}

static bool standing;	/* every reading is the first */

static void judge_site(const struct site *w, const struct doctor_options *o,
		       struct doctor_verdict *v)
{
	struct doctor_sample s[SAMPLES];

	for (int k = 0; k < SAMPLES; k++) {
		if (k && standing)
			s[k] = s[0];
		else
			site_read(w, 0, &s[k]);
		s[k].at_us = 1700000000000000 + k * 300000;
	}
	doctor_check(s, SAMPLES, o, v);
}

static bool likely(const struct site *w)
{
	return mistakes(w) <= 2 || (moved_inputs(w) == 0 && reversed_inputs(w) == 7);
}

static void score_site(const struct site *w, const struct doctor_options *o, struct score *sc)
{
	struct doctor_verdict v;
	bool right = moved_inputs(w) == 0 && reversed_inputs(w) == 0, told;

	judge_site(w, o, &v);
	told = v.outcome == (right ? DOCTOR_PASS : DOCTOR_FAIL) && truth_told(w, &v);
	if (!likely(w)) {
		sc->exotic++;
		sc->exotic_wrong += !told && v.outcome != DOCTOR_INSUFFICIENT;
		sc->exotic_untold += v.outcome == DOCTOR_INSUFFICIENT && !named(w, &v);
		return;
	}
	sc->cases++;
	sc->healthy_failed += right && v.outcome == DOCTOR_FAIL;
	sc->passed += !right && v.outcome == DOCTOR_PASS;
	if (told)
		sc->right++;
	else if (v.outcome != DOCTOR_INSUFFICIENT)
		sc->wrong++;
	else if (named(w, &v))
		sc->ambiguous++;
	else
		sc->untold++;
}

static void print_score(const char *what, const struct score *sc)
{
	double n = sc->cases ? sc->cases : 1, exotic = sc->exotic ? sc->exotic : 1;

	print_message("# %-46s %6u cases: right %.2f %%, ambiguous %.2f %%, untold %.2f %%, wrong %.3f %%; exotic wrong %.1f %%, "
		      "untold %.1f %%\n", what, sc->cases, 100 * sc->right / n, 100 * sc->ambiguous / n, 100 * sc->untold / n,
		      100 * sc->wrong / n, 100 * sc->exotic_wrong / exotic, 100 * sc->exotic_untold / exotic);
}

/* A site with loads between PF LOW and PF HIGH (negative: leading), alike within
 * some degrees, unevenly loaded. */
static void make_site(struct site *w, double low, double high)
{
	double pf = range(low, high);
	double middle = copysign(acos(fabs(pf)) * 180 / M_PI, pf), apart = range(0, 10);
	double most = copysign(acos(fabs(low)), low) * 180 / M_PI;
	double least = copysign(acos(fabs(high)), high) * 180 / M_PI;

	*w = healthy_site;
	w->volts = chance() < 0.2 ? 57.7 : 230;
	w->amperes = 5 * range(0.16, 1);	/* the weakest phase above 10 % */
	w->noise = 0.01;
	w->thd_u = range(0, 0.03);
	w->thd_i = range(0, 0.12);
	w->acb = chance() < 0.3;
	w->angles = chance() < 0.5 ? 1 : -1;
	for (int x = 0; x < 3; x++) {
		/* each phase keeps to the range */
		w->pf_lag[x] = fmin(fmax(middle + range(-apart, apart), fmin(least, most)), fmax(least, most));
		w->uneven[x] = range(0.7, 1);
	}
}

static void run(const char *what, double low, double high, const struct doctor_options *o,
		int angles, unsigned rounds, struct score *sc)
{
	memset(sc, 0, sizeof(*sc));
	for (unsigned k = 0; k < rounds * 48; k++) {
		struct site w;

		make_site(&w, low, high);
		site_wire(&w, k % 48);
		if (angles == 0)
			w.angles = 0;
		score_site(&w, o, sc);
	}
	print_score(what, sc);
}

static struct doctor_options consumer(void)
{
	struct doctor_options o;

	doctor_options_init(&o);
	o.site = DOCTOR_SITE_CONSUMER;
	return o;
}

static void test_usual_loads(void **state)
{
	struct doctor_options o = consumer();
	struct score sc;

	(void)state;
	run("PF 1 to 0.85 lag, angle registers", 0.85, 1, &o, 1, 200, &sc);
	assert_int_equal(sc.wrong, 0);
	assert_int_equal(sc.untold, 0);
	assert_true(sc.right >= 0.93 * sc.cases);
}

/* Heaters alone are 60 degrees from the edge of what loads have, to either side; and one of
 * three CTs turned round looks like an inverter that nobody has told of. */
static void test_unity(void **state)
{
	struct doctor_options o = consumer();
	struct score sc;

	(void)state;
	run("PF 1, angle registers", 1, 1, &o, 1, 100, &sc);
	assert_int_equal(sc.wrong, 0);
	assert_int_equal(sc.untold, 0);
	assert_true(sc.right >= 0.6 * sc.cases);
}

static void test_powers_alone(void **state)
{
	struct doctor_options o = consumer();
	struct score sc;

	(void)state;
	run("PF 1 to 0.85 lag, P and Q alone", 0.85, 1, &o, 0, 200, &sc);
	assert_int_equal(sc.wrong, 0);
	assert_true(sc.right >= 0.93 * sc.cases);
}

/* Behind voltage transformers and x/1 A CTs a phase has 6 W, in steps of 1 W. */
static void test_small_inputs(void **state)
{
	struct doctor_options o = consumer();
	struct score sc = { 0 };

	(void)state;
	o.nominal_current = 1;
	for (unsigned k = 0; k < 48 * 60; k++) {
		struct site w;

		make_site(&w, 0.85, 1);
		w.volts = 57.7;
		w.amperes = range(0.16, 0.3);
		site_wire(&w, k % 48);
		score_site(&w, &o, &sc);
	}
	print_score("57.7 V, 0.11 to 0.3 A", &sc);
	assert_int_equal(sc.wrong, 0);
	assert_true(sc.right >= 0.93 * sc.cases);
}

/* Rectifiers bend atan2(Q, P) by 20 degrees either way, and the angles by none. */
static void test_distorted(void **state)
{
	struct doctor_options o = consumer();
	struct score sc = { 0 };

	(void)state;
	for (unsigned k = 0; k < 48 * 60; k++) {
		struct site w;

		make_site(&w, 0.85, 1);
		w.thd_i = range(0.15, 0.35);
		site_wire(&w, k % 48);
		score_site(&w, &o, &sc);
	}
	print_score("THD of the currents 15 to 35 %", &sc);
	assert_int_equal(sc.wrong, 0);
	assert_true(sc.right >= 0.93 * sc.cases);
}

static void test_half_lag(void **state)
{
	struct doctor_options o = consumer();
	struct err e = { 0 };
	struct score sc;

	(void)state;
	assert_int_equal(doctor_window_parse("0.35lag,0.85lag", &o, &e), 0);
	run("PF 0.5 lag, window 0.35 to 0.85 lag", 0.5, 0.5, &o, 1, 100, &sc);
	assert_true(sc.wrong <= 0.001 * sc.cases);
	assert_true(sc.right >= 0.99 * sc.cases);
	run("PF 0.45 to 0.7 lag, the same", 0.45, 0.7, &o, 1, 100, &sc);
	assert_true(sc.wrong <= 0.001 * sc.cases);
	run("the same by P and Q alone", 0.45, 0.7, &o, 0, 100, &sc);
	assert_true(sc.wrong <= 0.001 * sc.cases);
}

/* Where the window leaves two wirings the doctor does not know, and names both; it never
 * fails a site that is right, and never passes one with less wrong than every CT on the
 * wrong phase and the wrong way round. */
static void test_all_loads(void **state)
{
	static const struct {
		const char *what;
		double low, high;
	} bands[] = {
		{ "PF 0.95 to 1 lead", -0.95, -1 },
		{ "PF 0.85 to 0.7 lag", 0.7, 0.85 },
		/* within a degree of PF 0.5 heaters are believed instead */
		{ "PF 0.7 to 0.53 lag", 0.53, 0.7 },
	};
	struct doctor_options o = consumer();
	struct score sc;

	(void)state;
	for (size_t k = 0; k < sizeof(bands) / sizeof(bands[0]); k++) {
		run(bands[k].what, bands[k].low, bands[k].high, &o, 1, 60, &sc);
		assert_int_equal(sc.healthy_failed, 0);
		assert_int_equal(sc.wrong, 0);
		assert_int_equal(sc.untold, 0);
	}
	/* only said: the window says that this cannot be */
	run("PF 0.5 to 0.3 lag, outside the window", 0.3, 0.5, &o, 1, 20, &sc);
	assert_int_equal(sc.passed, 0);
}

/* A window that somebody has given is his word: all that it allows is named, also at its
 * edges, and also the wiring with the most mistakes. */
static void test_given_windows(void **state)
{
	static const char *const windows[] = { "0.5,0.95", "0.5,1", "0.45,1", "0.52lag,0.95lag" };
	struct doctor_options o = consumer();
	struct err e = { 0 };

	(void)state;
	for (size_t k = 0; k < sizeof(windows) / sizeof(windows[0]); k++) {
		struct score sc;

		assert_int_equal(doctor_window_parse(windows[k], &o, &e), 0);
		run(windows[k], 0.5, 0.5, &o, 1, 30, &sc);
		assert_int_equal(sc.wrong, 0);
		assert_int_equal(sc.untold, 0);
	}
}

/* A meter whose registers stand still while it is read: no mean takes their errors away. */
static void test_standing_still(void **state)
{
	struct doctor_options o = consumer();
	struct score sc = { 0 };

	(void)state;
	standing = true;
	run("PF 1 to 0.85 lag, registers that stand still", 0.85, 1, &o, 1, 100, &sc);
	standing = false;
	assert_int_equal(sc.wrong, 0);
	assert_true(sc.right >= 0.93 * sc.cases);
}

/* Whatever the wiring, when power may flow out: nothing fails, nothing passes. */
static void test_exporting(void **state)
{
	struct doctor_options o;

	(void)state;
	doctor_options_init(&o);
	o.site = DOCTOR_SITE_EXPORTING;
	for (unsigned k = 0; k < 48 * 40; k++) {
		struct doctor_verdict v;
		struct site w;

		make_site(&w, 0.85, 1);
		site_wire(&w, k % 48);
		/* all phases export, or one with PV on it, or none just now */
		for (unsigned x = 0; x < 3; x++)
			if (k / 48 % 4 < 2 || x == k / 48 % 4)
				w.pf_lag[x] = 180 + range(-40, 40);
		judge_site(&w, &o, &v);
		assert_int_equal(v.outcome, DOCTOR_INSUFFICIENT);
		assert_true(v.nfindings > 0);
	}
}

/* Nobody has said whether it exports, and it does: on three phases or two, with the
 * loads' reactive power. */
static void test_exporting_unsaid(void **state)
{
	struct doctor_options o;

	(void)state;
	doctor_options_init(&o);
	for (unsigned k = 0; k < 1500; k++) {
		double out = range(115, 205);
		struct doctor_verdict v;
		struct site w;

		make_site(&w, 0.85, 1);
		for (unsigned x = 0; x < 3; x++)
			if (k % 3 || x)
				w.pf_lag[x] = out + range(-15, 15);
		if (k % 3 == 0) {
			/* more flows out than in */
			w.uneven[0] = 0.8 * w.uneven[1];
			for (unsigned x = 1; x < 3; x++)
				w.pf_lag[x] = 180 + range(-20, 20);
		}
		judge_site(&w, &o, &v);
		assert_int_equal(v.outcome, DOCTOR_INSUFFICIENT);
		assert_true(v.evidence.export_possible);
	}
}

/* Where nobody has said what the site is, one CT turned round looks like feed-in when the
 * loads are near unity: then both are named. With reactive power it is plain, since feed-in
 * turns the active power alone. */
static void test_unsaid(void **state)
{
	static const struct { double low, high, right; } bands[] = { { 0.85, 1, 0.8 }, { 0.7, 0.92, 0.99 } };
	struct doctor_options o;

	(void)state;
	doctor_options_init(&o);
	for (size_t b = 0; b < sizeof(bands) / sizeof(*bands); b++) {
		struct score sc = { 0 };

		for (unsigned k = 0; k < 48 * 60; k++) {
			struct site w;

			make_site(&w, bands[b].low, bands[b].high);
			for (unsigned x = 0; x < 3; x++)
				w.uneven[x] = range(0.8, 1);
			site_wire(&w, k % 48);
			if (mistakes(&w) < 2)
				score_site(&w, &o, &sc);
		}
		print_score("one mistake or none, nothing said of the site", &sc);
		assert_int_equal(sc.wrong, 0);
		assert_int_equal(sc.untold, 0);
		assert_true(sc.right >= bands[b].right * sc.cases);
	}
}

/* ---- sites that are right, with loads that are not usual ------------------------------ */

static void lamps(struct site *w)
{
	for (unsigned x = 0; x < 3; x++)
		w->pf_lag[x] = -range(20, 48);
}

static void idle_motors(struct site *w)
{
	double lag = range(60, 78);

	for (unsigned x = 0; x < 3; x++)
		w->pf_lag[x] = lag + range(-5, 5);
}

static void drives(struct site *w)
{
	lamps(w);
	w->thd_i = range(0.3, 0.6);
}

/* Its current flows in a and back in b, 30 degrees from each. */
static void welder(struct site *w)
{
	double lag = range(10, 55);

	w->pf_lag[0] = lag + 30;
	w->pf_lag[1] = lag - 30;
	w->pf_lag[2] = range(10, 35);
}

/* On one phase, two or three, with the loads' reactive power. */
static void feed_in(struct site *w)
{
	unsigned set = 1 + (unsigned)range(0, 6.999);

	for (unsigned x = 0; x < 3; x++)
		if (set >> x & 1)
			w->pf_lag[x] = range(150, 186);
}

/* A small one in a socket, of which who calls the site a consumer has not heard. */
static void untold_inverter(struct site *w)
{
	w->pf_lag[(unsigned)range(0, 2.999)] = range(152, 184);
}

static const struct {
	const char *what;
	void (*make)(struct site *w);
	enum doctor_site site;
	double wrong, passed;	/* of those wired in any way, by a snapshot: called what they are not; passed */
} classes[] = {
	{ "lamps that lead", lamps, DOCTOR_SITE_CONSUMER, 0.06, 0.007 },
	{ "motors without load", idle_motors, DOCTOR_SITE_CONSUMER, 0.005, 0.001 },
	{ "drives", drives, DOCTOR_SITE_CONSUMER, 0.07, 0.01 },
	{ "a welder between two phases", welder, DOCTOR_SITE_CONSUMER, 0.015, 0.006 },
	{ "feed-in on any phases, nothing said", feed_in, DOCTOR_SITE_UNSAID, 0.1, 0.05 },
	{ "an inverter in a socket, said to be a consumer", untold_inverter, DOCTOR_SITE_CONSUMER, 0.33, 0.1 },
};

/* The same sites, wired in all 48 ways, by one snapshot. What is aimed at, 0.5 % wrong and 0.1 % passed, only
 * the motors keep: the others are for a load step (test_step), and these hold what there is. */
static void test_wired_classes(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof(classes) / sizeof(*classes); c++) {
		struct score sc = { 0 };
		struct doctor_options o;

		doctor_options_init(&o);
		o.site = classes[c].site;
		for (unsigned k = 0; k < 48 * 60; k++) {
			struct site w;

			make_site(&w, 0.85, 1);
			classes[c].make(&w);
			site_wire(&w, k % 48);
			score_site(&w, &o, &sc);
		}
		print_score(classes[c].what, &sc);
		print_message("# ... of which passed %.2f %%\n", 100.0 * sc.passed / sc.cases);
		assert_true(sc.wrong <= classes[c].wrong * sc.cases);
		assert_true(sc.passed <= classes[c].passed * sc.cases);
	}
}

static void test_healthy_classes(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof(classes) / sizeof(*classes); c++)
		for (int angles = -1; angles <= 1; angles++) {
			struct score sc = { 0 };
			struct doctor_options o;

			doctor_options_init(&o);
			o.site = classes[c].site;
			for (unsigned k = 0; k < 600; k++) {
				struct site w;

				make_site(&w, 0.85, 1);
				classes[c].make(&w);
				w.angles = angles;
				score_site(&w, &o, &sc);
			}
			print_score(classes[c].what, &sc);
			assert_int_equal(sc.healthy_failed, 0);
		}
}

static void test_little_load(void **state)
{
	struct doctor_options o = consumer();

	(void)state;
	for (unsigned k = 0; k < 48 * 30; k++) {
		struct doctor_verdict v;
		struct site w;

		make_site(&w, 0.85, 1);
		w.amperes = k % 3 ? range(0, 0.48) : 0;
		site_wire(&w, k % 48);
		judge_site(&w, &o, &v);
		assert_int_equal(v.outcome, DOCTOR_INSUFFICIENT);
		assert_int_equal(found(&v, DOCTOR_INSUFFICIENT_LOAD), 7);
	}
}

/* One phase without load: what is right of the others is no pass, what is wrong of
 * them is found. */
static void test_two_loaded(void **state)
{
	struct doctor_options o = consumer();
	struct score sc = { 0 };

	(void)state;
	for (unsigned k = 0; k < 3000; k++) {
		struct doctor_verdict v;
		struct site w;

		make_site(&w, 0.85, 1);
		w.uneven[2] = 0.03 / w.amperes * range(1, 3);
		w.reversed[1] = k % 2;
		judge_site(&w, &o, &v);
		assert_int_not_equal(v.outcome, DOCTOR_PASS);
		sc.cases++;
		if (k % 2)
			sc.right += v.outcome == DOCTOR_FAIL && found(&v, DOCTOR_CT_REVERSED) == 2;
		else
			sc.right += v.outcome == DOCTOR_INSUFFICIENT;
	}
	print_score("two phases loaded", &sc);
	assert_true(sc.right >= 0.95 * sc.cases);
}

/* A judgement takes less than a millisecond, also with two rotations to try. */
static void test_time(void **state)
{
	struct doctor_options o = consumer();
	struct doctor_sample s[SAMPLES];
	struct doctor_verdict v;
	struct site w = healthy_site;
	struct timespec a, b;
	double us;

	(void)state;
	w.angles = 0;
	site_wire(&w, 33);
	for (int k = 0; k < SAMPLES; k++)
		site_read(&w, 1700000000000000 + k, &s[k]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int k = 0; k < 1000; k++)
		doctor_check(s, SAMPLES, &o, &v);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 1e6;
	print_message("# a judgement takes %.1f us\n", us);
	assert_true(us < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual_loads),
		cmocka_unit_test(test_unity),
		cmocka_unit_test(test_powers_alone),
		cmocka_unit_test(test_small_inputs),
		cmocka_unit_test(test_distorted),
		cmocka_unit_test(test_half_lag),
		cmocka_unit_test(test_all_loads),
		cmocka_unit_test(test_given_windows),
		cmocka_unit_test(test_standing_still),
		cmocka_unit_test(test_exporting),
		cmocka_unit_test(test_exporting_unsaid),
		cmocka_unit_test(test_unsaid),
		cmocka_unit_test(test_healthy_classes),
		cmocka_unit_test(test_wired_classes),
		cmocka_unit_test(test_little_load),
		cmocka_unit_test(test_two_loaded),
		cmocka_unit_test(test_time),
	};

	return UNIT_RUN(tests);
}
