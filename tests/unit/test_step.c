/* The guided load step against sites made of waveforms: every wiring, loads of which nothing
 * is known, feed-in; and what must not count. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "doctor/step.h"
#include "doctor_bench.h"

#define APART_US 250000

struct play {
	struct bench b;
	struct step_watch w;
	int64_t at_us;
	unsigned events[STEP_JUDGED + 1];
	double base_i[3], base_lag[3];	/* of the loads, without the heater */
	double moves;			/* of the loads, from reading to reading */
};

static void play_begin(struct play *p)
{
	memset(p, 0, sizeof(*p));
	set_up(&p->b);
	p->at_us = 1700000000000000;
}

static void play_start(struct play *p)
{
	for (unsigned x = 0; x < 3; x++) {
		p->base_i[x] = p->b.w.uneven[x];
		p->base_lag[x] = p->b.w.pf_lag[x];
	}
	take(&p->b);
	judge(&p->b);
	step_begin(&p->w, &p->b.o, &p->b.v);
}

/* N readings with AMPERES of a resistive load on conductor X. */
static void play_load(struct play *p, unsigned x, double amperes, double lag, unsigned n)
{
	struct site *s = &p->b.w;

	for (; n > 0; n--) {
		struct doctor_sample sample;

		for (unsigned k = 0; k < 3; k++) {
			double own = p->base_i[k] * (1 + p->moves * gauss()), more = k == x ? amperes / s->amperes : 0;
			double a = own * cos(p->base_lag[k] * M_PI / 180) + more * cos(lag * M_PI / 180);
			double r = own * sin(p->base_lag[k] * M_PI / 180) + more * sin(lag * M_PI / 180);

			s->uneven[k] = hypot(a, r);
			s->pf_lag[k] = atan2(r, a) * 180 / M_PI;
		}
		site_read(s, p->at_us += APART_US, &sample);
		p->events[step_take(&p->w, &sample)]++;
	}
}

/* On and off CHANGES times, 2 s each, on conductor X, and a pause before. */
static void play_step(struct play *p, unsigned x, double amperes, unsigned changes)
{
	play_load(p, x, 0, 0, 16);
	for (unsigned k = 0; k < changes; k++)
		play_load(p, x, k % 2 ? 0 : amperes, 0, 8);
	play_load(p, x, changes % 2 ? amperes : 0, 0, 16);
}

static void play_all(struct play *p, double amperes)
{
	play_start(p);
	play_load(p, 0, 0, 0, 20);
	for (unsigned x = 0; x < 3; x++)
		play_step(p, x, amperes, STEP_CHANGES);
	step_conclude(&p->w, &p->b.o, &p->b.v);
}

/* Which way all CTs are rotated hangs on the sequence: where that is not known, both are. */
static bool truth(const struct play *p)
{
	const struct doctor_evidence *ev = &p->b.v.evidence;
	unsigned wrong = 0;
	bool named = false;

	for (unsigned x = 0; x < 3; x++)
		wrong += p->b.w.of[x] != x || p->b.w.reversed[x];
	for (size_t k = 0; k < ev->ncandidates; k++)
		named = named || (memcmp(ev->candidates[k].wiring.of, p->b.w.of, sizeof(p->b.w.of)) == 0
				  && memcmp(ev->candidates[k].wiring.reversed, p->b.w.reversed, sizeof(p->b.w.reversed)) == 0);
	return named && ev->ncandidates <= (ev->rotation ? 1 : 2) && p->b.v.outcome == (wrong ? DOCTOR_FAIL : DOCTOR_PASS);
}

/* Of an input that is right. */
static bool accuses(const struct play *p)
{
	unsigned reversed = 0, moved = 0;
	bool wrong = false;

	for (unsigned x = 0; x < 3; x++) {
		reversed |= (unsigned)p->b.w.reversed[x] << x;
		moved |= (unsigned)(p->b.w.of[x] != x) << x;
	}
	for (size_t k = 0; k < p->b.v.nfindings; k++) {
		const struct doctor_finding *f = &p->b.v.findings[k];

		wrong = wrong || (f->code == DOCTOR_CT_REVERSED && f->phases & ~reversed)
			|| ((f->code == DOCTOR_CT_SWAPPED || f->code == DOCTOR_CT_ROTATED) && f->phases & ~moved);
	}
	return wrong;
}

static void lamps(struct play *p)
{
	for (unsigned x = 0; x < 3; x++)
		p->b.w.pf_lag[x] = -range(20, 48);
}

static void idle_motors(struct play *p)
{
	for (unsigned x = 0; x < 3; x++)
		p->b.w.pf_lag[x] = range(60, 78);
}

static void drives(struct play *p)
{
	lamps(p);
	p->b.w.thd_i = range(0.3, 0.6);
}

static void feed_in(struct play *p)
{
	for (unsigned x = 0; x < 3; x++)
		if (chance() < 0.6)
			p->b.w.pf_lag[x] = range(150, 186);
}

static void usual(struct play *p)
{
	for (unsigned x = 0; x < 3; x++)
		p->b.w.pf_lag[x] = range(0, 32);
}

static void test_every_wiring(void **state)
{
	/* what drives distort is in their reactive power: it bends the angle of a change */
	static const struct { const char *what; void (*make)(struct play *p); double right; } classes[] = {
		{ "usual loads", usual, 0.995 }, { "lamps that lead", lamps, 0.995 },
		{ "motors without load", idle_motors, 0.995 }, { "drives", drives, 0.95 },
		{ "feed-in on any phases", feed_in, 0.995 },
	};

	(void)state;
	for (size_t c = 0; c < sizeof(classes) / sizeof(*classes); c++) {
		unsigned right = 0, passed = 0, failed = 0, wrong = 0, healthy_passed = 0, n = 0;

		for (; n < 48 * 10; n++) {
			struct play p;
			bool healthy = n % 5 == 0;

			play_begin(&p);
			classes[c].make(&p);
			p.b.o.site = DOCTOR_SITE_UNSAID;
			p.b.w.noise = 0.005;
			p.moves = 0.02;
			p.b.w.angles = n & 64 ? 1 : -1;
			site_wire(&p.b.w, healthy ? 0 : n % 47 + 1);
			play_all(&p, 2);
			right += truth(&p);
			passed += !healthy && p.b.v.outcome == DOCTOR_PASS;
			failed += healthy && p.b.v.outcome == DOCTOR_FAIL;
			wrong += p.b.v.outcome == DOCTOR_FAIL && step_done(&p.w) && !truth(&p);
			wrong += accuses(&p);
			healthy_passed += healthy && p.b.v.outcome == DOCTOR_PASS;
		}
		print_message("# %-24s %u cases: right %.2f %%, wrong %u, false pass %u, false fail %u; of %u right ones %u pass\n",
			      classes[c].what, n, 100.0 * right / n, wrong, passed, failed, n / 5, healthy_passed);
		assert_true(right >= classes[c].right * n);
		assert_true(healthy_passed >= 0.99 * n / 5);
		assert_true(passed + failed == 0 && wrong <= 0.005 * n);
	}
}

static void judged(struct play *p, unsigned x, bool wanted, const char *why)
{
	assert_int_equal(p->w.in[x].judged, wanted);
	if (why)
		assert_string_equal(p->w.why, why);
}

/* What begins with the load on would turn the answer round: an odd number does not count. */
static void test_begun_too_late(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 1, 2, 0, 20);
	for (unsigned k = 0; k < 5; k++)
		play_load(&p, 1, k % 2 ? 2 : 0, 0, 8);
	play_load(&p, 1, 0, 0, 20);
	judged(&p, 1, false, "an odd number of changes: begin and end with the load off");
	play_step(&p, 1, 2, STEP_CHANGES);
	judged(&p, 1, true, NULL);
	assert_true(fabs(p.w.in[1].lag) < 5 && fabs(p.w.in[1].p - 0.46) < 0.02);
}

/* A pause that is too short to end what was begun does not set the rhythm for ever. */
static void test_goes_on(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	play_step(&p, 1, 2, 2);
	play_load(&p, 1, 0, 0, 24);
	play_step(&p, 1, 2, STEP_CHANGES);
	judged(&p, 1, true, NULL);
}

static void test_once_is_not_twice(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	play_step(&p, 0, 2, 2);
	play_load(&p, 0, 0, 0, 120);
	judged(&p, 0, false, "it was not switched on and off twice");
}

/* A battery that takes up what a heater brings: the second change is another one. */
static void test_unlike_changes(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	for (unsigned k = 0; k < 2; k++) {
		play_load(&p, 0, k ? 1 : 2, 0, 8);
		play_load(&p, 0, 0, 0, 8);
	}
	play_load(&p, 0, 0, 0, 20);
	judged(&p, 0, false, "its changes are unlike each other");
}

static void test_no_heater(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	for (unsigned k = 0; k < 4; k++)
		play_load(&p, 0, k % 2 ? 0 : 2, 35, 8);
	play_load(&p, 0, 0, 0, 20);
	judged(&p, 0, false, "no resistive load");
}

/* A motor of three phases changes all inputs. */
static void test_several_at_once(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	for (unsigned k = 0; k < 4; k++) {
		for (unsigned x = 0; x < 3; x++)
			p.base_i[x] = k % 2 ? 1 : 2;
		play_load(&p, 0, 0, 0, 8);
	}
	play_load(&p, 0, 0, 0, 20);
	assert_int_equal(p.events[STEP_SEVERAL], 4);
	assert_int_equal(p.events[STEP_CHANGED], 0);
	for (unsigned x = 0; x < 3; x++)
		judged(&p, x, false, NULL);
}

/* In loads that jump about a small step is not seen, and the noise has been said before. */
static void test_drowned(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	p.moves = 0.3;
	play_start(&p);
	play_load(&p, 0, 0, 0, 40);
	assert_int_equal(p.events[STEP_READY], 1);
	assert_true(step_needed(&p.w) > 0.2);
	for (unsigned x = 0; x < 3; x++)
		play_step(&p, x, 0.2, STEP_CHANGES);
	for (unsigned x = 0; x < 3; x++)
		judged(&p, x, false, NULL);
	step_conclude(&p.w, &p.b.o, &p.b.v);
	assert_int_equal(p.b.v.evidence.samples, SAMPLES);
}

/* Of one input alone: what it has shown is taken in, the others stay as they were read. */
static void test_one_input(void **state)
{
	struct play p;

	(void)state;
	play_begin(&p);
	p.b.o.site = DOCTOR_SITE_UNSAID;
	p.b.w.pf_lag[0] = p.b.w.pf_lag[2] = 3;
	p.b.w.pf_lag[1] = 178;
	play_start(&p);
	assert_int_equal(p.b.v.outcome, DOCTOR_INSUFFICIENT);
	play_load(&p, 0, 0, 0, 20);
	play_step(&p, 1, 2, STEP_CHANGES);
	step_conclude(&p.w, &p.b.o, &p.b.v);
	assert_int_equal(p.b.v.outcome, DOCTOR_INSUFFICIENT);

	play_begin(&p);
	p.b.o.site = DOCTOR_SITE_UNSAID;
	p.b.w.reversed[1] = true;
	play_start(&p);
	play_load(&p, 0, 0, 0, 20);
	play_step(&p, 1, 2, STEP_CHANGES);
	step_conclude(&p.w, &p.b.o, &p.b.v);
	expect(&p.b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	assert_int_equal(p.b.v.nfindings, 1);
	assert_true(p.b.v.findings[0].confidence > 0.98);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_wiring),
		cmocka_unit_test(test_begun_too_late),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_once_is_not_twice),
		cmocka_unit_test(test_unlike_changes),
		cmocka_unit_test(test_no_heater),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_drowned),
		cmocka_unit_test(test_one_input),
	};

	return UNIT_RUN(tests);
}
