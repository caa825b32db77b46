/*
 * The way of a write against a meter whose every answer is scripted: what is written, how
 * often, and what is said of it.
 */
#include "base/cancel.h"
#include "base/time.h"
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

/* The meter holds it: that the journal does not say so is no refusal. */
static void written_and_not_recorded(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	fake.fate[0] = JOURNAL_FAILS;
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_VERIFIED);
	assert_int_equal(fake.regs[15], 60);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "'ratio.ct' written and verified, not recorded: cannot use the journal"));
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

/* What the meter holds is neither what it held nor what was sent: nothing is written over that. */
static void anothers_write_is_left_alone(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = OTHER_WRITES;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 1);
	assert_int_equal(fake.regs[15], 50);
	journal_says("failed", "60", "50");
}

/* Lost twice, and there the third time. */
static void lost_requests_are_repeated(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = fake.fate[1] = LOST_REQUEST;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 3);
	journal_says("verified", "60", "60");
}

static void secrets_are_not_kept(void **state)
{
	struct err e;

	(void)state;
	fake.regs[8] = 1234;
	assert_int_equal(run("security.code", "4321", NULL, &e), STEP_VERIFIED);
	journal_says("verified", "********", "********");
	fake.fate[1] = MANGLED;
	assert_int_equal(run("security.code", "5678", NULL, &e), STEP_FAILED);
	journal_says("failed", "********", "********");
	assert_null(strstr(e.text, "5678"));
	assert_null(strstr(e.text, "16962"));
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

/* The adapter goes between the write and its read-back; what answers then? */
static enum step_state replugged(uint16_t ct, uint16_t energy, enum fate fate, struct err *e)
{
	fake.fate[0] = fate;
	fake.lost_by_write = true;
	fake.after_loss[0] = ct;
	fake.after_loss[1] = energy;
	return run("ratio.ct", "60", NULL, e);
}

static void the_same_meter_is_read_back(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(replugged(60, 0x1235, FINE, &e), STEP_VERIFIED);
	assert_int_equal(fake_link.reopened, 1);
	journal_says("verified", "60", "60");
}

static void another_meter_is_none(void **state)
{
	struct plan_settled n;
	struct err e;

	(void)state;
	/* it holds what was asked, and has counted less */
	assert_int_equal(replugged(60, 0x1000, FINE, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "energy.active.import.total is 40.96, and was 46.60"));
	journal_says("unknown", "60", "");
	/* it settles nothing */
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 0);
	assert_int_equal(n.others, 1);
	journal_says("unknown", "60", "");
	/* the one that was written does */
	fake.regs[ENERGY] = 0x1234;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	assert_int_equal(n.others, 0);
	journal_says("verified", "60", "60");
}

static void a_new_meter_proves_nothing(void **state)
{
	struct plan_settled n;
	struct err e;

	(void)state;
	fake.regs[ENERGY] = 0;
	assert_int_equal(replugged(60, 0, FINE, &e), STEP_UNKNOWN);
	assert_non_null(strstr(e.text, "no energy counter tells"));
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.others, 1);
}

/* It looks like the same one, but what it acknowledged is not there: nobody knows, and
 * nothing is sent to it again. */
static void what_did_not_land_is_unknown(void **state)
{
	static const enum fate fates[] = { FINE, LOST_REPLY, LOST_REQUEST };
	struct err e;

	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++) {
		if (i) {
			teardown(state);
			setup(state);
		}
		assert_int_equal(replugged(40, 0x1234, fates[i], &e), STEP_UNKNOWN);
		assert_int_equal(fake.writes, 1);
		journal_says("unknown", "60", "");
	}
}

/* The same through a gateway: the connection was lost, and leads where it led. */
static void a_gateway_is_no_cable(void **state)
{
	struct err e;

	(void)state;
	target_parse("tcp:host?unit=1", &fake.link.target, &e);
	assert_int_equal(replugged(40, 0x1234, LOST_REQUEST, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 2);
}

static void another_one_behind_it_is_seen(void **state)
{
	struct err e;

	(void)state;
	target_parse("tcp:host?unit=1", &fake.link.target, &e);
	assert_int_equal(replugged(60, 0x1000, FINE, &e), STEP_UNKNOWN);
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

/* A neighbour on the line answers, and the answer comes damaged: it is there all the same. */
static void a_garbled_neighbour_counts(void **state)
{
	struct err e;

	(void)state;
	fake.neighbour = 7;
	fake.garbled = true;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_REFUSED);
	assert_non_null(strstr(e.text, "taken"));
	assert_int_equal(fake.writes, 0);
}

/* The meter holds the new address and answers at the old one, for now. */
static void address_follows_later(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	fake.fate[0] = MOVES_LATER;
	assert_int_equal(run("comm.address", "7", &s, &e), STEP_VERIFIED);
	assert_non_null(strstr(s.err.text, "takes effect later"));
	assert_int_equal(fake.link.target.unit, 1);
}

/* It answers at the old address and does not hold the new one: looked for as long as that
 * may take, which is eight seconds. */
static void an_ignored_address_is_failed(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = IGNORED;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "still answers at unit 1"));
	assert_int_equal(fake.link.target.unit, 1);
	journal_says("failed", "7", "1");
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

/* The meter's clock may be a second or two off what was sent, and no more. */
static void clock_off_is_failed(void **state)
{
	static const int off[] = { -86400, -3600, -60, -5, 0, 1, 5, 60, 3600, 86400 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		bool good = abs(off[i]) <= 1;

		assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, 1735689600, &fake.regs[CLOCK]), 0);
		fake.fate[0] = CLOCK_OFF;
		fake.clock_off = off[i];
		fake.writes = 0;
		if (run("clock", "2026-07-15 12:03:27", NULL, &e) != (good ? STEP_VERIFIED : STEP_FAILED))
			fail_msg("%d s off is %s", off[i], good ? "failed" : "verified");
		assert_int_equal(e.code, good ? ERR_NONE : ERR_UNVERIFIED);
		assert_int_equal(fake.writes, 1);
	}
}

/* An hour is no drift: what it is stands in the remark. */
static void an_hour_is_summer_time(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, time_local_s(time_wall_us()) - 3600, &fake.regs[CLOCK]), 0);
	assert_int_equal(run("clock", "now", &s, &e), STEP_VERIFIED);
	assert_non_null(strstr(s.err.text, "clock before: only one of the two clocks is on summer time"));
	fake.fate[1] = CLOCK_OFF;
	fake.clock_off = 3600;
	assert_int_equal(run("clock", "now", &s, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "60 minutes off: only one of the two clocks is on summer time"));
}

/* A clock that goes on as before is one that was not set. */
static void a_lost_clock_is_repeated(void **state)
{
	static const enum fate fates[] = { LOST_REQUEST, LATE_STORE };
	int64_t sent, holds;
	struct err e;

	(void)state;
	assert_int_equal(codec_clock_seconds("2026-07-15 12:03:27", &sent), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, 1735689600, &fake.regs[CLOCK]), 0);
		fake.ticks = 1;
		fake.writes = 0;
		fake.fate[0] = fates[i];
		if (run("clock", "2026-07-15 12:03:27", NULL, &e) != STEP_VERIFIED)
			fail_msg("%s", e.text);
		assert_int_equal(fake.writes, fates[i] == LOST_REQUEST ? 2 : 1);
		assert_int_equal(codec_clock_decode(&the_clock, CLOCK_BINARY, &fake.regs[CLOCK], &holds), 0);
		/* the second time it is a second later, and has been looked at once */
		assert_true(fates[i] != LOST_REQUEST || holds >= sent + 2);
	}
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
	fake.regs[CLOCK] = 0x0506;
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

/* ---- a meter without registers, that says what it holds ------------------------------ */

enum word { SAYS_SO, SAYS_ELSE, SAYS_NO, SAYS_NOTHING, NEVER_LEFT };

static enum word word;

static int fake_set(struct link *l, const struct profile *p, size_t idx, const struct value *want,
		    struct value *after, bool *sent, struct err *e)
{
	(void)l;
	(void)p;
	(void)idx;
	fake.writes++;
	*sent = word != NEVER_LEFT;
	*after = (struct value){ .kind = VALUE_NONE };
	if (word == SAYS_NO)
		return err_set(e, ERR_REFUSED, "the meter said no");
	if (word == SAYS_NOTHING || word == NEVER_LEFT)
		return err_set(e, ERR_SILENT, "no answer");
	*after = *want;
	after->num += word == SAYS_ELSE;
	return 0;
}

/* It is told once; what it says then is the verdict. */
static void told(void **state)
{
	static const struct link_ops ops = { FAKE_LINK_OPS, .set = fake_set };
	static const struct { enum word word; enum step_state state; const char *after; } cases[] = {
		{ SAYS_SO, STEP_VERIFIED, "60" }, { SAYS_ELSE, STEP_FAILED, "61" }, { SAYS_NO, STEP_REFUSED, "" },
		{ SAYS_NOTHING, STEP_UNKNOWN, "" }, { NEVER_LEFT, STEP_REFUSED, "" },
	};
	struct err e;

	(void)state;
	fake.link.ops = &ops;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		word = cases[i].word;
		fake.writes = 0;
		if (run("network.upload_interval", "60", NULL, &e) != cases[i].state)
			fail_msg("case %zu: %s", i, e.text);
		assert_int_equal(fake.writes, 1);
		journal_says(step_state_names[cases[i].state], "60", cases[i].after);
	}
	/* what it has said already is not told again */
	fake.m.readings[profile_find(fake.m.profile, "network.upload_interval")] = (struct reading){
		.quality = QUALITY_OK, .value = { .kind = VALUE_NUMBER, .num = 60 } };
	assert_int_equal(run("network.upload_interval", "60", NULL, &e), STEP_UNCHANGED);
	assert_int_equal(fake.writes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_and_verified), TEST(written_and_not_recorded),
		TEST(written_and_verified), TEST(lost_request_is_repeated),
		TEST(lost_requests_are_repeated), TEST(lost_reply_is_not_repeated),
		TEST(never_reached), TEST(ignored_is_failed), TEST(mangled_is_failed),
		TEST(anothers_write_is_left_alone), TEST(secrets_are_not_kept),
		TEST(late_store_is_waited_for), TEST(refusal_is_the_meters),
		TEST(not_sent_is_refused), TEST(the_same_meter_is_read_back),
		TEST(another_meter_is_none), TEST(a_new_meter_proves_nothing),
		TEST(what_did_not_land_is_unknown), TEST(a_gateway_is_no_cable),
		TEST(another_one_behind_it_is_seen), TEST(address_follows),
		TEST(address_follows_later), TEST(an_ignored_address_is_failed),
		TEST(a_taken_address_is_refused), TEST(a_garbled_neighbour_counts),
		TEST(clock_is_set_and_verified), TEST(clock_off_is_failed),
		TEST(an_hour_is_summer_time),
		TEST(a_lost_clock_is_repeated), TEST(bcd_clock_stays_bcd),
		TEST(interrupted_before_sending), TEST(told),
	};

	return UNIT_RUN(tests);
}
