/*
 * Registers by address on the way of every write: `raw write` against a meter whose every
 * answer is scripted.
 */
#include "plan_bench.h"

/* Writes N values from ADDR; the plan in P, its result returned. */
static int write_registers(struct plan *p, long addr, long n, const uint16_t *values, struct err *e)
{
	static const struct plan_policy none;

	*e = (struct err){ 0 };
	plan_init(p, fake.m.profile, &none);
	if (plan_add_registers(p, addr, n, values, e) || plan_look(p, &fake.m, e))
		fail_msg("%s", e->text);
	return plan_apply(p, &fake.m, fake.j, NULL, NULL, e);
}

static int keep(void *arg, const struct journal_row *r)
{
	struct journal_row *rows = arg;

	rows[r->id - 1] = *r;
	return 0;
}

static void one_frame_and_a_row_each(void **state)
{
	static const uint16_t values[] = { 2, 60, 7 };
	const struct journal_filter all = { 0 };
	struct journal_row rows[4] = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	fake.regs[14] = 1;
	fake.regs[16] = 7;
	assert_int_equal(write_registers(&p, 14, 3, values, &e), 0);
	assert_int_equal(fake.writes, 1);
	for (size_t i = 0; i < 3; i++) {
		char key[16];

		snprintf(key, sizeof(key), "raw:0x%04zX", 14 + i);
		assert_int_equal(fake.regs[14 + i], values[i]);
		/* the last one was there already: it is written all the same */
		assert_int_equal(p.steps[i].state, STEP_VERIFIED);
		assert_string_equal(plan_point(&p, &p.steps[i])->key, key);
	}
	assert_true(p.steps[1].before.num == 40 && p.steps[1].after.num == 60);
	assert_int_equal(journal_each(fake.j, &all, keep, rows, &e), 0);
	assert_string_equal(rows[1].key, "raw:0x000F");
	assert_string_equal(rows[1].before, "40");
	assert_string_equal(rows[2].after, "7");
	assert_string_equal(rows[2].state, "verified");
	assert_int_equal(rows[0].run, rows[2].run);
	assert_int_equal(rows[3].id, 0);
	plan_release(&p);
}

/* Of 123 registers in parts as long as a read may be. */
static void as_many_as_a_frame_carries(void **state)
{
	struct profile small = *fake.m.profile;
	uint16_t values[PLAN_REGISTERS_MAX + 1];
	struct plan p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < PLAN_REGISTERS_MAX + 1; i++)
		values[i] = (uint16_t)(i + 1000);
	small.read_most = 20;
	fake.m.profile = &small;
	assert_int_equal(write_registers(&p, 0x4000, PLAN_REGISTERS_MAX, values, &e), 0);
	assert_int_equal(fake.writes, 1);
	assert_memory_equal(&fake.regs[0x4000], values, PLAN_REGISTERS_MAX * sizeof(*values));
	assert_int_equal(p.steps[PLAN_REGISTERS_MAX - 1].state, STEP_VERIFIED);
	plan_release(&p);
	plan_init(&p, fake.m.profile, &p.policy);
	assert_int_equal(plan_add_registers(&p, 0, PLAN_REGISTERS_MAX + 1, values, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	small.write_most = 1;
	assert_int_equal(plan_add_registers(&p, 0, 2, values, &e), -1);
	assert_int_equal(plan_add_registers(&p, 65535, 2, values, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(p.n, 0);
}

/* Nothing is known of what a second time would do. */
static void sent_once(void **state)
{
	static const uint16_t value = 60;
	struct plan p;
	struct err e;

	(void)state;
	fake.fate[0] = LOST_REQUEST;
	assert_int_equal(write_registers(&p, 15, 1, &value, &e), -1);
	assert_int_equal(fake.writes, 1);
	assert_int_equal(p.steps[0].state, STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	journal_says("failed", "60", "40");
	plan_release(&p);
}

/* A setting is left alone then; of registers without a name the write may be the point. */
static void what_stands_there_is_written(void **state)
{
	static const uint16_t value = 40;
	struct plan p;
	struct err e;

	(void)state;
	assert_int_equal(run("ratio.ct", "40", NULL, &e), STEP_UNCHANGED);
	assert_int_equal(fake.writes, 0);
	assert_int_equal(write_registers(&p, 15, 1, &value, &e), 0);
	assert_int_equal(fake.writes, 1);
	assert_int_equal(p.steps[0].state, STEP_VERIFIED);
	plan_release(&p);
}

static void each_register_has_its_verdict(void **state)
{
	static const uint16_t values[] = { 0x4242, 60 };
	struct plan p;
	struct err e;

	(void)state;
	fake.fate[0] = MANGLED;
	assert_int_equal(write_registers(&p, 14, 2, values, &e), -1);
	assert_int_equal(p.steps[0].state, STEP_VERIFIED);
	assert_int_equal(p.steps[1].state, STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	journal_says("failed", "60", "40");
	plan_release(&p);
}

static void silence_is_unknown(void **state)
{
	static const uint16_t value = 60;
	struct plan p;
	struct err e;

	(void)state;
	fake.fate[0] = MUTE_AFTER;
	assert_int_equal(write_registers(&p, 15, 1, &value, &e), -1);
	assert_int_equal(p.steps[0].state, STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	journal_says("unknown", "60", "");
	plan_release(&p);
}

static void a_secret_is_not_kept(void **state)
{
	static const uint16_t value = 4321;
	struct plan p;
	struct err e;

	(void)state;
	assert_int_equal(write_registers(&p, 8, 1, &value, &e), 0);
	assert_int_equal(fake.regs[8], 4321);
	journal_says("verified", POINT_HIDDEN, POINT_HIDDEN);
	plan_release(&p);
}

/* The address of the link: not one that is taken, and looked for where it is then. */
static void the_link_is_followed(void **state)
{
	static const uint16_t value = 7;
	struct plan p;
	struct err e;

	(void)state;
	fake.neighbour = 7;
	assert_int_equal(write_registers(&p, 0, 1, &value, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
	fake.neighbour = 0;
	assert_int_equal(write_registers(&p, 0, 1, &value, &e), 0);
	assert_int_equal(fake.link.target.unit, 7);
	journal_says("verified", "7", "7");
	plan_release(&p);
}

static void denied(void **state)
{
	static const uint16_t value = 7;
	static const struct plan_policy none;
	struct plan_policy policy = { .read_only = true };
	struct plan p;
	struct err e = { 0 };

	(void)state;
	plan_init(&p, fake.m.profile, &policy);
	assert_int_equal(plan_add_registers(&p, 15, 1, &value, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	policy = (struct plan_policy){ .ban = UNIT_BROADCAST };
	plan_init(&p, fake.m.profile, &policy);
	assert_int_equal(plan_add_registers(&p, 15, 1, &value, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	/* changed since it was shown */
	plan_init(&p, fake.m.profile, &none);
	assert_int_equal(plan_add_registers(&p, 15, 1, &value, &e), 0);
	assert_int_equal(plan_add_registers(&p, 16, 1, &value, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(p.n, 1);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake.regs[15] = 41;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(p.steps[0].state, STEP_REFUSED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_frame_and_a_row_each), TEST(as_many_as_a_frame_carries), TEST(sent_once), TEST(what_stands_there_is_written),
		TEST(each_register_has_its_verdict), TEST(silence_is_unknown),
		TEST(a_secret_is_not_kept), TEST(the_link_is_followed), TEST(denied),
	};

	return UNIT_RUN(tests);
}
