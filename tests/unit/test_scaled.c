/* Points that another register scales: both from one answer, or the other one the same before
 * and after. */
#include <string.h>

#include "link/link.h"
#include "profile/codec.h"
#include "unit.h"

enum { SF, NEAR, FAR, PLAIN, POINTS };

static const struct point points[POINTS] = {
	[SF] = { .key = "sf", .exponent = "", .factor = "", .type = TYPE_I16, .words = 1, .scale = 1, .min = 1, .addr = 10 },
	[NEAR] = { .key = "near", .exponent = "sf", .factor = "", .type = TYPE_U16, .words = 1, .scale = 1, .min = 1, .addr = 11 },
	[FAR] = { .key = "far", .exponent = "", .factor = "sf", .type = TYPE_U16, .words = 1, .scale = 0.1, .min = 1, .addr = 900 },
	[PLAIN] = { .key = "plain", .exponent = "", .factor = "", .type = TYPE_U16, .words = 1, .scale = 1, .min = 1, .addr = 12 },
};
static const uint16_t by_key[POINTS] = { FAR, NEAR, PLAIN, SF };
static const struct profile profile = { .name = "t", .points = points, .npoints = POINTS, .by_key = by_key };

/* A meter that answers registers below 100 in one answer and those above in another. What
 * scales has the next value of a list each time it is read. */
static struct {
	int16_t sf[8];
	size_t reads_of_sf, requests;
	bool refuses_sf, fails;
	int64_t clock;
} meter;

static void fake_give(const struct profile *p, uint16_t idx, int64_t at, link_sink *sink, void *arg)
{
	struct reading r = { .quality = QUALITY_OK, .words = 1, .mono_us = at };

	r.raw[0] = idx == SF ? (uint16_t)meter.sf[meter.reads_of_sf++] : 2301;
	if (idx == SF && meter.refuses_sf) {
		r.words = 0;
		r.quality = QUALITY_FAILED;
		err_set(&r.err, ERR_REFUSED, "refused");
	} else if (codec_decode(&p->points[idx], r.raw, &r.value, &r.err)) {
		r.quality = QUALITY_FAILED;
	}
	sink(arg, idx, &r);
}

static int fake_read(struct link *l, const struct profile *p, const uint16_t *idx, size_t n, link_sink *sink, void *arg,
		     struct err *e)
{
	(void)l;
	if (meter.fails)
		return err_set(e, ERR_SILENT, "no reply");
	for (int far = 0; far < 2; far++) {
		int64_t at = ++meter.clock;

		meter.requests++;
		for (size_t i = 0; i < n; i++)
			if ((p->points[idx[i]].addr > 100) == (far == 1))
				fake_give(p, idx[i], at, sink, arg);
	}
	return 0;
}

static const struct link_ops ops = { .name = "fake", .read = fake_read };
static struct reading got[POINTS];
static unsigned times[POINTS];

static void keep(void *arg, size_t idx, const struct reading *r)
{
	(void)arg;
	got[idx] = *r;
	times[idx]++;
}

static int read_of(const uint16_t *idx, size_t n, struct err *e)
{
	struct link l = { .ops = &ops };

	memset(got, 0, sizeof(got));
	memset(times, 0, sizeof(times));
	meter.reads_of_sf = meter.requests = 0;
	return link_read(&l, &profile, idx, n, keep, NULL, e);
}

static void begin(int16_t a, int16_t b, int16_t c)
{
	memset(&meter, 0, sizeof(meter));
	meter.sf[0] = a;
	meter.sf[1] = b;
	meter.sf[2] = c;
}

static void in_one_answer(void **state)
{
	static const uint16_t idx[] = { PLAIN, NEAR };

	(void)state;
	begin(-1, 0, 0);
	assert_int_equal(read_of(idx, 2, NULL), 0);
	assert_true(got[NEAR].value.num == 230.1);
	assert_int_equal(got[NEAR].quality, QUALITY_OK);
	assert_int_equal(meter.reads_of_sf, 1);
	assert_int_equal(times[NEAR], 1);
	assert_int_equal(times[PLAIN], 1);
	assert_int_equal(times[SF], 0);		/* nobody asked for it */
}

static void asked_for_too(void **state)
{
	static const uint16_t idx[] = { SF, NEAR };

	(void)state;
	begin(2, 0, 0);
	assert_int_equal(read_of(idx, 2, NULL), 0);
	assert_true(got[NEAR].value.num == 230100);
	assert_true(got[SF].value.num == 2);
	assert_int_equal(times[SF], 1);
}

static void read_before_and_after(void **state)
{
	static const uint16_t idx[] = { FAR };

	(void)state;
	begin(7, 5, 5);
	assert_int_equal(read_of(idx, 1, NULL), 0);
	assert_int_equal(got[FAR].quality, QUALITY_OK);
	assert_true(got[FAR].value.num == 1150.5);
	assert_int_equal(meter.reads_of_sf, 3);
	assert_int_equal(times[FAR], 1);
}

static void changed_meanwhile(void **state)
{
	static const uint16_t idx[] = { FAR };

	(void)state;
	begin(5, 5, 6);
	assert_int_equal(read_of(idx, 1, NULL), 0);
	assert_int_equal(got[FAR].quality, QUALITY_FAILED);
	assert_int_equal(got[FAR].err.code, ERR_FOREIGN);
	assert_non_null(strstr(got[FAR].err.text, "changed"));
	assert_int_equal(times[FAR], 1);
}

static void no_exponent(void **state)
{
	static const uint16_t idx[] = { NEAR };

	(void)state;
	begin(11, 0, 0);
	assert_int_equal(read_of(idx, 1, NULL), 0);
	assert_int_equal(got[NEAR].quality, QUALITY_FAILED);
	assert_int_equal(got[NEAR].err.code, ERR_FOREIGN);
	begin(1, 0, 0);
	meter.refuses_sf = true;
	assert_int_equal(read_of(idx, 1, NULL), 0);
	assert_int_equal(got[NEAR].quality, QUALITY_FAILED);
	assert_int_equal(got[NEAR].err.code, ERR_REFUSED);
}

static void failing_line(void **state)
{
	static const uint16_t idx[] = { NEAR, FAR };
	struct err e = { 0 };

	(void)state;
	begin(1, 1, 1);
	meter.fails = true;
	assert_int_equal(read_of(idx, 2, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(times[NEAR] + times[FAR], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_one_answer),
		cmocka_unit_test(asked_for_too),
		cmocka_unit_test(read_before_and_after),
		cmocka_unit_test(changed_meanwhile),
		cmocka_unit_test(no_exponent),
		cmocka_unit_test(failing_line),
	};

	return UNIT_RUN(tests);
}
