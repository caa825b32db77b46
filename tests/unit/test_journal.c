/* The journal: what it keeps, and what it survives. */
#include "temp.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "write/journal.h"
#include "base/text.h"

static char folder[TEMP_PATH];
static char path[TEMP_PATH];

/* What SQLite has had put on disk: it finds these in front of the C library's. */
static int synced, synced_wal;

static void count_sync(int fd)
{
	char link[64], name[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = '\0';
	synced++;
	synced_wal += n > 4 && strcmp(name + n - 4, "-wal") == 0;
}

int fsync(int fd)
{
	count_sync(fd);
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	count_sync(fd);
	return (int)syscall(SYS_fdatasync, fd);
}

static int set_up(void **state)
{
	(void)state;
	temp_path(folder, "");
	temp_path(path, "deeper/journal.db");
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

static struct journal_row row_of(long run, const char *target, const char *key)
{
	struct journal_row r = { .run = run };

	snprintf(r.target, sizeof(r.target), "%s", target);
	snprintf(r.profile, sizeof(r.profile), "adw300");
	snprintf(r.key, sizeof(r.key), "%s", key);
	snprintf(r.before, sizeof(r.before), "40");
	snprintf(r.want, sizeof(r.want), "60");
	return r;
}

static long intend(struct journal *j, long run, const char *target, const char *key)
{
	struct journal_row r = row_of(run, target, key);
	struct err e = { 0 };

	if (journal_intent(j, &r, &e))
		fail_msg("%s", e.text);
	return r.id;
}

struct kept {
	struct journal_row rows[64];
	size_t n;
};

static int keep(void *arg, const struct journal_row *r)
{
	struct kept *k = arg;

	k->rows[k->n++] = *r;
	return k->n == 64;
}

static struct kept list(struct journal *j, struct journal_filter f)
{
	struct kept k = { .n = 0 };
	struct err e = { 0 };

	if (journal_each(j, &f, keep, &k, &e))
		fail_msg("%s", e.text);
	return k;
}

/* What SQLite itself thinks of the file. */
static void assert_intact(void)
{
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

/* ---- what it keeps --------------------------------------------------------- */

static void rows(void **state)
{
	struct journal *j = open_one();
	struct err e = { 0 };
	long run = journal_run(j, &e), a, b;
	struct kept k;

	(void)state;
	assert_true(run > 0);
	a = intend(j, run, "tcp:one", "ratio.ct");
	b = intend(j, run, "tcp:one", "ratio.pt");
	assert_true(b > a);
	assert_int_equal(journal_result(j, a, "verified", "60", "", &e), 0);
	assert_true(journal_run(j, &e) > run);
	journal_close(j);

	j = open_one();
	k = list(j, (struct journal_filter){ 0 });
	assert_int_equal(k.n, 2);
	assert_int_equal(k.rows[0].id, a);
	assert_int_equal(k.rows[0].run, run);
	assert_string_equal(k.rows[0].state, "verified");
	assert_string_equal(k.rows[0].before, "40");
	assert_string_equal(k.rows[0].want, "60");
	assert_string_equal(k.rows[0].after, "60");
	assert_string_equal(k.rows[0].target, "tcp:one");
	assert_string_equal(k.rows[0].profile, "adw300");
	assert_string_equal(k.rows[0].key, "ratio.ct");
	assert_non_null(strchr(k.rows[0].who, '@'));
	assert_true(k.rows[0].at_us > 0 && k.rows[0].done_us >= k.rows[0].at_us);
	assert_int_equal(k.rows[1].id, b);
	assert_string_equal(k.rows[1].state, "intent");
	assert_int_equal(k.rows[1].done_us, 0);
	assert_string_equal(k.rows[1].after, "");
	journal_close(j);
}

static void filters(void **state)
{
	struct journal *j = open_one();
	struct err e = { 0 };
	long id[6];
	struct kept k;

	(void)state;
	for (int i = 0; i < 6; i++)
		id[i] = intend(j, 1 + i / 2, i % 2 ? "tcp:odd" : "tcp:even", "ratio.ct");
	assert_int_equal(journal_result(j, id[0], "verified", "60", "", &e), 0);
	assert_int_equal(journal_result(j, id[1], "failed", "40", "not there", &e), 0);
	assert_int_equal(journal_result(j, id[2], "unknown", "", "no reply", &e), 0);
	assert_int_equal(journal_result(j, id[3], "refused", "", "exception 3", &e), 0);

	k = list(j, (struct journal_filter){ .id = id[3] });
	assert_int_equal(k.n, 1);
	assert_string_equal(k.rows[0].error, "exception 3");
	k = list(j, (struct journal_filter){ .run = 2 });
	assert_int_equal(k.n, 2);
	assert_int_equal(k.rows[0].id, id[2]);
	k = list(j, (struct journal_filter){ .target = "tcp:odd" });
	assert_int_equal(k.n, 3);
	k = list(j, (struct journal_filter){ .target = "tcp:od" });
	assert_int_equal(k.n, 0);
	k = list(j, (struct journal_filter){ .open = true });
	assert_int_equal(k.n, 3);
	assert_int_equal(k.rows[0].id, id[2]);
	assert_int_equal(k.rows[1].id, id[4]);
	k = list(j, (struct journal_filter){ .most = 2 });
	assert_int_equal(k.n, 2);
	assert_int_equal(k.rows[0].id, id[4]);
	assert_int_equal(k.rows[1].id, id[5]);
	k = list(j, (struct journal_filter){ .target = "tcp:even", .open = true, .most = 1 });
	assert_int_equal(k.n, 1);
	assert_int_equal(k.rows[0].id, id[4]);
	journal_close(j);
}

/* An intent is on disk, not only with the kernel, when it is acknowledged; its result, too. */
static void on_disk(void **state)
{
	struct journal *j = open_one();
	struct err e = { 0 };

	(void)state;
	assert_true(synced > 0);
	for (int i = 0; i < 5; i++) {
		long id;

		synced_wal = 0;
		assert_true(journal_run(j, &e) > 0);
		assert_true(synced_wal > 0);
		synced_wal = 0;
		id = intend(j, 1, "tcp:one", "ratio.ct");
		assert_true(synced_wal > 0);
		synced_wal = 0;
		assert_int_equal(journal_result(j, id, "verified", "60", "", &e), 0);
		assert_true(synced_wal > 0);
	}
	journal_close(j);
}

struct settling {
	struct journal *j, *other;
	int told;
};

/* Another process writes in between, then the one that is listing. */
static int settle(void *arg, const struct journal_row *r)
{
	struct settling *s = arg;
	struct err e = { 0 };

	s->told++;
	intend(s->other, 9, "tcp:one", "ratio.ct");
	if (journal_result(s->j, r->id, "failed", "40", "", &e))
		fail_msg("%s", e.text);
	return 0;
}

static void results_while_listing(void **state)
{
	struct settling s = { .j = open_one(), .other = open_one() };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		intend(s.j, 1, "tcp:one", "ratio.ct");
	assert_int_equal(journal_each(s.j, &(struct journal_filter){ .open = true }, settle, &s, &e), 0);
	assert_int_equal(s.told, 3);
	assert_int_equal(list(s.j, (struct journal_filter){ .open = true }).n, 3);
	journal_close(s.other);
	journal_close(s.j);
}

static void hostile_text(void **state)
{
	struct journal *j = open_one();
	struct journal_row r = row_of(1, "tcp:one", "network.apn");
	struct err e = { 0 };
	struct kept k;

	(void)state;
	snprintf(r.want, sizeof(r.want), "a\033[2Jb'; DROP TABLE entry; --\xff");
	assert_int_equal(journal_intent(j, &r, &e), 0);
	assert_int_equal(journal_result(j, r.id, "verified", "\x9b" "31m\n", NULL, &e), 0);
	k = list(j, (struct journal_filter){ .id = r.id });
	assert_string_equal(k.rows[0].want, "a?[2Jb'; DROP TABLE entry; --?");
	assert_string_equal(k.rows[0].after, "?31m?");
	assert_string_equal(k.rows[0].error, "");
	journal_close(j);
}

static void no_such_row(void **state)
{
	struct journal *j = open_one();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(journal_result(j, 4711, "verified", "", "", &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, "4711"));
	journal_close(j);
}

static void modes(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	mode_t old = umask(0);
	struct journal *j = open_one();
	struct stat st;
	char file[TEMP_PATH + 8];

	(void)state;
	umask(old);
	intend(j, 1, "tcp:one", "ratio.ct");
	for (size_t i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", path, tails[i]);
		assert_int_equal(stat(file, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	snprintf(file, sizeof(file), "%s/deeper", folder);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	journal_close(j);
}

/* ---- several at once, and ends in the middle -------------------------------- */

#define CHILDREN 8
#define EACH 25

static void child_writes(int n)
{
	char target[32];
	struct err e = { 0 };
	struct journal *j = journal_open(path, &e);

	snprintf(target, sizeof(target), "tcp:child%d", n);
	for (int i = 0; j && i < EACH; i++) {
		struct journal_row r = row_of(n, target, "ratio.ct");

		if (journal_intent(j, &r, &e) || journal_result(j, r.id, "verified", "60", "", &e))
			break;
	}
	if (*e.text)
		fprintf(stderr, "# %s\n", e.text);
	journal_close(j);
	_exit(*e.text != '\0');
}

/* They also race to make the file. */
static void processes_at_once(void **state)
{
	pid_t pid[CHILDREN];
	struct journal *j;

	(void)state;
	for (int i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			child_writes(i);
		assert_true(pid[i] > 0);
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status = -1;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	j = open_one();
	for (int i = 0; i < CHILDREN; i++) {
		char target[32];
		struct kept k;

		snprintf(target, sizeof(target), "tcp:child%d", i);
		k = list(j, (struct journal_filter){ .target = target });
		assert_int_equal(k.n, EACH);
		assert_string_equal(k.rows[EACH - 1].state, "verified");
	}
	journal_close(j);
}

/* A child tells each id that journal_intent() acknowledged and is killed at once. */
static void killed(void **state)
{
	long told = 0;

	(void)state;
	for (int round = 0; round < 10; round++) {
		int out[2], status = 0;
		struct journal *j;
		struct kept k;
		pid_t pid;

		assert_int_equal(pipe(out), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct journal_row r = row_of(round, "tcp:one", "ratio.ct");
			struct err e = { 0 };

			j = journal_open(path, &e);
			if (j && journal_intent(j, &r, &e) == 0
			    && write(out[1], &r.id, sizeof(r.id)) == sizeof(r.id))
				pause();
			_exit(1);
		}
		assert_int_equal(read(out[0], &told, sizeof(told)), sizeof(told));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		close(out[0]);
		close(out[1]);
		j = open_one();
		k = list(j, (struct journal_filter){ .id = told, .open = true });
		assert_int_equal(k.n, 1);
		assert_int_equal(k.rows[0].run, round);
		journal_close(j);
	}
	assert_intact();
}

static void held_by_another(void **state)
{
	struct journal *j = open_one();
	struct journal_row r = row_of(1, "tcp:one", "ratio.ct");
	struct err e = { 0 };
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(journal_intent(j, &r, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, "another program"));
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(journal_intent(j, &r, &e), 0);
	journal_close(j);
}

/* ---- no room ---------------------------------------------------------------- */

/* Writes until an intent fails. Every one acknowledged must be there, the file
 * whole, and an entry that was begun still be open. */
static void fill_up(const char *what)
{
	struct journal *j = open_one();
	struct err e = { 0 };
	long acknowledged = 0;
	struct kept k;

	for (int i = 0; i < 100000; i++) {
		struct journal_row r = row_of(1, "tcp:one", "ratio.ct");

		memset(r.want, 'x', sizeof(r.want) - 1);
		if (journal_intent(j, &r, &e))
			break;
		acknowledged = r.id;
	}
	assert_int_equal(e.code, ERR_DENIED);
	assert_true(acknowledged > 0);
	if (!strstr(e.text, what))
		fail_msg("no '%s' in: %s", what, e.text);
	k = list(j, (struct journal_filter){ .most = 1 });
	assert_int_equal(k.n, 1);
	assert_int_equal(k.rows[0].id, acknowledged);
	journal_close(j);
}

static void file_limit(void **state)
{
	struct rlimit old, low;
	struct journal *j;

	(void)state;
	j = open_one();
	intend(j, 1, "tcp:one", "ratio.ct");
	journal_close(j);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = (struct rlimit){ .rlim_cur = 200000, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	fill_up(path);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_intact();
	/* and there is room again */
	j = open_one();
	intend(j, 2, "tcp:one", "ratio.ct");
	journal_close(j);
}

static int write_text(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}

/* A file system of 256 kB that only this process sees: as root, or where users
 * may have namespaces of their own. */
static bool mount_small(void)
{
	char map[64];

	if (geteuid() != 0) {
		unsigned uid = getuid();

		if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
			return false;
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (write_text("/proc/self/uid_map", map))
			return false;
	} else if (unshare(CLONE_NEWNS)) {
		return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
	       && mount("tmpfs", folder, "tmpfs", 0, "size=256k") == 0;
}

static void full_disk(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e = { 0 };
		struct journal_row r = row_of(2, "tcp:one", "ratio.pt");
		struct journal *j;

		if (!mount_small())
			_exit(77);
		fill_up("disk is full");
		assert_intact();
		/* a result that finds no room is said; the entry stays open */
		j = journal_open(path, &e);
		if (j && journal_intent(j, &r, &e) == 0)
			_exit(journal_result(j, r.id, "verified", "60", "", &e) ? 0 : 1);
		_exit(e.code == ERR_DENIED ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		UNIT_WITHOUT("a small filesystem of its own");
	assert_int_equal(status, 0);
}

/* ---- files that will not do --------------------------------------------------- */

static void refused(const char *what)
{
	struct err e = { 0 };
	struct journal *j = journal_open(path, &e);

	if (j)
		fail_msg("taken, not refused: %s", what);
	assert_int_equal(e.code, ERR_DENIED);
	if (!strstr(e.text, what) || strchr(e.text, '\n'))
		fail_msg("no '%s' in: %s", what, e.text);
}

static void make(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void foreign_files(void **state)
{
	struct stat st;
	FILE *f;

	(void)state;
	temp_path(path, "notes.txt");
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 2000; i++)
		fputs("not a database\n", f);
	fclose(f);
	refused("not a journal");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2000 * 15);

	temp_path(path, "addresses.db");
	make("CREATE TABLE person (name TEXT)");
	refused("not a journal");

	/* without a table it may still be somebody's */
	temp_path(path, "begun.db");
	make("PRAGMA application_id = 1; PRAGMA user_version = 1");
	refused("not a journal");

	temp_path(path, "newer.db");
	journal_close(open_one());
	make("PRAGMA user_version = 4");
	refused("newer meterctl");
	make("PRAGMA user_version = 7");
	refused("newer meterctl");
	make("PRAGMA user_version = 3");
	journal_close(open_one());
}

static int same_row(void *arg, const struct journal_row *r)
{
	*(struct journal_row *)arg = *r;
	return 0;
}

/* A journal that was written before rows had an identity. */
static void older_file(void **state)
{
	struct journal_row r = { .id = 0 }, new = row_of(2, "tcp:host:502?unit=1", "ratio.pt");
	struct err e = { 0 };
	struct journal *j;

	(void)state;
	temp_path(path, "older.db");
	make("CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT);"
	     "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL,"
	     " at_us INTEGER NOT NULL, done_us INTEGER NOT NULL DEFAULT 0, who TEXT NOT NULL,"
	     " target TEXT NOT NULL, profile TEXT NOT NULL, key TEXT NOT NULL, before TEXT NOT NULL,"
	     " want TEXT NOT NULL, after TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT 'intent',"
	     " error TEXT NOT NULL DEFAULT '');"
	     "INSERT INTO entry (run, at_us, who, target, profile, key, before, want)"
	     " VALUES (1, 5, 'me@here', 'tcp:host:502?unit=1', 'adw300', 'ratio.ct', '40', '60');"
	     "PRAGMA application_id = 1836345964; PRAGMA user_version = 1");
	j = open_one();
	assert_int_equal(journal_each(j, &(struct journal_filter){ 0 }, same_row, &r, &e), 0);
	assert_string_equal(r.want, "60");
	assert_string_equal(r.identity, "");
	snprintf(new.identity, sizeof(new.identity), "meter.serial=4711");
	assert_int_equal(journal_intent(j, &new, &e), 0);
	journal_close(j);
	j = open_one();
	assert_int_equal(journal_each(j, &(struct journal_filter){ .id = new.id }, same_row, &r, &e), 0);
	assert_string_equal(r.identity, "meter.serial=4711");
	assert_string_equal(r.state, "intent");
	journal_close(j);
}

#define NOBODY 65534

static void no_place(void **state)
{
	bool root = geteuid() == 0;
	struct journal *j;

	(void)state;
	snprintf(path, sizeof(path), "/dev/null/journal.db");
	refused("/dev/null");
	temp_path(path, "");
	refused(folder);
	temp_path(path, "journal.db");
	/* no mode keeps root out */
	if (root && (chown(folder, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, 0)))
		UNIT_WITHOUT("another user");
	assert_int_equal(chmod(folder, 0500), 0);
	refused("ermission denied");
	assert_int_equal(chmod(folder, 0700), 0);
	j = open_one();
	intend(j, 1, "tcp:one", "ratio.ct");
	journal_close(j);
	assert_int_equal(chmod(path, 0400), 0);
	refused("ermission denied");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(folder, 0500), 0);
	refused(path);
	assert_int_equal(setresuid(root ? 0 : getuid(), root ? 0 : getuid(), (uid_t)-1), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows), TEST(filters), TEST(on_disk), TEST(results_while_listing), TEST(hostile_text),
		TEST(no_such_row), TEST(modes), TEST(processes_at_once), TEST(killed),
		TEST(held_by_another), TEST(file_limit), TEST(full_disk),
		TEST(foreign_files), TEST(older_file), TEST(no_place),
	};

	return UNIT_RUN(tests);
}
