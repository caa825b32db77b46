/*
 * A plan before the wire: what is refused, what is looked at, in which order it goes, and
 * what earlier runs left open.
 */
#include "plan_bench.h"

static int wish_code(const char *key, const char *text, struct plan_policy policy)
{
	struct plan p;
	struct err e = { 0 };
	int rc;

	plan_init(&p, fake.m.profile, &policy);
	rc = plan_wish(&p, key, text, &e) ? (int)e.code : 0;
	plan_release(&p);
	return rc;
}

static void refused_before_the_wire(void **state)
{
	const struct plan_policy plain = { 0 }, read_only = { .read_only = true },
		consent = { .switching = true }, sim = { .simulated = true };

	(void)state;
	assert_int_equal(wish_code("ratio.ct", "60", plain), 0);
	assert_int_equal(wish_code("ratio.ct", "0", plain), ERR_DENIED);
	assert_int_equal(wish_code("comm.address", "300", plain), ERR_DENIED);
	assert_int_equal(wish_code("nosuch", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("voltage.a", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("voltage", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("reserved.0005", "0000 0000", plain), ERR_USAGE);
	assert_int_equal(wish_code("ratio.ct", "many", plain), ERR_USAGE);
	assert_int_equal(wish_code("ratio.ct", "60", read_only), ERR_DENIED);
	assert_int_equal(wish_code("do.1", "1", plain), ERR_DENIED);
	assert_int_equal(wish_code("do.1", "1", consent), 0);
	assert_int_equal(wish_code("tou.table1", "00:00 flat", plain), ERR_DENIED);
	assert_int_equal(wish_code("tou.table1", "00:00 flat", sim), 0);
	assert_int_equal(wish_code("network.apn", "internet", plain), ERR_DENIED);
	assert_int_equal(wish_code("network.apn", "internet", sim), 0);
	assert_int_equal(fake.reads + fake.writes, 0);
}

static void wishes_that_collide(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "alarm1.enable.undervoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable", "3", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "0", &e), -1);
	assert_non_null(strstr(e.text, "twice"));
	assert_int_equal(p.n, 2);
	plan_release(&p);
}

/* Bits of one word go in one frame and leave the others as they stand;
 * thresholds come before them. */
static void bits_and_order(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	fake.regs[0x1D0] = 0x8004;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overcurrent", "0", &e), 0);
	assert_int_equal(plan_wish(&p, "comm.address", "7", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.voltage.over.threshold", "253.0", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_string_equal(p.profile->points[p.steps[0].idx].key, "alarm1.voltage.over.threshold");
	assert_string_equal(p.profile->points[p.steps[3].idx].key, "comm.address");
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), 0);
	assert_int_equal(fake.writes, 3);
	assert_int_equal(fake.regs[0x1D0], 0x8001);
	assert_int_equal(fake.regs[0x1D1], 2530);
	assert_int_equal(fake.link.target.unit, 7);
	plan_release(&p);
}

static void changed_since_shown(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake.regs[15] = 50;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(p.steps[0].state, STEP_REFUSED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

static void nothing_unseen(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

static void mute_is_unknown_until_read(void **state)
{
	struct err e;
	size_t n = 0;

	(void)state;
	fake.fate[0] = MUTE_AFTER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 1);
	journal_says("unknown", "60", "");
	fake.mute = false;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(fake.writes, 1);
	journal_says("verified", "60", "60");
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n, 0);
}

/* An intent without a result: what a kill -9 before the write leaves. */
static void an_open_intent_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "ratio.ct", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	size_t n = 0;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n, 1);
	journal_says("failed", "60", "40");
}

/* ... also one of `raw write`. */
static void an_open_register_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "raw:0x000F", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	size_t n = 0;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[15] = 60;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n, 1);
	journal_says("verified", "60", "60");
}

/* ... also when it moved the meter to where it is found now. */
static void a_move_is_settled_at_its_end(void **state)
{
	struct journal_row r = { .run = 1, .key = "comm.address", .profile = "adw300",
				 .before = "1", .want = "7" };
	struct err e;
	size_t n = 0;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[0] = 7;
	fake.unit = fake.link.target.unit = 7;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n, 1);
	journal_says("verified", "7", "7");
}

static void no_journal_no_write(void **state)
{
	struct err e;

	(void)state;
	journal_close(fake.j);
	fake.j = journal_open("/proc/no/such/journal.db", &e);
	assert_null(fake.j);
	assert_int_equal(e.code, ERR_DENIED);
	fake.j = journal_open(fake.path, &e);
	assert_non_null(fake.j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused_before_the_wire), TEST(wishes_that_collide), TEST(bits_and_order),
		TEST(changed_since_shown), TEST(nothing_unseen), TEST(mute_is_unknown_until_read),
		TEST(an_open_intent_is_settled), TEST(an_open_register_is_settled),
		TEST(a_move_is_settled_at_its_end), TEST(no_journal_no_write),
	};

	return UNIT_RUN(tests);
}
