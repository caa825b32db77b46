/*
 * journal_own.h - what journal.c and proof.c share: the open file.
 */
#ifndef METERCTL_WRITE_JOURNAL_OWN_H
#define METERCTL_WRITE_JOURNAL_OWN_H

#include <pthread.h>
#include <sqlite3.h>

#include "journal.h"

enum {
	JOURNAL_SQL_RUN, JOURNAL_SQL_INTENT, JOURNAL_SQL_RESULT, JOURNAL_SQL_ENDS, JOURNAL_SQL_NEXT,
	JOURNAL_SQL_COUNT
};

#define JOURNAL_PATH 512

struct journal {
	pthread_mutex_t lock;		/* a prepared statement is one thread's while it runs */
	sqlite3 *db;
	sqlite3_stmt *stmt[JOURNAL_SQL_COUNT];
	char path[JOURNAL_PATH];
	char who[64];
};

/* Says in E why SQLite answered RC; -1. */
int journal_complain(const struct journal *j, int rc, struct err *e);

/* TEXT, which may be NULL, cleaned; at most TARGET_TEXT of it. */
void journal_bind_text(sqlite3_stmt *s, int at, const char *text);
void journal_take_text(sqlite3_stmt *s, int column, char *buf, size_t size);

#endif
