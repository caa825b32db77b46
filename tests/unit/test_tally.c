/* Energy registers as evidence: what each input counted, and what the doctor makes of it. */
#include "unit.h"

#include <string.h>

#include "doctor/correction.h"
#include "doctor/tally.h"
#include "doctor_bench.h"

#define FROM INT64_C(1700000000000000)

static struct tally_reading counters(double ia, double ib, double ic, double ea, double eb, double ec)
{
	return (struct tally_reading){ .at_us = FROM, .import = { ia, ib, ic, NAN }, .export = { ea, eb, ec, NAN } };
}

/* So much more of each, HOURS later. */
static struct tally counted(double hours, const double import[3], const double export[3])
{
	struct tally_reading was = counters(100.01, 100.01, 100.01, 7.01, 7.01, 7.01), is = was;
	struct tally t;

	is.at_us += (int64_t)(hours * TALLY_HOUR_US);
	for (unsigned x = 0; x < 3; x++) {
		is.import[x] += import[x];
		is.export[x] += export[x];
	}
	assert_int_equal(tally_since(&was, &is, &t), 0);
	return t;
}

static const double none[3], some[3] = { 3, 3, 3 };

static void test_directions(void **state)
{
	struct tally t = counted(1, (double[3]){ 0.10, 0.09, 0.50 }, (double[3]){ 0.10, 0.60, 0.01 });

	(void)state;
	assert_int_equal(t.counted[0], TALLY_BOTH);
	assert_int_equal(t.counted[1], TALLY_LITTLE);	/* too little of the one to be both, too much to be none */
	assert_int_equal(t.counted[2], TALLY_IMPORT);
	assert_true(fabs(t.net - (0.69 - 0.71)) < 1e-9);
	t = counted(1, (double[3]){ 0.49, 0, NAN }, (double[3]){ 0, 0.50, 5 });
	assert_int_equal(t.counted[0], TALLY_LITTLE);
	assert_int_equal(t.counted[1], TALLY_EXPORT);
	assert_int_equal(t.counted[2], TALLY_LITTLE);
}

/* A meter that counts whole kWh hides up to one of them. */
static void test_coarse(void **state)
{
	struct tally_reading was = counters(10, 10, 10, 5, 5, 5), is = counters(19, 20, 10, 14, 15, 55);
	struct tally t;

	(void)state;
	assert_int_equal(tally_since(&was, &is, &t), 0);
	assert_int_equal(t.counted[0], TALLY_LITTLE);
	assert_int_equal(t.counted[1], TALLY_BOTH);
	assert_int_equal(t.counted[2], TALLY_EXPORT);
}

static void test_backwards(void **state)
{
	struct tally_reading was = counters(10, 10, 10, 5, 5, 5), is = counters(11, 9.5, 11, 5, 5, 5);
	struct tally t;

	(void)state;
	assert_int_equal(tally_since(&was, &is, &t), -1);
	assert_false(t.known);
	assert_string_equal(t.why_not, "the counter of import of input B went back from 10.00 to 9.50 kWh");
	assert_false(tally_both(&t, 0) || tally_only_out(&t, 0) || tally_both(NULL, 0) || tally_only_out(NULL, 0));
}

/* Totals that are net: the phases are counted one by one. */
static void test_totals_are_nothing(void **state)
{
	struct tally_reading was = counters(10, 10, 10, 5, 5, 5), is = was;
	struct tally t;

	(void)state;
	was.import[3] = was.export[3] = is.import[3] = is.export[3] = 1;
	is.export[1] += 60;
	is.import[3] += 77;
	is.at_us += TALLY_DAY_US;
	assert_int_equal(tally_since(&was, &is, &t), 0);
	assert_true(tally_only_out(&t, 1) && !tally_only_out(&t, 0));
	assert_true(t.net == -60);
	/* of a meter without phases they are all there is */
	for (unsigned x = 0; x < 3; x++)
		was.import[x] = NAN;
	assert_int_equal(tally_since(&was, &is, &t), 0);
	assert_true(t.net == 77);
}

/* An input whose current turned round is that of an inverter: unity. */
static void unity(struct bench *b, enum doctor_site site)
{
	set_up(b);
	b->o.site = site;
	b->w.pf_lag[0] = b->w.pf_lag[1] = b->w.pf_lag[2] = 2;
	b->w.reversed[1] = true;
	take(b);
}

static const double out_b[3] = { 0, 3, 0 }, in_ac[3] = { 3, 0, 3 };

static void test_consumer(void **state)
{
	struct tally t = counted(24, in_ac, out_b);
	struct bench b;

	(void)state;
	unity(&b, DOCTOR_SITE_CONSUMER);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	b.o.tally = &t;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	/* an hour of it may be sun */
	t = counted(19.9, in_ac, out_b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->fix, "an hour of energy registers"));
	/* and what counts both is fed by something */
	t = counted(24, some, out_b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->fix, "input B counted both directions"));
}

/* Nobody has said what the site is: registers take a fault back, and make none. */
static void test_unsaid(void **state)
{
	struct tally out = counted(48, in_ac, out_b), both = counted(1, some, out_b);
	struct bench b;

	(void)state;
	unity(&b, DOCTOR_SITE_UNSAID);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_INSUFFICIENT);
	b.o.tally = &out;
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_INSUFFICIENT);
	b.w.pf_lag[0] = b.w.pf_lag[1] = b.w.pf_lag[2] = 30;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	b.o.tally = &both;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->explain, "input B counted both directions from 20"));
	/* what was put right since then passes */
	b.w.reversed[1] = false;
	take(&b);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
}

/* No counters of a healthy consumer, whatever they are, fail it. */
static void test_healthy(void **state)
{
	static const double hours[] = { 0.5, 30 };
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (unsigned k = 0; k < 64; k++)
		for (unsigned h = 0; h < 2; h++)
			for (enum doctor_site site = DOCTOR_SITE_UNSAID; site <= DOCTOR_SITE_EXPORTING; site++) {
				double in[3], out[3];
				struct tally t;

				for (unsigned x = 0; x < 3; x++) {
					in[x] = k >> x & 1 ? 3 : 0;
					out[x] = k >> (3 + x) & 1 ? 3 : 0;
				}
				t = counted(hours[h], in, out);
				b.o.site = site;
				b.o.tally = &t;
				judge(&b);
				assert_int_equal(b.v.outcome, site == DOCTOR_SITE_EXPORTING ? DOCTOR_INSUFFICIENT : DOCTOR_PASS);
			}
}

static void test_correction(void **state)
{
	const struct correction k = { .known = true, .k = 3, .uncertainty = 0.1, .registered = 1, .right = 3 };
	const struct correction undefined = { .k = NAN, .why_not = "under 5 %" };
	struct tally t = counted(24, in_ac, out_b);
	struct correction_energy e;

	(void)state;
	correction_energy_counted(&k, &t, &e);
	assert_true(e.known && fabs(e.registered - 3) < 1e-9 && fabs(e.right - 9) < 1e-9 && fabs(e.difference - 6) < 1e-9
		    && fabs(e.uncertainty - 0.3) < 1e-9);
	correction_energy_counted(&undefined, &t, &e);
	assert_true(!e.known && strstr(e.why_not, "under 5 %"));
	/* as good as nothing of what flowed was registered */
	t = counted(24, (double[3]){ 3.2, 0, 3 }, (double[3]){ 0, 6, 0 });
	correction_energy_counted(&k, &t, &e);
	assert_true(!e.known && strstr(e.why_not, "under 5 %"));
	/* less than nothing, while the power of now is more */
	t = counted(24, none, some);
	correction_energy_counted(&k, &t, &e);
	assert_true(!e.known && strstr(e.why_not, "sign"));
	t = (struct tally){ .why_not = "gone" };
	correction_energy_counted(&k, &t, &e);
	assert_true(!e.known && strcmp(e.why_not, "gone") == 0);
	correction_energy_said(&k, 0, &e);
	assert_false(e.known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_coarse),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_totals_are_nothing),
		cmocka_unit_test(test_consumer),
		cmocka_unit_test(test_unsaid),
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_correction),
	};

	return UNIT_RUN(tests);
}
