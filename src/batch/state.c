#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <sha256.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "base/time.h"

#define APPLICATION 0x6D746261	/* "mtba" */
#define VERSION 1
#define NAME_DIGITS 12		/* of the hash in the file's name */

/* As a whole or not at all: a run may be ended in the middle. */
static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE run (hash TEXT NOT NULL, began_us INTEGER NOT NULL, file TEXT NOT NULL);"
	"CREATE TABLE meter ("
	" id INTEGER PRIMARY KEY,"
	" target TEXT NOT NULL,"
	" state INTEGER NOT NULL DEFAULT 0,"
	" code INTEGER NOT NULL DEFAULT 0,"
	" error TEXT NOT NULL DEFAULT '',"
	" written INTEGER NOT NULL DEFAULT 0,"
	" unchanged INTEGER NOT NULL DEFAULT 0,"
	" verdict TEXT NOT NULL DEFAULT '',"
	" list_done INTEGER NOT NULL DEFAULT 0,"
	" list_of INTEGER NOT NULL DEFAULT 0,"
	" report TEXT NOT NULL DEFAULT '');"
	"PRAGMA application_id = 1836343905;"
	"PRAGMA user_version = 1;"
	"COMMIT";

const char *const state_row_names[STATE_ROWS] = {
	[STATE_OPEN] = "open", [STATE_DONE] = "done", [STATE_FAILED] = "failed",
};

struct state {
	sqlite3 *db;
	sqlite3_stmt *put;
	pthread_mutex_t lock;
	int fd;			/* holds the lock that other runs see; closed last */
	int64_t began_us;
	char file[PATH_MAX];	/* the batch file, whole */
	char path[PATH_MAX + 64];
};

static int state_complain(const struct state *s, struct err *e)
{
	return err_set(e, ERR_DENIED, "cannot use the state of the batch '%s': %s (check the folder, or name another with --journal)",
		       s->path, s->db ? sqlite3_errmsg(s->db) : "out of memory");
}

/* ---- where it is ------------------------------------------------------------------ */

/* Beside the journal: "batch-sites-0123456789ab.db". */
static int state_find(struct state *s, const char *path, const char *journal, int shard, int shards, struct err *e)
{
	char folder[PATH_MAX], leaf[PATH_MAX], key[PATH_MAX + 32], hash[65];
	const char *name;

	if (!realpath(path, s->file))
		return err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
	if (journal)
		snprintf(leaf, sizeof(leaf), "%s", journal);
	else
		paths_state(leaf, sizeof(leaf), "journal.db");
	if (!*leaf)
		return err_set(e, ERR_DENIED, "no home folder for the state of the batch (name a journal with --journal)");
	snprintf(folder, sizeof(folder), "%s", dirname(leaf));
	snprintf(key, sizeof(key), "%s %d/%d", s->file, shard, shards);
	SHA256Data((const uint8_t *)key, strlen(key), hash);
	name = strrchr(s->file, '/') + 1;
	if (snprintf(s->path, sizeof(s->path), "%s/batch-%.*s-%.*s.db", folder, (int)strcspn(name, "."), name,
		     NAME_DIGITS, hash) >= (int)sizeof(s->path))
		return err_set(e, ERR_DENIED, "the path of the state of the batch is too long");
	return paths_ensure_parent(s->path, e);
}

/* The process id in the lock's file; 0: none. */
static long state_holder(int fd)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? strtol(text, NULL, 10) : 0;
}

/* The kernel gives it back however this process ends. */
static int state_lock(struct state *s, struct err *e)
{
	char name[sizeof(s->path) + 8], pid[32];
	int n;

	snprintf(name, sizeof(name), "%s-lock", s->path);
	s->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return err_set(e, ERR_DENIED, "cannot make '%s': %s", name, strerror(errno));
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(e, ERR_DENIED, "process %ld is running '%s' (wait for its end, or interrupt it)",
			       state_holder(s->fd), s->file);
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(s->fd, 0) != 0 || pwrite(s->fd, pid, (size_t)n, 0) != n)
		return err_set(e, ERR_DENIED, "cannot write '%s': %s", name, strerror(errno));
	return 0;
}

/* ---- the file ------------------------------------------------------------------------ */

static long state_number(struct state *s, const char *question)
{
	sqlite3_stmt *q = NULL;
	long n = -1;

	if (sqlite3_prepare_v2(s->db, question, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		n = (long)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static int state_set_up(struct state *s, struct err *e)
{
	/* for its user alone; SQLite gives its helper files the same mode */
	int fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, ERR_DENIED, "cannot make '%s': %s", s->path, strerror(errno));
	close(fd);
	if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK
	    || sqlite3_exec(s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK)
		return state_complain(s, e);
	if (state_number(s, "SELECT count(*) FROM sqlite_master") == 0) {
		if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
			return state_complain(s, e);
	} else if (state_number(s, "PRAGMA application_id") != APPLICATION
		   || state_number(s, "PRAGMA user_version") != VERSION) {
		return err_set(e, ERR_DENIED, "'%s' is not the state of a batch of this version of meterctl (put it aside)", s->path);
	}
	if (sqlite3_prepare_v3(s->db, "UPDATE meter SET state = ?, code = ?, error = ?, written = ?, unchanged = ?,"
			       " verdict = ?, report = ?, list_done = ?, list_of = ? WHERE id = ?", -1, SQLITE_PREPARE_PERSISTENT, &s->put, NULL) != SQLITE_OK)
		return state_complain(s, e);
	return 0;
}

struct state *state_open(const char *path, const char *journal, int shard, int shards, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	s->fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	if (state_find(s, path, journal, shard, shards, e) || state_lock(s, e) || state_set_up(s, e)) {
		state_close(s);
		return NULL;
	}
	return s;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->put);
	sqlite3_close(s->db);
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- runs -------------------------------------------------------------------------------- */

/* Simulated meters may have one target; each is another meter. */
static const char *state_target(const struct site *site, char *buf, size_t size)
{
	target_format(&site->target, 0, buf, size);
	if (target_is_simulated(&site->target))
		snprintf(buf + strlen(buf), size - strlen(buf), " row %d", site->row);
	return buf;
}

static int state_add_rows(struct state *s, const struct sites *sites)
{
	char target[TARGET_TEXT + 16];
	sqlite3_stmt *add = NULL;
	int rc = sqlite3_prepare_v2(s->db, "INSERT INTO meter (id, target) VALUES (?, ?)", -1, &add, NULL);

	for (size_t i = 0; i < sites->n && rc == SQLITE_OK; i++) {
		sqlite3_bind_int64(add, 1, sites->list[i].row);
		sqlite3_bind_text(add, 2, state_target(&sites->list[i], target, sizeof(target)), -1, SQLITE_TRANSIENT);
		rc = sqlite3_step(add) == SQLITE_DONE ? sqlite3_reset(add) : SQLITE_ERROR;
	}
	sqlite3_finalize(add);
	return rc;
}

static int state_add_run(struct state *s, const char *hash)
{
	sqlite3_stmt *add = NULL;
	int rc = sqlite3_prepare_v2(s->db, "INSERT INTO run VALUES (?, ?, ?)", -1, &add, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(add, 1, hash, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(add, 2, s->began_us);
		sqlite3_bind_text(add, 3, s->file, -1, SQLITE_TRANSIENT);
		rc = sqlite3_step(add) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(add);
	return rc;
}

static bool state_do(struct state *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

int state_begin(struct state *s, const struct sites *sites, bool keep_done, struct err *e)
{
	static const char keep[] = "CREATE TEMP TABLE before AS SELECT * FROM meter WHERE state = 1";
	static const char take_over[] =
		"UPDATE meter SET (state, code, error, written, unchanged, verdict, report, list_done, list_of) ="
		" (SELECT state, code, error, written, unchanged, verdict, report, list_done, list_of FROM before"
		"  WHERE before.target = meter.target) WHERE target IN (SELECT target FROM before)";

	s->began_us = time_wall_us();
	if (state_do(s, "BEGIN IMMEDIATE") && (!keep_done || state_do(s, keep))
	    && state_do(s, "DELETE FROM run; DELETE FROM meter") && state_add_run(s, sites->hash) == SQLITE_OK
	    && state_add_rows(s, sites) == SQLITE_OK && (!keep_done || state_do(s, take_over)) && state_do(s, "COMMIT"))
		return 0;
	return state_complain(s, e);
}

bool state_known(struct state *s)
{
	return state_number(s, "SELECT count(*) FROM run") > 0;
}

int state_resume(struct state *s, const struct sites *sites, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(s->db, "SELECT hash, began_us FROM run", -1, &q, NULL) != SQLITE_OK
	    || sqlite3_step(q) != SQLITE_ROW) {
		state_complain(s, e);
	} else {
		s->began_us = sqlite3_column_int64(q, 1);
		rc = strcmp((const char *)sqlite3_column_text(q, 0), sites->hash) == 0 ? 0
		   : err_set(e, ERR_DENIED, "'%s' or a file of settings that it names has changed since the run that"
			     " is to be resumed (run it again without --resume)", s->file);
	}
	sqlite3_finalize(q);
	return rc;
}

int64_t state_began(const struct state *s)
{
	return s->began_us;
}

/* ---- rows -------------------------------------------------------------------------------- */

static void state_text(sqlite3_stmt *q, int column, char *buf, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	text_clean(buf, size, text ? text : "");
}

int state_get(struct state *s, int row, enum state_row *is, struct visit_result *r, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = -1, n;

	*r = (struct visit_result){ 0 };
	if (sqlite3_prepare_v2(s->db, "SELECT state, code, error, written, unchanged, verdict, report, list_done, list_of FROM meter"
			       " WHERE id = ?", -1, &q, NULL) == SQLITE_OK) {
		sqlite3_bind_int(q, 1, row);
		rc = sqlite3_step(q) == SQLITE_ROW ? 0 : -1;
	}
	if (rc == 0) {
		n = sqlite3_column_int(q, 0);
		*is = n == STATE_DONE || n == STATE_FAILED ? (enum state_row)n : STATE_OPEN;
		r->err.code = (enum err_code)sqlite3_column_int(q, 1);
		state_text(q, 2, r->err.text, sizeof(r->err.text));
		r->written = sqlite3_column_int(q, 3);
		r->unchanged = sqlite3_column_int(q, 4);
		r->list_done = sqlite3_column_int(q, 7);
		r->list_of = sqlite3_column_int(q, 8);
		state_text(q, 5, r->verdict, sizeof(r->verdict));
		state_text(q, 6, r->report, sizeof(r->report));
	}
	sqlite3_finalize(q);
	return rc ? state_complain(s, e) : 0;
}

int state_put(struct state *s, int row, enum state_row is, const struct visit_result *r, struct err *e)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	sqlite3_bind_int(s->put, 1, (int)is);
	sqlite3_bind_int(s->put, 2, (int)r->err.code);
	sqlite3_bind_text(s->put, 3, r->err.text, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(s->put, 4, r->written);
	sqlite3_bind_int(s->put, 5, r->unchanged);
	sqlite3_bind_text(s->put, 6, r->verdict, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s->put, 7, r->report, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(s->put, 8, r->list_done);
	sqlite3_bind_int(s->put, 9, r->list_of);
	sqlite3_bind_int(s->put, 10, row);
	rc = sqlite3_step(s->put) == SQLITE_DONE ? 0 : state_complain(s, e);
	sqlite3_reset(s->put);
	pthread_mutex_unlock(&s->lock);
	return rc;
}
