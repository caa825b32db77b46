/* The wiring doctor against a maker's published table of wrong connections (Mitsubishi
 * ME96SSEB-MB, user's manual, 9.2.1 and 9.2.2) at the power factors it gives: what is
 * decided is decided rightly, and what is not has the truth among at most four. */
#include "unit.h"

#include <string.h>

#include "doctor_bench.h"

#define VOLTS 110.0
#define AMPERES 2.5

/* No. in the table; the CT of input x is on of[x], turned round or not; the voltages turn
 * a c b or a b c. */
static const struct published {
	int no;
	bool three, acb;
	unsigned of[3];
	bool reversed[3];
} table_of[] = {
	{ 5, true, false, { 2, 1, 0 }, { false, false, false } }, { 6, true, true, { 1, 0, 2 }, { false, false, false } },
	{ 7, true, true, { 0, 2, 1 }, { false, false, false } }, { 8, true, true, { 2, 1, 0 }, { false, false, false } },
	{ 13, true, false, { 0, 1, 2 }, { true, false, true } }, { 14, true, true, { 0, 1, 2 }, { false, false, false } },
	{ 15, true, true, { 1, 0, 2 }, { true, false, false } }, { 16, true, true, { 1, 0, 2 }, { false, false, true } },
	{ 17, true, true, { 1, 0, 2 }, { true, false, true } }, { 18, true, true, { 0, 2, 1 }, { true, false, false } },
	{ 12, false, true, { 1, 0, 2 }, { false, false, false } }, { 13, false, true, { 0, 2, 1 }, { false, false, false } },
	{ 14, false, true, { 2, 1, 0 }, { false, false, false } }, { 24, false, true, { 1, 0, 2 }, { false, true, false } },
	{ 25, false, true, { 0, 2, 1 }, { false, true, false } }, { 26, false, true, { 2, 1, 0 }, { false, true, false } },
	{ 30, false, true, { 1, 0, 2 }, { false, false, true } }, { 31, false, true, { 0, 2, 1 }, { false, false, true } },
	{ 32, false, true, { 2, 1, 0 }, { false, false, true } }, { 36, false, true, { 2, 0, 1 }, { false, false, false } },
};

/* Lag of the load: PF 1, 0.866 and 0.707 lag and lead. */
static const double loads[] = { 0, 30, 45, -30, -45 };

/* One input as a meter shows it: its voltage and current on the same clock. */
static void show(struct doctor_sample *s, unsigned x, double volts, double u_lag, double i_lag)
{
	double lag = (i_lag - u_lag) * M_PI / 180;

	s->u[x] = volts;
	s->angle_u[x] = full_circle(u_lag);
	s->angle_i[x] = full_circle(i_lag);
	s->s[x] = volts * AMPERES / 1000;
	s->p[x] = s->s[x] * cos(lag);
	s->q[x] = s->s[x] * sin(lag);
	s->pf[x] = fabs(cos(lag));
}

static void sample_of(const struct published *c, double load, struct doctor_sample *s)
{
	double star = c->acb ? -120 : 120;

	for (unsigned x = 0; x < 3; x++) {
		double i_lag = star * c->of[x] + load + (c->reversed[x] ? 180 : 0), u_lag = star * x;

		s->i[x] = AMPERES;
		s->line[x] = c->three ? VOLTS : VOLTS * 1.7320508;
		/* three wires: a-b is 30 degrees from a, c-b from c, away from b */
		if (c->three)
			u_lag += (x == 0) == c->acb ? 30 : -30;
		show(s, x, c->three && x == 1 ? 0 : VOLTS, u_lag, i_lag);
	}
	/* the first voltage is at 0 */
	for (unsigned x = 0; c->three && x < 3; x++) {
		s->angle_u[x] = full_circle(s->angle_u[x] - (c->acb ? 30 : -30));
		s->angle_i[x] = full_circle(s->angle_i[x] - (c->acb ? 30 : -30));
	}
	s->p_total = s->p[0] + s->p[1] + s->p[2];
	s->q_total = s->q[0] + s->q[1] + s->q[2];
	s->s_total = s->s[0] + s->s[1] + s->s[2];
}

static bool is_truth(const struct published *c, const struct doctor_wiring *w)
{
	for (unsigned x = 0; x < 3; x++)
		if (!(c->three && x == 1) && (w->of[x] != c->of[x] || w->reversed[x] != c->reversed[x]))
			return false;
	return true;
}

/* 1: decided, and rightly; 0: not decided. */
static unsigned judged(struct bench *b, const struct published *c, double load)
{
	const struct doctor_evidence *ev = &b->v.evidence;

	take(b);
	for (struct doctor_sample *s = b->s; s < b->s + SAMPLES; s++)
		sample_of(c, load, s);
	judge(b);
	if (b->v.outcome != DOCTOR_INSUFFICIENT) {
		if (!is_truth(c, &ev->candidates[0].wiring))
			fail_msg("No. %d, %d wires, load %.0f: decided wrongly", c->no, c->three ? 3 : 4, load);
		assert_int_equal(b->v.outcome == DOCTOR_PASS, doctor_wiring_right(&ev->candidates[0].wiring));
		return 1;
	}
	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		if (is_truth(c, &ev->candidates[k].wiring))
			return 0;
	fail_msg("No. %d, %d wires, load %.0f: not among those named", c->no, c->three ? 3 : 4, load);
	return 0;
}

static unsigned run_table(bool consumer, bool window)
{
	unsigned decided = 0;

	for (size_t k = 0; k < sizeof(table_of) / sizeof(*table_of); k++)
		for (size_t l = 0; l < sizeof(loads) / sizeof(*loads); l++) {
			struct bench b;

			set_up(&b);
			b.o.wires = table_of[k].three ? DOCTOR_3WIRE : DOCTOR_4WIRE;
			b.o.site = consumer ? DOCTOR_SITE_CONSUMER : DOCTOR_SITE_UNSAID;
			b.o.window_said = window;
			if (window) {
				b.o.window_lag = loads[l] + 25;
				b.o.window_lead = 25 - loads[l];
			}
			decided += judged(&b, &table_of[k], loads[l]);
		}
	print_message("# decided %u of 100, site %s, window %s\n", decided, consumer ? "said" : "unsaid",
		      window ? "given" : "not given");
	return decided;
}

static void test_table(void **state)
{
	(void)state;
	assert_true(run_table(false, false) >= 30);
	assert_true(run_table(true, false) >= 34);
	assert_true(run_table(true, true) >= 92);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return UNIT_RUN(tests);
}
