/* Which entries of the journal undo takes, and which it refuses. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "write/undo.h"

static struct journal *j;

static int set_up(void **state)
{
	char path[TEMP_PATH];

	(void)state;
	j = journal_open(temp_path(path, "journal.db"), NULL);
	return j ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	journal_close(j);
	temp_remove();
	return 0;
}

/* An entry of RUN; STATE NULL: the program ended before its result. */
static long entry(long run, const char *target, const char *key, const char *before,
		  const char *want, const char *state)
{
	struct journal_row r = { .run = run, .profile = "adw300" };
	struct err e = { 0 };
	bool verified = state && strcmp(state, "verified") == 0;

	snprintf(r.target, sizeof(r.target), "%s", target);
	snprintf(r.key, sizeof(r.key), "%s", key);
	snprintf(r.before, sizeof(r.before), "%s", before);
	snprintf(r.want, sizeof(r.want), "%s", want);
	if (journal_intent(j, &r, &e)
	    || (state && journal_result(j, r.id, state, verified ? want : before, "", &e)))
		fail_msg("%s", e.text);
	return r.id;
}

static struct undo find(const char *target, long id)
{
	struct target t;
	struct undo u;
	struct err e = { 0 };

	assert_int_equal(target_parse(target, &t, &e), 0);
	if (undo_find(j, &t, id, &u, &e))
		fail_msg("%s %ld: %s", target, id, e.text);
	return u;
}

static void refused(const char *target, long id, enum err_code code, bool open, const char *what)
{
	struct target t;
	struct undo u;
	struct err e = { 0 };

	assert_int_equal(target_parse(target, &t, &e), 0);
	assert_int_equal(undo_find(j, &t, id, &u, &e), -1);
	if (e.code != code || !strstr(e.text, what))
		fail_msg("exit %d, no '%s' in: %s", e.code, what, e.text);
	assert_int_equal(u.open, open);
	undo_release(&u);
}

static void found(const char *target, long id, size_t n, long newest)
{
	struct undo u = find(target, id);

	assert_int_equal(u.n, n);
	assert_int_equal(u.rows[0].id, newest);
	undo_release(&u);
}

static void newest_run(void **state)
{
	long a, b;

	(void)state;
	refused("tcp:one", 0, ERR_NO, false, "nothing to put back");
	refused("tcp:one", 1, ERR_USAGE, false, "no entry 1");
	a = entry(1, "tcp:one", "ratio.pt", "1", "2", "verified");
	b = entry(2, "tcp:one", "ratio.ct", "40", "60", "verified");
	entry(3, "tcp:two", "ratio.ct", "40", "80", "verified");
	entry(2, "tcp:one", "ratio.pt", "2", "3", "refused");
	found("tcp:one", 0, 1, b);
	found("tcp:one:502", a, 1, a);
	entry(4, "tcp:one", "ratio.ct", "60", "90", "failed");
	/* a run that wrote nothing does not hide the one before */
	found("tcp:one", 0, 1, b);
	refused("tcp:one", b + 1, ERR_DENIED, false, "tcp:two");
	refused("tcp:one", b + 2, ERR_DENIED, false, "never verified (refused)");
}

static void several_newest_first(void **state)
{
	struct undo u;

	(void)state;
	entry(1, "tcp:one", "ratio.pt", "1", "2", "verified");
	entry(2, "tcp:two", "ratio.ct", "40", "80", "verified");
	entry(1, "tcp:one", "ratio.ct", "40", "60", "verified");
	u = find("tcp:one", 0);
	assert_int_equal(u.n, 2);
	assert_string_equal(u.rows[0].key, "ratio.ct");
	assert_string_equal(u.rows[1].key, "ratio.pt");
	undo_release(&u);
}

static void open_ones(void **state)
{
	long id;

	(void)state;
	entry(1, "tcp:one", "ratio.pt", "1", "2", "verified");
	id = entry(1, "tcp:one", "ratio.ct", "40", "60", NULL);
	refused("tcp:one", 0, ERR_DENIED, true, "open");
	refused("tcp:one", id, ERR_DENIED, true, "open");
	assert_int_equal(journal_result(j, id, "unknown", "", "no reply", NULL), 0);
	refused("tcp:one", 0, ERR_DENIED, true, "open");
	assert_int_equal(journal_result(j, id, "failed", "40", "", NULL), 0);
	found("tcp:one", 0, 1, id - 1);
	/* whether a secret was written can never be told */
	entry(2, "tcp:one", "network.apn.password", "********", "********", NULL);
	found("tcp:one", 0, 1, id - 1);
}

/* The meter is followed back over what it was given. */
static void moved_meter(void **state)
{
	long a, b, c, d;

	(void)state;
	a = entry(1, "rtu:/dev/x", "ratio.ct", "40", "60", "verified");
	b = entry(2, "rtu:/dev/x", "comm.address", "1", "7", "verified");
	c = entry(2, "rtu:/dev/x?unit=7", "comm.baud", "9600", "4800", "verified");
	d = entry(3, "rtu:/dev/x?baud=4800&unit=7", "comm.frame", "8N1", "8E1", "verified");
	found("rtu:/dev/x?baud=4800&parity=even&unit=7", 0, 1, d);
	found("rtu:/dev/x?baud=4800&parity=even&unit=7", a, 1, a);
	found("rtu:/dev/x?baud=4800&parity=even&unit=7", b, 1, b);
	refused("rtu:/dev/x", a, ERR_DENIED, false, "left");
	refused("rtu:/dev/x", 0, ERR_NO, false, "left by entry");
	refused("rtu:/dev/x?unit=7", 0, ERR_NO, false, "left by entry");
	refused("rtu:/dev/x?unit=8", c, ERR_DENIED, false, "unit=7");
}

/* New meters come with address 1, each is given its own. */
static void meters_in_turn(void **state)
{
	long first, second;

	(void)state;
	entry(1, "rtu:/dev/x", "ratio.ct", "1", "40", "verified");
	first = entry(2, "rtu:/dev/x", "comm.address", "1", "2", "verified");
	second = entry(3, "rtu:/dev/x", "ratio.ct", "1", "60", "verified");
	entry(4, "rtu:/dev/x", "comm.address", "1", "3", "verified");
	found("rtu:/dev/x?unit=2", first - 1, 1, first - 1);
	found("rtu:/dev/x?unit=3", second, 1, second);
	refused("rtu:/dev/x?unit=3", first - 1, ERR_DENIED, false, "left");
	refused("rtu:/dev/x?unit=2", second, ERR_DENIED, false, "unit=2");
}

/* It holds the new address and answers at the old until it is restarted. */
static void moves_later(void **state)
{
	long id;

	(void)state;
	id = entry(1, "rtu:/dev/x", "comm.address", "1", "7", "verified");
	assert_int_equal(journal_result(j, id, "verified", "7", "it takes effect later", NULL), 0);
	found("rtu:/dev/x", 0, 1, id);
	found("rtu:/dev/x?unit=7", 0, 1, id);
}

static void new_values(void **state)
{
	static const struct { const char *key, *before, *want, *what; } bad[] = {
		{ "network.apn.password", "********", "********", "secret" },
		{ "clock", "2026-01-31 14:03:27", "2026-02-01 14:03:27", "time has passed" },
		{ "tou.table1", "", "00:00 flat", "not readable" },
		{ "nosuch.key", "1", "2", "no 'nosuch.key'" },
		{ "ratio.ct", "70000", "40", "out of range" },
	};
	const struct profile *profile = profile_open("adw300", NULL);
	struct plan_policy policy = { .simulated = true };
	struct plan p;
	struct undo u;
	struct err e = { 0 };

	(void)state;
	assert_non_null(profile);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		entry((long)i + 1, "tcp:one", bad[i].key, bad[i].before, bad[i].want, "verified");
		u = find("tcp:one", 0);
		plan_init(&p, profile, &policy);
		assert_int_equal(undo_add(&u, &p, &e), -1);
		if (e.code != ERR_DENIED || !strstr(e.text, bad[i].what) || !strstr(e.text, "entry "))
			fail_msg("%d, no '%s' in: %s", e.code, bad[i].what, e.text);
		undo_release(&u);
		plan_release(&p);
	}
	entry(50, "tcp:one", "network.apn", "", "m2m", "verified");
	entry(50, "tcp:one", "ratio.ct", "40", "60", "verified");
	u = find("tcp:one", 0);
	plan_init(&p, profile, &policy);
	if (undo_add(&u, &p, &e))
		fail_msg("%s", e.text);
	assert_int_equal(p.n, 2);
	undo_release(&u);
	plan_release(&p);
	profile_free(profile);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newest_run), TEST(several_newest_first), TEST(open_ones), TEST(moved_meter),
		TEST(meters_in_turn), TEST(moves_later), TEST(new_values),
	};

	return UNIT_RUN(tests);
}
