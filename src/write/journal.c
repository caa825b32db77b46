#include "journal_own.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "base/paths.h"
#include "base/text.h"

#define APPLICATION 0x6D746A6C	/* "mtjl": a file of another program is left alone */
#define PATIENCE_MS 5000	/* for another program that is writing */

/* What makes a file of version N one of version N + 1 (user_version); a new file is of
 * version 0, and goes through all of them. */
static const char *const upgrades[] = {
	"CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT);"
	"CREATE TABLE entry ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" run INTEGER NOT NULL,"
	" at_us INTEGER NOT NULL,"
	" done_us INTEGER NOT NULL DEFAULT 0,"
	" who TEXT NOT NULL,"
	" target TEXT NOT NULL,"
	" profile TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" before TEXT NOT NULL,"
	" want TEXT NOT NULL,"
	" after TEXT NOT NULL DEFAULT '',"
	" state TEXT NOT NULL DEFAULT 'intent',"
	" error TEXT NOT NULL DEFAULT '');"
	"PRAGMA application_id = 1836345964;"
	"PRAGMA user_version = 1",

	"ALTER TABLE entry ADD COLUMN identity TEXT NOT NULL DEFAULT '';"
	"PRAGMA user_version = 2",

	/* proof.h */
	"CREATE TABLE proof ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" at_us INTEGER NOT NULL,"
	" target TEXT NOT NULL,"
	" identity TEXT NOT NULL,"
	" kind TEXT NOT NULL,"
	" outcome TEXT NOT NULL,"
	" what TEXT NOT NULL);"
	"PRAGMA user_version = 3",
};
#define VERSION ((long)(sizeof(upgrades) / sizeof(*upgrades)))

#define MATCHES \
	"(?1 = 0 OR id = ?1) AND (?2 = 0 OR run = ?2) AND (?3 IS NULL OR target = ?3)" \
	" AND (?4 = 0 OR state IN ('intent', 'unknown'))"

static const char *const sql[JOURNAL_SQL_COUNT] = {
	[JOURNAL_SQL_RUN] = "INSERT INTO run DEFAULT VALUES",
	[JOURNAL_SQL_INTENT] = "INSERT INTO entry (run, at_us, who, target, profile, key, before, want,"
		" identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[JOURNAL_SQL_RESULT] = "UPDATE entry SET done_us = ?, state = ?, after = ?, error = ?"
		" WHERE id = ?",
	[JOURNAL_SQL_ENDS] = "SELECT min(id), max(id) FROM (SELECT id FROM entry WHERE " MATCHES
		" ORDER BY id DESC LIMIT ?5)",
	[JOURNAL_SQL_NEXT] = "SELECT id, run, at_us, done_us, who, target, profile, key, before,"
		" want, after, state, error, identity FROM entry WHERE " MATCHES
		" AND id BETWEEN ?5 AND ?6 ORDER BY id LIMIT 1",
};

/* ---- what went wrong ------------------------------------------------------ */

int journal_complain(const struct journal *j, int rc, struct err *e)
{
	int why = sqlite3_system_errno(j->db);

	switch (rc & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, ERR_DENIED, "cannot use the journal '%s': another program"
			       " has been holding it for %d s", j->path, PATIENCE_MS / 1000);
	case SQLITE_NOTADB:
		return err_set(e, ERR_DENIED, "'%s' is not a journal of meterctl"
			       " (name another file with --journal)", j->path);
	case SQLITE_CORRUPT:
		return err_set(e, ERR_DENIED, "the journal '%s' is damaged"
			       " (put it aside, or name another file with --journal)", j->path);
	case SQLITE_FULL:
		return err_set(e, ERR_DENIED, "cannot write the journal '%s': the disk is full", j->path);
	case SQLITE_READONLY:
		return err_set(e, ERR_DENIED, "cannot write the journal '%s': the file or its"
			       " folder is read-only (name another with --journal)", j->path);
	default:
		return err_set(e, ERR_DENIED, "cannot use the journal '%s': %s%s%s", j->path,
			       sqlite3_errstr(rc), why ? ": " : "", why ? strerror(why) : "");
	}
}

/* ---- opening ---------------------------------------------------------------- */

static void name_user(char *buf, size_t size)
{
	struct passwd pw, *found = NULL;
	char text[1024], host[64] = "", all[256];

	if (getpwuid_r(getuid(), &pw, text, sizeof(text), &found) != 0)
		found = NULL;
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	if (found)
		snprintf(all, sizeof(all), "%.100s@%s", found->pw_name, host);
	else
		snprintf(all, sizeof(all), "uid %u@%s", (unsigned)getuid(), host);
	text_clean(buf, size, all);
}

/* A file that is there is left alone: closing any descriptor of it would drop
 * the locks another connection of this process holds (sqlite.org/howtocorrupt.html,
 * 2.2). SQLite gives its helper files the same mode. */
static int make_file(const struct journal *j, struct err *e)
{
	int fd;

	if (access(j->path, R_OK | W_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return err_set(e, ERR_DENIED, "cannot write the journal '%s': %s"
			       " (name another file with --journal)", j->path, strerror(errno));
	if (paths_ensure_parent(j->path, e)) {
		if (e)
			e->code = ERR_DENIED;
		return err_prefix(e, "cannot make the journal");
	}
	fd = open(j->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return err_set(e, ERR_DENIED, "cannot make the journal '%s': %s", j->path,
			       strerror(errno));
	return 0;
}

/* The one number of the first row. */
static int journal_ask(struct journal *j, const char *question, long *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, question, -1, &s, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*out = (long)sqlite3_column_int64(s, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc;
}

/* Ours, nobody's yet, or somebody else's? Its version; 0: it is empty. Within one
 * transaction: the answers must be about the same state. */
static int identify(struct journal *j, long *of, struct err *e)
{
	long version = 0, application = 0, tables = 0;
	int rc;

	*of = 0;
	if ((rc = journal_ask(j, "PRAGMA application_id", &application)) != SQLITE_OK
	    || (rc = journal_ask(j, "PRAGMA user_version", &version)) != SQLITE_OK
	    || (rc = journal_ask(j, "SELECT count(*) FROM sqlite_master", &tables)) != SQLITE_OK)
		return journal_complain(j, rc, e);
	if (application == 0 && version == 0 && tables == 0)
		return 0;
	if (application != APPLICATION)
		return journal_complain(j, SQLITE_NOTADB, e);
	if (version > VERSION)
		return err_set(e, ERR_DENIED, "the journal '%s' was written by a newer meterctl"
			       " (its format %ld, this one knows %ld)", j->path, version, VERSION);
	*of = version;
	return 0;
}

/* Changing to WAL does not wait for others as every other statement does. */
static int use_wal(struct journal *j)
{
	int64_t until = time_mono_us() + PATIENCE_MS * 1000;
	int rc;

	while ((rc = sqlite3_exec(j->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL)) == SQLITE_BUSY
	       && time_mono_us() < until)
		sqlite3_sleep(10);
	return rc;
}

/* BEGIN says how; MAKE: the tables are made, or brought to this version. Two programs
 * may do that at the same time: the second finds it done. *LACKS: it is to be done. */
static int look_inside(struct journal *j, const char *begin, bool make, bool *lacks,
		       struct err *e)
{
	int rc = sqlite3_exec(j->db, begin, NULL, NULL, NULL);
	long version = 0;

	if (rc == SQLITE_OK && identify(j, &version, e)) {
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	*lacks = version < VERSION;
	for (; rc == SQLITE_OK && make && version < VERSION; version++)
		rc = sqlite3_exec(j->db, upgrades[version], NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(j->db, "COMMIT", NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : journal_complain(j, rc, e);
}

static int prepare_all(struct journal *j, struct err *e)
{
	for (int i = 0; i < JOURNAL_SQL_COUNT; i++) {
		int rc = sqlite3_prepare_v3(j->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &j->stmt[i], NULL);

		if (rc != SQLITE_OK)
			return journal_complain(j, rc, e);
	}
	return 0;
}

static int set_up(struct journal *j, struct err *e)
{
	sqlite3_stmt *mode = NULL;
	bool lacks = false, wal;
	int rc;

	sqlite3_extended_result_codes(j->db, 1);
	sqlite3_busy_timeout(j->db, PATIENCE_MS);
	if (look_inside(j, "BEGIN", false, &lacks, e))
		return -1;
	rc = use_wal(j);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(j->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(j->db, "PRAGMA journal_mode", -1, &mode, NULL);
	if (rc != SQLITE_OK)
		return journal_complain(j, rc, e);
	wal = sqlite3_step(mode) == SQLITE_ROW
	      && strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
	sqlite3_finalize(mode);
	if (!wal)
		return err_set(e, ERR_DENIED, "cannot use the journal '%s': its file system"
			       " has no shared memory (name one on a local disk with --journal)", j->path);
	if (lacks && look_inside(j, "BEGIN IMMEDIATE", true, &lacks, e))
		return -1;
	return prepare_all(j, e);
}

/* Returns BUF, "" when there is no place. */
static const char *find_place(const char *path, char *buf, size_t size)
{
	if (!path)
		return paths_state(buf, size, "journal.db");
	if (snprintf(buf, size, "%s", path) >= (int)size)
		buf[0] = '\0';
	return buf;
}

/* "file:PATH?immutable=1", as the file cannot change where it is. SQLite cannot look into one
 * that was left with a log beside it so: then nothing but the file itself is told. */
static int open_unchanging(struct journal *j)
{
	char uri[3 * JOURNAL_PATH + 32], log[JOURNAL_PATH + 8];
	size_t at = 0;
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", j->path);
	if (stat(log, &st) == 0 && st.st_size > 0)
		return sqlite3_open_v2(j->path, &j->db, SQLITE_OPEN_READONLY, NULL);
	text_append(uri, sizeof(uri), &at, "file:");
	for (const char *s = j->path; *s; s++)
		text_append(uri, sizeof(uri), &at, strchr("?#%", *s) ? "%%%02X" : "%c", (unsigned char)*s);
	text_append(uri, sizeof(uri), &at, "?immutable=1");
	return sqlite3_open_v2(uri, &j->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
}

static int set_up_unchanging(struct journal *j, struct err *e)
{
	bool lacks = false;

	sqlite3_extended_result_codes(j->db, 1);
	if (look_inside(j, "BEGIN", false, &lacks, e))
		return -1;
	if (lacks)
		return err_set(e, ERR_DENIED, "the journal '%s' was written by an older meterctl and cannot be brought"
			       " up to date where it is (copy it to a folder that can be written)", j->path);
	return prepare_all(j, e);
}

/* Can it be used like any other? Its helper files are made beside it. */
static bool journal_writable(const char *path)
{
	char folder[JOURNAL_PATH];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	return access(path, W_OK) == 0 && access(folder, W_OK) == 0;
}

int journal_look(const char *path, struct journal **j, struct err *e)
{
	char place[JOURNAL_PATH];
	int rc;

	*j = NULL;
	find_place(path, place, sizeof(place));
	if (access(place, F_OK) != 0 && errno == ENOENT)
		return 0;
	if (access(place, R_OK) != 0 || journal_writable(place)) {
		*j = journal_open(path, e);
		return *j ? 0 : -1;
	}
	*j = calloc(1, sizeof(**j));
	if (!*j)
		return err_set(e, ERR_DENIED, "cannot open the journal: out of memory");
	pthread_mutex_init(&(*j)->lock, NULL);
	snprintf((*j)->path, sizeof((*j)->path), "%s", place);
	rc = open_unchanging(*j);
	if (rc == SQLITE_OK && set_up_unchanging(*j, e) == 0)
		return 0;
	if (rc != SQLITE_OK)
		journal_complain(*j, rc, e);
	journal_close(*j);
	*j = NULL;
	return -1;
}

struct journal *journal_open(const char *path, struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	if (!j) {
		err_set(e, ERR_DENIED, "cannot open the journal: out of memory");
		return NULL;
	}
	pthread_mutex_init(&j->lock, NULL);
	if (!*find_place(path, j->path, sizeof(j->path))) {
		err_set(e, ERR_DENIED, "no place for the journal: its path is too long or there"
			" is no home folder (name a file with --journal)");
		goto fail;
	}
	name_user(j->who, sizeof(j->who));
	if (make_file(j, e))
		goto fail;
	rc = sqlite3_open_v2(j->path, &j->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK) {
		journal_complain(j, rc, e);
		goto fail;
	}
	if (set_up(j, e))
		goto fail;
	return j;
fail:
	journal_close(j);
	return NULL;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	for (int i = 0; i < JOURNAL_SQL_COUNT; i++)
		sqlite3_finalize(j->stmt[i]);
	sqlite3_close(j->db);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* ---- writing ---------------------------------------------------------------- */

void journal_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	char clean[TARGET_TEXT];	/* the longest of a row */

	text_clean(clean, sizeof(clean), text ? text : "");
	sqlite3_bind_text(s, at, clean, -1, SQLITE_TRANSIENT);
}

/* Runs one that gives no rows. A text that found no memory to be bound in is
 * NULL, which the columns refuse. */
static int execute(struct journal *j, int which, struct err *e)
{
	sqlite3_stmt *s = j->stmt[which];
	int rc = sqlite3_step(s);

	if (rc != SQLITE_DONE)
		journal_complain(j, rc, e);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

long journal_run(struct journal *j, struct err *e)
{
	long id;

	pthread_mutex_lock(&j->lock);
	id = execute(j, JOURNAL_SQL_RUN, e) ? -1 : (long)sqlite3_last_insert_rowid(j->db);
	pthread_mutex_unlock(&j->lock);
	return id;
}

int journal_intent(struct journal *j, struct journal_row *r, struct err *e)
{
	sqlite3_stmt *s = j->stmt[JOURNAL_SQL_INTENT];
	int rc;

	pthread_mutex_lock(&j->lock);
	r->at_us = time_wall_us();
	r->done_us = 0;
	snprintf(r->who, sizeof(r->who), "%s", j->who);
	snprintf(r->state, sizeof(r->state), "intent");
	sqlite3_bind_int64(s, 1, r->run);
	sqlite3_bind_int64(s, 2, r->at_us);
	journal_bind_text(s, 3, r->who);
	journal_bind_text(s, 4, r->target);
	journal_bind_text(s, 5, r->profile);
	journal_bind_text(s, 6, r->key);
	journal_bind_text(s, 7, r->before);
	journal_bind_text(s, 8, r->want);
	journal_bind_text(s, 9, r->identity);
	rc = execute(j, JOURNAL_SQL_INTENT, e);
	if (rc == 0)
		r->id = (long)sqlite3_last_insert_rowid(j->db);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

int journal_result(struct journal *j, long id, const char *state, const char *after,
		   const char *error, struct err *e)
{
	sqlite3_stmt *s = j->stmt[JOURNAL_SQL_RESULT];
	int rc;

	pthread_mutex_lock(&j->lock);
	sqlite3_bind_int64(s, 1, time_wall_us());
	journal_bind_text(s, 2, state);
	journal_bind_text(s, 3, after);
	journal_bind_text(s, 4, error);
	sqlite3_bind_int64(s, 5, id);
	rc = execute(j, JOURNAL_SQL_RESULT, e);
	if (!rc && sqlite3_changes(j->db) != 1)
		rc = err_set(e, ERR_DENIED, "the journal '%s' has no entry %ld", j->path, id);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

/* ---- reading ---------------------------------------------------------------- */

bool journal_row_open(const struct journal_row *r)
{
	return strcmp(r->state, "intent") == 0 || strcmp(r->state, "unknown") == 0;
}

static void bind_filter(sqlite3_stmt *s, const struct journal_filter *f)
{
	sqlite3_bind_int64(s, 1, f->id);
	sqlite3_bind_int64(s, 2, f->run);
	if (f->target)
		sqlite3_bind_text(s, 3, f->target, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(s, 3);
	sqlite3_bind_int(s, 4, f->open);
}

void journal_take_text(sqlite3_stmt *s, int column, char *buf, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	text_clean(buf, size, text ? text : "");
}

static void take_row(sqlite3_stmt *s, struct journal_row *r)
{
	r->id = (long)sqlite3_column_int64(s, 0);
	r->run = (long)sqlite3_column_int64(s, 1);
	r->at_us = sqlite3_column_int64(s, 2);
	r->done_us = sqlite3_column_int64(s, 3);
	journal_take_text(s, 4, r->who, sizeof(r->who));
	journal_take_text(s, 5, r->target, sizeof(r->target));
	journal_take_text(s, 6, r->profile, sizeof(r->profile));
	journal_take_text(s, 7, r->key, sizeof(r->key));
	journal_take_text(s, 8, r->before, sizeof(r->before));
	journal_take_text(s, 9, r->want, sizeof(r->want));
	journal_take_text(s, 10, r->after, sizeof(r->after));
	journal_take_text(s, 11, r->state, sizeof(r->state));
	journal_take_text(s, 12, r->error, sizeof(r->error));
	journal_take_text(s, 13, r->identity, sizeof(r->identity));
}

/* First and last row that match; LAST below FIRST when none does. */
static int find_ends(struct journal *j, const struct journal_filter *f,
		     sqlite3_int64 *first, sqlite3_int64 *last, struct err *e)
{
	sqlite3_stmt *s = j->stmt[JOURNAL_SQL_ENDS];
	int rc;

	/* one by its number is not looked for among all of them */
	*first = *last = f->id;
	if (f->id)
		return 0;
	pthread_mutex_lock(&j->lock);
	bind_filter(s, f);
	sqlite3_bind_int64(s, 5, f->most > 0 ? f->most : -1);
	rc = sqlite3_step(s);
	*first = 1;
	*last = 0;
	if (rc == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) {
		*first = sqlite3_column_int64(s, 0);
		*last = sqlite3_column_int64(s, 1);
	}
	if (rc != SQLITE_ROW)
		journal_complain(j, rc, e);
	sqlite3_reset(s);
	pthread_mutex_unlock(&j->lock);
	return rc == SQLITE_ROW ? 0 : -1;
}

/* No statement is under way while EACH runs: it may write results of the rows it
 * is told of, and a reader that turns writer would fail when another process has
 * written since (SQLITE_BUSY_SNAPSHOT). */
int journal_each(struct journal *j, const struct journal_filter *f,
		 int (*each)(void *arg, const struct journal_row *r), void *arg,
		 struct err *e)
{
	sqlite3_stmt *s = j->stmt[JOURNAL_SQL_NEXT];
	sqlite3_int64 at, last;
	struct journal_row row;

	if (find_ends(j, f, &at, &last, e))
		return -1;
	for (; at <= last; at = row.id + 1) {
		int rc;

		pthread_mutex_lock(&j->lock);
		bind_filter(s, f);
		sqlite3_bind_int64(s, 5, at);
		sqlite3_bind_int64(s, 6, last);
		rc = sqlite3_step(s);
		if (rc == SQLITE_ROW)
			take_row(s, &row);
		else if (rc != SQLITE_DONE)
			journal_complain(j, rc, e);
		sqlite3_reset(s);
		pthread_mutex_unlock(&j->lock);
		if (rc != SQLITE_ROW)
			return rc == SQLITE_DONE ? 0 : -1;
		if (each(arg, &row))
			break;
	}
	return 0;
}
