/*
 * The way of a write against a meter whose every answer is scripted: what is written, how
 * often, and what is said of it.
 */
#include "plan_bench.h"

#include <time.h>

static void written_and_verified(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_VERIFIED);
	assert_int_equal(fake.regs[15], 60);
	assert_int_equal(fake.writes, 1);
	assert_true(s.before.num == 40 && s.want.num == 60 && s.after.num == 60);
	journal_says("verified", "60", "60");
	/* a second time writes nothing */
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_UNCHANGED);
	assert_int_equal(fake.writes, 1);
}

static void lost_request_is_repeated(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LOST_REQUEST;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 2);
	journal_says("verified", "60", "60");
}

static void lost_reply_is_not_repeated(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LOST_REPLY;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 1);
}

static void never_reached(void **state)
{
	struct err e;

	(void)state;
	for (int i = 0; i < 8; i++)
		fake.fate[i] = LOST_REQUEST;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 3);
	journal_says("failed", "60", "40");
}

static void ignored_is_failed(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	fake.fate[0] = IGNORED;
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_true(s.after.num == 40);
	assert_int_equal(fake.writes, 1);
	journal_says("failed", "60", "40");
}

static void mangled_is_failed(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = MANGLED;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	journal_says("failed", "60", "16962");
}

static void late_store_is_waited_for(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LATE_STORE;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 1);
}

static void refusal_is_the_meters(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_REFUSED);
	journal_says("refused", "60", "40");
}

static void not_sent_is_refused(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = NOT_SENT;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_SILENT);
	journal_says("refused", "60", "");
}

static void address_follows(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.link.target.unit, 7);
	assert_int_equal(fake.writes, 1);
}

static void a_taken_address_is_refused(void **state)
{
	struct err e;

	(void)state;
	fake.neighbour = 7;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, "taken"));
	assert_int_equal(fake.writes, 0);
	assert_int_equal(fake.link.target.unit, 1);
}

static void clock_is_set_and_verified(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(run("clock", "now", &s, &e), STEP_VERIFIED);
	assert_int_equal(s.want.kind, VALUE_STRING);
	assert_int_equal(strncmp(s.want.text, "20", 2), 0);
	assert_int_equal(fake.writes, 1);
}

/* A date that is one in binary, too, but nearer to today in BCD. */
static void bcd_clock_stays_bcd(void **state)
{
	struct step s;
	struct err e;
	time_t t = (time_t)(time_wall_us() / 1000000);
	struct tm tm;
	char now[32];

	(void)state;
	localtime_r(&t, &tm);
	fake.regs[0x11] = 0x0506;
	fake.regs[0x12] = 0x0708;
	fake.regs[0x13] = (uint16_t)(0x0100 | (tm.tm_year % 100 / 10 * 16 + tm.tm_year % 10));
	snprintf(now, sizeof(now), "20%02d-02-03 04:05:06", tm.tm_year % 100);
	assert_int_equal(run("clock", now, &s, &e), STEP_VERIFIED);
	assert_int_equal(fake.regs[0x12], 0x0403);
	assert_int_equal(strncmp(s.before.text, now, 5), 0);
	assert_string_equal(s.want.text, now);
	assert_int_equal(strncmp(s.after.text, now, 16), 0);
}

/* Ctrl-C while the second's beginning is waited for: nothing has been sent yet. */
static void interrupted_before_sending(void **state)
{
	struct err e;

	(void)state;
	cancel_raise(fake.link.cancel_fd);
	assert_int_equal(run("clock", "now", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	assert_int_equal(fake.writes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_and_verified), TEST(lost_request_is_repeated),
		TEST(lost_reply_is_not_repeated), TEST(never_reached),
		TEST(ignored_is_failed), TEST(mangled_is_failed),
		TEST(late_store_is_waited_for), TEST(refusal_is_the_meters),
		TEST(not_sent_is_refused), TEST(address_follows),
		TEST(a_taken_address_is_refused),
		TEST(clock_is_set_and_verified), TEST(bcd_clock_stays_bcd),
		TEST(interrupted_before_sending),
	};

	return UNIT_RUN(tests);
}
