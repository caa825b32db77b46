/* The electrical model: what its registers say must agree with itself. */
#include <math.h>

#include "simmeter.h"

static const char *const phases[] = { ".a", ".b", ".c" };
static const char *const scenarios[] = {
	"", "ct-reversed=b", "ct-swapped=ab", "phase-order=acb", "voltage-missing=c",
	"exporting", "no-load", "pt=100", "ct-reversed=abc", "ct-swapped=ac,ct-reversed=a",
	"ct-rotated", "ct-missing=b", "ct-shorted=c", "voltage-duplicated=ab", "voltage-low=a", "lag=-15",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void every_point_answers(void **state)
{
	static const char *const profiles[] = { "adw300", "sdm630" };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct sim_meter *m = sim_new(profiles[k], "");
		const struct profile *p = profile_builtin_named(profiles[k]);

		for (size_t i = 0; i < p->npoints; i++) {
			const struct point *q = &p->points[i];
			uint16_t regs[VALUE_WORDS];
			struct value v;
			struct err e = { 0 };

			if (q->flags & POINT_DERIVED)
				continue;
			if (sim_meter_read(m, q->space, q->addr, q->words, regs))
				fail_msg("%s does not answer", q->key);
			if (codec_decode(q, regs, &v, &e))
				fail_msg("%s: %s", q->key, e.text);
			if (v.kind == VALUE_NUMBER && q->min <= q->max
			    && (v.num < q->min || v.num > q->max))
				fail_msg("%s is %f", q->key, v.num);
		}
		sim_meter_free(m);
	}
}

static void check_phase(struct sim_meter *m, const char *x, const char *where)
{
	double u = sim_of(m, "voltage", x), i = sim_of(m, "current", x);
	double p = sim_of(m, "power.active", x), q = sim_of(m, "power.reactive", x);
	double s = sim_of(m, "power.apparent", x), u1 = sim_of(m, "voltage.fundamental", x);
	double uh = sim_of(m, "voltage.harmonic", x), thd = sim_of(m, "thd.voltage", x);
	double i1 = sim_of(m, "current.fundamental", x), ih = sim_of(m, "current.harmonic", x);

	near(s, hypot(p, q), 0.0013, "S and P, Q", where);
	near(s, u * i / 1000, 0.0006 + u * 0.005 / 1000 + i * 0.05 / 1000, "S and U x I", where);
	if (s > 0.05)
		near(sim_of(m, "pf", x), p / s, 0.0006 + 0.001 / s, "PF", where);
	near(p, sim_of(m, "power.active.fundamental", x) + sim_of(m, "power.active.harmonic", x),
	     0.0016, "parts of P", where);
	near(q, sim_of(m, "power.reactive.fundamental", x)
	     + sim_of(m, "power.reactive.harmonic", x), 0.0016, "parts of Q", where);
	near(u, hypot(u1, uh), 0.11, "parts of U", where);
	near(i, hypot(i1, ih), 0.011, "parts of I", where);
	near(uh, u1 * thd / 100, 0.08, "voltage THD", where);
	near(ih, i1 * sim_of(m, "thd.current", x) / 100, 0.007, "current THD", where);
}

static void check_harmonics(struct sim_meter *m, const char *kind, const char *x,
			    const char *where)
{
	char key[64];
	double sum = 0;

	for (int n = 2; n <= 31; n++) {
		snprintf(key, sizeof(key), "harmonic.%s%s.%d", kind, x, n);
		sum += pow(sim_num(m, key), 2);
	}
	snprintf(key, sizeof(key), "thd.%s", kind);
	near(sqrt(sum), sim_of(m, key, x), 0.03, "THD of the harmonics", where);
}

static void check_vectors(struct sim_meter *m, const char *where)
{
	static const char *const lines[] = { "voltage.ab", "voltage.bc", "voltage.ca" };
	const double degrees = acos(-1) / 180;
	double x = 0, y = 0;

	for (int n = 0; n < 3; n++) {
		const char *a = phases[n], *b = phases[(n + 1) % 3];
		double ua = sim_of(m, "voltage", a), ub = sim_of(m, "voltage", b);
		double between = (sim_of(m, "angle.voltage", b) - sim_of(m, "angle.voltage", a)) * degrees;
		double i = sim_of(m, "current", a), lag = sim_of(m, "angle.current", a) * degrees;

		near(sim_num(m, lines[n]), sqrt(ua * ua + ub * ub - 2 * ua * ub * cos(between)),
		     0.3, lines[n], where);
		x += i * cos(lag);
		y += i * sin(lag);
		/* the angle between U and I is that of the fundamental powers */
		lag -= sim_of(m, "angle.voltage", a) * degrees;
		near(sim_of(m, "power.active.fundamental", a), ua * i * cos(lag) / 1000,
		     0.02 * ua * i / 1000 + 0.002, "P and the angles", where);
		near(sim_of(m, "power.reactive.fundamental", a), ua * i * sin(lag) / 1000,
		     0.02 * ua * i / 1000 + 0.002, "Q and the angles", where);
	}
	near(sim_num(m, "current.vector_sum"), hypot(x, y), 0.03, "vector sum", where);
}

static void check_totals(struct sim_meter *m, const char *where)
{
	static const char *const sums[] = {
		"power.active", "power.reactive", "power.apparent", "power.active.fundamental",
		"power.reactive.fundamental", "power.active.harmonic", "power.reactive.harmonic",
	};

	for (size_t i = 0; i < COUNT(sums); i++)
		near(sim_of(m, sums[i], ".total"),
		     sim_of(m, sums[i], ".a") + sim_of(m, sums[i], ".b") + sim_of(m, sums[i], ".c"),
		     0.0021, sums[i], where);
}

static double four(struct sim_meter *m, const char *key, const char *a, const char *b,
		   const char *c, const char *d)
{
	return sim_of(m, key, a) + sim_of(m, key, b) + sim_of(m, key, c) + sim_of(m, key, d);
}

static void check_energies(struct sim_meter *m, const char *where)
{
	static const char *const kinds[] = {
		"active.combined", "active.import", "active.export", "reactive.import", "reactive.export",
	};
	char tou[64], total[64];

	for (size_t i = 0; i < COUNT(kinds); i++) {
		snprintf(tou, sizeof(tou), "energy.tou.%s", kinds[i]);
		snprintf(total, sizeof(total), "energy.%s.total", kinds[i]);
		near(four(m, tou, ".sharp", ".peak", ".flat", ".valley"), sim_num(m, total),
		     0.026, total, where);
	}
	near(sim_num(m, "energy.active.combined.total"), sim_num(m, "energy.active.import.total")
	     + sim_num(m, "energy.active.export.total"), 0.016, "combined", where);
	near(four(m, "energy.reactive", ".q1.total", ".q2.total", ".q3.total", ".q4.total"),
	     sim_num(m, "energy.reactive.combined.total"), 0.003, "quadrants", where);
	near(sim_num(m, "energy.reactive.q1.total") + sim_num(m, "energy.reactive.q2.total"),
	     sim_num(m, "energy.reactive.import.total"), 0.007, "quadrants 1 and 2", where);
}

static void check_extremes(struct sim_meter *m, const char *key, const char *where)
{
	double now = sim_num(m, key);
	char max[96], min[96];

	snprintf(max, sizeof(max), "extreme.max.%s", key);
	snprintf(min, sizeof(min), "extreme.min.%s", key);
	if (now > sim_num(m, max) || now < sim_num(m, min))
		fail_msg("%s (%s) is beyond its extremes", key, where);
}

static void everything_agrees_over_hours(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(scenarios); k++)
		for (int seed = 1; seed <= 3; seed++) {
			char where[96];
			struct sim_meter *m;

			snprintf(where, sizeof(where), "seed=%d%s%s", seed,
				 *scenarios[k] ? "," : "", scenarios[k]);
			m = sim_new("adw300", where);
			for (int step = 0; step < 36; step++) {
				for (int x = 0; x < 3; x++) {
					check_phase(m, phases[x], where);
					check_harmonics(m, "voltage", phases[x], where);
					check_harmonics(m, "current", phases[x], where);
				}
				check_vectors(m, where);
				check_totals(m, where);
				check_energies(m, where);
				check_extremes(m, "voltage.b", where);
				check_extremes(m, "power.active.total", where);
				sim_meter_advance(m, 597);
			}
			sim_meter_free(m);
		}
}

/* One hour, the power read every second. */
static void energy_is_the_integral_of_power(void **state)
{
	static const char *const keys[] = { "total", "a", "b", "c" };

	(void)state;
	for (size_t k = 0; k < COUNT(scenarios); k++) {
		struct sim_meter *m = sim_new("adw300", scenarios[k]);
		double sum[4] = { 0 }, before[4];
		char key[64];

		for (int i = 0; i < 4; i++) {
			snprintf(key, sizeof(key), "energy.active.import.%s", keys[i]);
			before[i] = sim_num(m, key);
			snprintf(key, sizeof(key), "energy.active.export.%s", keys[i]);
			before[i] -= sim_num(m, key);
		}
		for (int t = 0; t < 3600; t++) {
			for (int i = 0; i < 4; i++) {
				snprintf(key, sizeof(key), "power.active.%s", keys[i]);
				sum[i] += sim_num(m, key) / 3600;
			}
			sim_meter_advance(m, 1);
		}
		for (int i = 0; i < 4; i++) {
			double after;

			snprintf(key, sizeof(key), "energy.active.import.%s", keys[i]);
			after = sim_num(m, key);
			snprintf(key, sizeof(key), "energy.active.export.%s", keys[i]);
			after -= sim_num(m, key);
			near(after - before[i], sum[i], 0.022, key, scenarios[k]);
		}
		sim_meter_free(m);
	}
}

static void history_grows_to_the_present(void **state)
{
	struct sim_meter *m = sim_new("adw300", "start=2026-03-20T08:00:00");
	double later = sim_num(m, "energy.active.import.total"), peak = 0;
	char key[64];

	(void)state;
	for (int month = 0; month < 12; month++) {
		double now, spent;

		snprintf(key, sizeof(key), month ? "history.energy.active.import.total@%d"
			 : "history.energy.active.import.total", month);
		now = sim_num(m, key);
		spent = later - now;
		/* 0.7 to 2.5 kW, day and night */
		if (spent < (month ? 600 : 300) || spent > 1500)
			fail_msg("%s: %.2f kWh in a month", key, spent);
		later = now;
		peak = fmax(peak, spent);
	}
	assert_string_equal(sim_value(m, "history.time").text, "2026-03-01 00:00:00");
	assert_string_equal(sim_value(m, "history.time@2").text, "2026-01-01 00:00:00");
	assert_string_equal(sim_value(m, "history.time@3").text, "2025-12-01 00:00:00");
	assert_true(later > 0);
	sim_meter_free(m);
}

static void month_is_closed_at_the_freeze(void **state)
{
	struct sim_meter *m = sim_new("adw300", "start=2026-03-31T23:00:00");
	double then;

	(void)state;
	assert_string_equal(sim_value(m, "history.time").text, "2026-03-01 00:00:00");
	sim_meter_advance(m, 3600);
	then = sim_num(m, "energy.active.import.total");
	assert_string_equal(sim_value(m, "history.time").text, "2026-04-01 00:00:00");
	assert_string_equal(sim_value(m, "history.time@1").text, "2026-03-01 00:00:00");
	near(sim_num(m, "history.energy.active.import.total"), then, 0.01, "the record", "");
	assert_string_equal(sim_value(m, "extreme.max.voltage.a.time").text, "04-01 00:00");
	sim_meter_advance(m, 60);
	assert_string_equal(sim_value(m, "history.time").text, "2026-04-01 00:00:00");

	/* the 25th at 23:00 */
	assert_int_equal(sim_set(m, "freeze.time", "25 23:00"), 0);
	assert_int_equal(sim_set(m, "clock", "2026-04-25 22:59:30"), 0);
	sim_meter_advance(m, 31);
	assert_string_equal(sim_value(m, "history.time").text, "2026-04-25 23:00:00");
	sim_meter_free(m);
}

static void wiring_errors_act(void **state)
{
	struct sim_meter *m = sim_new("adw300", ""), *n;

	(void)state;
	assert_true(sim_num(m, "power.active.b") > 0.2 && sim_num(m, "power.reactive.b") > 0);
	near(sim_num(m, "angle.voltage.b"), 120, 1, "sequence", "");

	n = sim_new("adw300", "ct-reversed=b");
	near(sim_num(n, "power.active.b"), -sim_num(m, "power.active.b"), 0.0001, "P", "reversed");
	near(sim_num(n, "power.reactive.b"), -sim_num(m, "power.reactive.b"), 0.0001, "Q", "reversed");
	near(sim_num(n, "power.active.a"), sim_num(m, "power.active.a"), 0.0001, "P", "untouched");
	near(sim_num(n, "power.apparent.b"), sim_num(m, "power.apparent.b"), 0.0001, "S", "reversed");
	near(fabs(sim_num(n, "angle.current.b") - sim_num(m, "angle.current.b")), 180, 0.02, "angle", "");
	assert_true(sim_num(n, "pf.b") < 0);
	sim_meter_free(n);

	n = sim_new("adw300", "ct-swapped=ab");
	near(sim_num(n, "current.a"), sim_num(m, "current.b"), 0.0001, "I", "swapped");
	near(sim_num(n, "current.b"), sim_num(m, "current.a"), 0.0001, "I", "swapped");
	near(sim_num(n, "angle.current.a"), sim_num(m, "angle.current.b"), 0.0001, "angle", "swapped");
	assert_true(fabs(sim_num(n, "power.active.total")) < 0.2 * sim_num(m, "power.active.total"));
	sim_meter_free(n);

	n = sim_new("adw300", "phase-order=acb");
	near(sim_num(n, "voltage.b"), sim_num(m, "voltage.c"), 0.0001, "U", "order");
	near(sim_num(n, "angle.voltage.b"), 240, 1, "sequence", "order");
	assert_true((int)sim_num(n, "alarm1.status") >> 14 & 1);
	sim_meter_free(n);

	n = sim_new("adw300", "voltage-missing=c");
	assert_true(sim_num(n, "voltage.c") == 0 && sim_num(n, "power.active.c") == 0);
	near(sim_num(n, "voltage.bc"), sim_num(n, "voltage.b"), 0.11, "U bc", "missing");
	near(sim_num(n, "current.c"), sim_num(m, "current.c"), 0.0001, "I", "missing");
	assert_true((int)sim_num(n, "alarm1.status") >> 13 & 1);
	sim_meter_free(n);

	n = sim_new("adw300", "exporting");
	assert_true(sim_num(n, "power.active.total") < 0);
	assert_true(sim_num(n, "energy.active.export.total") > 0);
	assert_true(sim_num(n, "energy.active.import.total") > 0);
	sim_meter_free(n);

	n = sim_new("adw300", "no-load");
	assert_true(sim_num(n, "current.a") == 0 && sim_num(n, "power.apparent.total") == 0);
	sim_meter_advance(n, 3600);
	assert_true(sim_num(n, "demand.active.import.present") == 0);
	sim_meter_free(n);
	sim_meter_free(m);
}

static void same_seed_same_meter(void **state)
{
	struct sim_meter *a = sim_new("adw300", "seed=9"), *b = sim_new("adw300", "seed=9");
	struct sim_meter *c = sim_new("adw300", "seed=10");
	uint16_t x[125], y[125], z[125];

	(void)state;
	sim_meter_advance(a, 3600);
	for (int i = 0; i < 3600; i++)
		sim_meter_advance(b, 1);
	sim_meter_advance(c, 3600);
	assert_int_equal(sim_meter_read(a, SPACE_HOLDING, 0, 125, x), 0);
	assert_int_equal(sim_meter_read(b, SPACE_HOLDING, 0, 125, y), 0);
	assert_int_equal(sim_meter_read(c, SPACE_HOLDING, 0, 125, z), 0);
	assert_memory_equal(x, y, sizeof(x));
	assert_memory_not_equal(x, z, sizeof(x));
	sim_meter_free(a);
	sim_meter_free(b);
	sim_meter_free(c);
}

static void frozen_stands_still(void **state)
{
	struct sim_meter *m = sim_new("adw300", "frozen,start=2026-01-31T23:59:59");
	uint16_t x[125], y[125];

	(void)state;
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0, 125, x), 0);
	sim_meter_advance(m, 100);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0, 125, y), 0);
	assert_memory_equal(x, y, sizeof(x));
	assert_string_equal(sim_value(m, "clock").text, "2026-01-31 23:59:59");
	sim_meter_free(m);
}

static void scenarios_are_checked(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "ct-revrsed=b", "did you mean 'ct-reversed'" },
		{ "nonsense", "SIMULATED METERS" },
		{ "ct-reversed", "needs a value" },
		{ "ct-reversed=d", "phases like" },
		{ "ct-reversed=bb", "phases like" },
		{ "ct-swapped=a", "two phases" },
		{ "phase-order=ab", "three phases" },
		{ "exporting=1", "takes no value" },
		{ "drop=101", "percent" },
		{ "late=5/x", "MS/PERCENT" },
		{ "exception=0", "code" },
		{ "unit=248", "address" },
		{ "start=2026-02-30T00:00:00", "a time like" },
		{ "start=yesterday", "a time like" },
		{ "pace=9600x", "baud" },
		{ "state=", "a file" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct err e = { 0 };

		assert_null(sim_meter_new(profile_builtin_named("adw300"), wrong[i].text, &e));
		assert_int_equal(e.code, ERR_USAGE);
		if (!strstr(e.text, wrong[i].says))
			fail_msg("'%s' says: %s", wrong[i].text, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_point_answers),
		cmocka_unit_test(everything_agrees_over_hours),
		cmocka_unit_test(energy_is_the_integral_of_power),
		cmocka_unit_test(history_grows_to_the_present),
		cmocka_unit_test(month_is_closed_at_the_freeze),
		cmocka_unit_test(wiring_errors_act),
		cmocka_unit_test(same_seed_same_meter),
		cmocka_unit_test(frozen_stands_still),
		cmocka_unit_test(scenarios_are_checked),
	};

	return UNIT_RUN(tests);
}
