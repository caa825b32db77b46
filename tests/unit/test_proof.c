/* Proofs: what the journal's file keeps of them, and that older files get their table. */
#include "temp.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "write/proof.h"

static char path[TEMP_PATH];

static int set_up(void **state)
{
	(void)state;
	temp_path(path, "journal.db");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_remove();
	return 0;
}

static struct journal *open_one(void)
{
	struct err e = { 0 };
	struct journal *j = journal_open(path, &e);

	if (!j)
		fail_msg("%s", e.text);
	return j;
}

static long add(struct journal *j, const char *target, enum proof_kind kind, int64_t at_us, const char *what)
{
	struct proof p = { .at_us = at_us, .kind = kind, .outcome = "pass", .what = what };
	struct err e = { 0 };

	snprintf(p.target, sizeof(p.target), "%s", target);
	snprintf(p.identity, sizeof(p.identity), "energy.active.import.total=12.50");
	if (proof_add(j, &p, &e))
		fail_msg("%s", e.text);
	return p.id;
}

struct kept {
	struct proof p[8];
	char what[8][600];
	size_t n, most;
};

static int keep(void *arg, const struct proof *p)
{
	struct kept *k = arg;

	snprintf(k->what[k->n], sizeof(k->what[0]), "%s", p->what);
	k->p[k->n++] = *p;
	return k->n == k->most;
}

static struct kept list(struct journal *j, const char *part, size_t most)
{
	struct kept k = { .most = most };
	struct err e = { 0 };

	if (proof_each(j, part, keep, &k, &e))
		fail_msg("%s", e.text);
	return k;
}

static void statement(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What goes in comes out, also when the file was closed meanwhile. */
static void kept_whole(void **state)
{
	struct journal *j = open_one();
	char what[560] = "{\"file\":\"";
	int64_t before = time_wall_us();
	long id, second;
	struct kept k;

	(void)state;
	memset(what + strlen(what), 'x', 540 - strlen(what));
	strcat(what, "\"}");
	id = add(j, "rtu:/dev/ttyUSB0?unit=1", PROOF_CLAMP, 0, what);
	second = add(j, "sim:", PROOF_REPORT, 77, NULL);
	assert_true(second > id);
	journal_close(j);
	j = open_one();
	k = list(j, NULL, 8);
	journal_close(j);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.p[0].id, id);
	assert_int_equal(k.p[0].kind, PROOF_CLAMP);
	assert_string_equal(k.p[0].target, "rtu:/dev/ttyUSB0?unit=1");
	assert_string_equal(k.p[0].identity, "energy.active.import.total=12.50");
	assert_string_equal(k.p[0].outcome, "pass");
	assert_string_equal(k.what[0], what);
	assert_true(k.p[0].at_us >= before && k.p[0].at_us <= time_wall_us());
	assert_int_equal(k.p[1].kind, PROOF_REPORT);
	assert_int_equal(k.p[1].at_us, 77);
	assert_string_equal(k.what[1], "{}");
}

/* The newest first, whenever they were recorded; a callback ends it; a part selects. */
static void ordered(void **state)
{
	struct journal *j = open_one();
	struct kept k;

	(void)state;
	add(j, "mqtt://broker/20201998111433", PROOF_UPLINK, 300, NULL);
	add(j, "mqtt://broker/20201998111434", PROOF_UPLINK, 100, NULL);
	add(j, "tcp:192.0.2.1?unit=1", PROOF_WIRING, 200, NULL);
	k = list(j, NULL, 8);
	assert_int_equal(k.n, 3);
	assert_int_equal(k.p[0].at_us, 300);
	assert_int_equal(k.p[1].at_us, 200);
	assert_int_equal(k.p[2].at_us, 100);
	assert_int_equal(list(j, NULL, 2).n, 2);
	k = list(j, "20201998111434", 8);
	assert_int_equal(k.n, 1);
	assert_int_equal(k.p[0].at_us, 100);
	assert_int_equal(list(j, "energy.active.import.total=12", 8).n, 3);
	assert_int_equal(list(j, "12.51", 8).n, 0);
	journal_close(j);
}

/* Every kind has a name of its own and comes back; one of a later program is passed over. */
static void kinds(void **state)
{
	struct journal *j = open_one();
	struct kept k;

	(void)state;
	for (enum proof_kind kind = 0; kind < PROOF_KINDS; kind++)
		add(j, "sim:", kind, 100 - (int64_t)kind, NULL);
	journal_close(j);
	statement("INSERT INTO proof (at_us, target, identity, kind, outcome, what)"
		  " VALUES (1000, 'sim:', '', 'seal', 'pass', '{}')");
	j = open_one();
	k = list(j, NULL, 8);
	journal_close(j);
	assert_int_equal(k.n, PROOF_KINDS);
	for (enum proof_kind kind = 0; kind < PROOF_KINDS; kind++)
		assert_int_equal(k.p[kind].kind, kind);
}

static int count_proof(void *arg, const struct proof *p)
{
	int64_t *all = arg;

	/* the newest come first: how many, the newest, the oldest, the widest gap of ten late ones */
	if (all[0] > 2 && all[0] < 12 && all[2] - p->at_us > all[3])
		all[3] = all[2] - p->at_us;
	if (all[0]++ == 0)
		all[1] = p->at_us;
	all[2] = p->at_us;
	return 0;
}

/* Two hundred of one meter become a few: the first, the last, and more of late; those of
 * other meters and kinds stay. */
static void thinned(void **state)
{
	struct journal *j = open_one();
	int64_t all[4] = { 0 };
	struct err e = { 0 };

	(void)state;
	add(j, "sim:x", PROOF_ENERGY, 500000, NULL);
	add(j, "sim:", PROOF_WIRING, 500000, NULL);
	for (int64_t k = 1; k <= 200; k++) {
		struct proof p = { .at_us = k * 1000, .kind = PROOF_ENERGY, .outcome = "read", .target = "sim:" };

		assert_int_equal(proof_add(j, &p, &e), 0);
		assert_int_equal(proof_thin(j, &p, 20, &e), 0);
	}
	assert_int_equal(list(j, "sim:x", 8).n, 1);
	assert_int_equal(proof_each(j, NULL, count_proof, all, &e), 0);
	journal_close(j);
	assert_int_equal(all[0], 22);
	assert_int_equal(all[1], 500000);
	assert_int_equal(all[2], 1000);
	assert_true(all[3] <= 20000);
}

static int count_row(void *arg, const struct journal_row *r)
{
	*(int *)arg += strcmp(r->want, "60") == 0;
	return 0;
}

/* A journal of a program that knew no proofs: its rows stay, and proofs find room. */
static void older_file(void **state)
{
	struct journal *j = open_one();
	struct journal_row r = { .run = 1, .target = "sim:", .profile = "adw300", .key = "ratio.ct", .want = "60" };
	struct err e = { 0 };
	int rows = 0;

	(void)state;
	assert_int_equal(journal_intent(j, &r, &e), 0);
	journal_close(j);
	statement("DROP TABLE proof; PRAGMA user_version = 2");
	j = open_one();
	add(j, "sim:", PROOF_WIRING, 5, NULL);
	assert_int_equal(list(j, NULL, 8).n, 1);
	assert_int_equal(journal_each(j, &(struct journal_filter){ 0 }, count_row, &rows, &e), 0);
	assert_int_equal(rows, 1);
	journal_close(j);
}

/* Who cannot record one is told why. */
static void no_table(void **state)
{
	struct journal *j = open_one();
	struct proof p = { .kind = PROOF_WIRING, .outcome = "pass", .target = "sim:" };
	struct kept k = { .most = 8 };
	struct err e = { 0 };

	(void)state;
	journal_close(j);
	statement("DROP TABLE proof");
	j = open_one();
	assert_int_equal(proof_add(j, &p, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(proof_each(j, NULL, keep, &k, &e), -1);
	journal_close(j);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kept_whole), TEST(ordered), TEST(kinds), TEST(older_file), TEST(no_table),
		TEST(kept_whole), TEST(ordered), TEST(thinned), TEST(older_file), TEST(no_table),
	};

	return UNIT_RUN(tests);
}
