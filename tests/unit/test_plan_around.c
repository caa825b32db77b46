/*
 * What a profile wants around a write: unlock, commit, lock, and registers that are written one
 * by one.
 */
#include "plan_bench.h"

/* ratio.ct behind an unlock, with a commit, locked again. */
#define UNLOCK 0x700
#define COMMIT 0x701
#define LOCK 0x702
static struct profile locked;
static struct point locked_points[2000];

static void lock_ratio(void)
{
	locked = *profile_builtin_named("adw300");
	assert_true(locked.npoints <= 2000);
	memcpy(locked_points, locked.points, locked.npoints * sizeof(*locked_points));
	locked_points[profile_find(&locked, "ratio.ct")].flags |= POINT_UNLOCK | POINT_COMMIT;
	locked.points = locked_points;
	locked.unlock_at = UNLOCK;
	locked.unlock_password = (struct code){ 2, { 0x1234, 0x5678 } };
	locked.commit_at = COMMIT;
	locked.commit_value = (struct code){ 1, { 0x5A } };
	locked.unlock_lock_at = LOCK;
	locked.unlock_lock = (struct code){ 1, { 9 } };
	fake.m.profile = &locked;
}

static void unlocked_committed_and_locked(void **state)
{
	const uint16_t order[] = { UNLOCK, 15, COMMIT, LOCK };
	struct err e;

	(void)state;
	lock_ratio();
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 4);
	assert_memory_equal(fake.wrote, order, sizeof(order));
	assert_int_equal(fake.regs[UNLOCK], 0x1234);
	assert_int_equal(fake.regs[COMMIT], 0x5A);
	/* another setting is not locked */
	assert_int_equal(run("ratio.pt", "2", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 5);
}

static void not_unlocked_is_not_written(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	fake.fate[0] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(fake.regs[15], 40);
	assert_int_equal(fake.writes, 1);
	assert_non_null(strstr(e.text, "unlock"));
}

static void not_committed_is_unknown(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	fake.fate[2] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "commit failed"));
	assert_int_equal(fake.wrote[3], LOCK);
}

/* The registers do not say whether they would last. */
static void settled_later_it_may_not_be_saved(void **state)
{
	struct journal_filter f = { .most = 1 };
	struct journal_row r = { 0 };
	struct err e;

	(void)state;
	lock_ratio();
	fake.fate[2] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_int_equal(plan_settle(&locked, &fake.m, fake.j, NULL, &e), 0);
	assert_int_equal(journal_each(fake.j, &f, newest, &r, &e), 0);
	assert_string_equal(r.state, "verified");
	assert_non_null(strstr(r.error, "not known to be saved"));
}

static void not_locked_again_is_unknown(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	fake.fate[3] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_non_null(strstr(e.text, "unlocked"));
}

static void not_locked_again_without_a_commit(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	locked_points[profile_find(&locked, "ratio.ct")].flags &= ~(unsigned)POINT_COMMIT;
	fake.fate[2] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_non_null(strstr(e.text, "unlocked"));
}

/* Also when the write between has failed. */
static void refused_is_locked_again(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	fake.fate[1] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(fake.writes, 3);
	assert_int_equal(fake.wrote[2], LOCK);
}

/* Two settings in one plan; the state of the first. */
static enum step_state run_both(const char *second, const char *text, enum step_state *other, struct err *e)
{
	const struct plan_policy all = { .switching = true, .simulated = true };
	enum step_state state;
	struct plan p;

	*e = (struct err){ 0 };
	plan_init(&p, fake.m.profile, &all);
	if (plan_add(&p, "ratio.ct", "60", e) || plan_add(&p, second, text, e) || plan_look(&p, &fake.m, e))
		fail_msg("%s", e->text);
	(void)!plan_apply(&p, &fake.m, fake.j, NULL, NULL, e);
	state = p.steps[0].idx == profile_find(fake.m.profile, "ratio.ct") ? p.steps[0].state : p.steps[1].state;
	*other = p.steps[0].idx == profile_find(fake.m.profile, "ratio.ct") ? p.steps[1].state : p.steps[0].state;
	plan_release(&p);
	return state;
}

static void commit_both(void)
{
	lock_ratio();
	locked_points[profile_find(&locked, "ratio.ct")].flags &= ~(unsigned)POINT_UNLOCK;
	locked_points[profile_find(&locked, "demand.cycle")].flags |= POINT_COMMIT;
}

static void one_commit_for_all(void **state)
{
	const uint16_t order[] = { 15, 0x1C4, COMMIT };
	enum step_state other;
	struct err e;

	(void)state;
	commit_both();
	assert_int_equal(run_both("demand.cycle", "30min", &other, &e), STEP_VERIFIED);
	assert_int_equal(other, STEP_VERIFIED);
	assert_int_equal(fake.writes, 3);
	assert_memory_equal(fake.wrote, order, sizeof(order));
	journal_says("verified", "30min", "30min");
}

/* All read-backs agree, or nothing is committed. */
static void none_when_one_fails(void **state)
{
	enum step_state other;
	struct err e;

	(void)state;
	commit_both();
	fake.fate[1] = MANGLED;
	assert_int_equal(run_both("demand.cycle", "30min", &other, &e), STEP_UNKNOWN);
	assert_int_equal(other, STEP_FAILED);
	assert_int_equal(fake.writes, 2);
	assert_int_equal(fake.regs[COMMIT], 0);
	assert_int_equal(e.code, ERR_UNVERIFIED);
}

/* The line's own settings are written behind the commit of the others. */
static void committed_before_the_line_moves(void **state)
{
	const uint16_t order[] = { 15, COMMIT, 0 };
	enum step_state other;
	struct err e;

	(void)state;
	commit_both();
	assert_int_equal(run_both("comm.address", "5", &other, &e), STEP_VERIFIED);
	assert_memory_equal(fake.wrote, order, sizeof(order));
}

static void ignored_is_seen_behind_the_commit(void **state)
{
	struct err e;

	(void)state;
	commit_both();
	fake.fate[0] = IGNORED;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	assert_int_equal(fake.wrote[1], COMMIT);
	assert_non_null(strstr(e.text, "committed, but"));
}

/* The register of the done never holds what it should. */
static void unfinished_is_unknown(void **state)
{
	struct err e;

	(void)state;
	commit_both();
	locked.commit_done_at = 0x703;
	locked.commit_done = (struct code){ 1, { 7 } };
	locked.commit_within_ms = 100;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_non_null(strstr(e.text, "not finished within 0.1 s (register 0x0703 is 0, expected 7)"));
	fake.regs[0x703] = 7;
	fake.regs[15] = 40;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
}

static void a_password_is_asked_for(void **state)
{
	const struct plan_policy all = { .simulated = true };
	struct plan p;
	struct err e = { 0 };

	(void)state;
	lock_ratio();
	locked.unlock_type = TYPE_F32;
	locked.unlock_password = (struct code){ .n = CODE_ASKED };
	plan_init(&p, fake.m.profile, &all);
	assert_int_equal(plan_add(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_true(plan_asks_password(&p));
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.writes, 0);
	assert_int_equal(plan_give_password(&p, "sesame", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(strstr(e.text, "sesame"));
	assert_int_equal(plan_give_password(&p, "1000", &e), 0);
	assert_false(plan_asks_password(&p));
	if (plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e))
		fail_msg("%s", e.text);
	assert_int_equal(fake.regs[UNLOCK], 0x447A);
	plan_release(&p);
	assert_int_equal(p.password.v[0], 0);
}

/* Locked as before, so the register of the check says: nothing is written, and nothing locked. */
static void a_wrong_password_is_seen(void **state)
{
	struct err e;

	(void)state;
	lock_ratio();
	locked.unlock_check_at = 0x703;
	locked.unlock_check = (struct code){ 1, { 1 } };
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_REFUSED);
	assert_int_equal(fake.writes, 1);
	fake.regs[0x703] = 1;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
}

/* ---- registers that are written one by one ------------------------------------------ */

#define PAIR 0x710

static void make_pair(void)
{
	struct point *p;

	lock_ratio();
	p = &locked_points[profile_find(&locked, "ratio.pt")];
	p->addr = PAIR;
	p->words = 2;
	p->type = TYPE_U32;
	p->max = 1e9;
	locked.write_most = 1;
	locked.write_function = WRITE_BY_06;
	fake.regs[PAIR] = 1;
	fake.regs[PAIR + 1] = 2;
}

static void a_pair_is_two_writes(void **state)
{
	static const struct {
		enum fate second, third;
		enum step_state state;
		int writes;
		uint16_t holds[2];
	} cases[] = {
		{ FINE, FINE, STEP_VERIFIED, 2, { 3, 4 } },
		/* it has both: nothing is put back */
		{ LOST_REPLY, FINE, STEP_VERIFIED, 2, { 3, 4 } },
		/* put back, and once more */
		{ LOST_REQUEST, FINE, STEP_VERIFIED, 6, { 3, 4 } },
		{ REFUSED_BY_METER, FINE, STEP_REFUSED, 4, { 1, 2 } },
		{ REFUSED_BY_METER, LOST_REQUEST, STEP_UNKNOWN, 3, { 3, 2 } },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_pair();
		fake.writes = 0;
		fake.fate[1] = cases[i].second;
		fake.fate[2] = cases[i].third;
		if (run("ratio.pt", "196612", NULL, &e) != cases[i].state)
			fail_msg("case %zu: %s", i, e.text);
		if (fake.writes != cases[i].writes)
			fail_msg("case %zu: %d writes", i, fake.writes);
		assert_memory_equal(&fake.regs[PAIR], cases[i].holds, sizeof(cases[i].holds));
		assert_int_equal(e.code, cases[i].state == STEP_VERIFIED ? ERR_NONE
				 : cases[i].state == STEP_REFUSED ? ERR_REFUSED : ERR_UNVERIFIED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unlocked_committed_and_locked), TEST(not_unlocked_is_not_written),
		TEST(not_committed_is_unknown), TEST(not_locked_again_is_unknown), TEST(refused_is_locked_again),
		TEST(not_locked_again_without_a_commit),
		TEST(settled_later_it_may_not_be_saved), TEST(one_commit_for_all), TEST(none_when_one_fails), TEST(committed_before_the_line_moves),
		TEST(ignored_is_seen_behind_the_commit), TEST(unfinished_is_unknown),
		TEST(a_password_is_asked_for), TEST(a_wrong_password_is_seen), TEST(a_pair_is_two_writes),
	};

	return UNIT_RUN(tests);
}
