/*
 * assign_own.h - what the parts of assign.h share: assign.c walks the rows, assign_find.c finds
 * the meter that was switched on, assign_past.c knows what earlier runs have done.
 */
#ifndef METERCTL_BATCH_ASSIGN_OWN_H
#define METERCTL_BATCH_ASSIGN_OWN_H

#include "assign.h"
#include "modbus/discover.h"

#define ASSIGN_KEY "comm.address"

struct assign {
	const struct assign_opts *opts;
	const struct sites *sites;
	struct journal *journal;
	/* the row that is worked at */
	const struct site *site;
	struct target to;
	bool taken;			/* somebody replies at its address */
	struct visit_result result;
};

/* What replied when a place was asked. */
struct assign_seen {
	size_t n;			/* meters */
	struct discover_meter first;
};

/* assign_find.c */

/* Who replies at T? */
int assign_look(const struct assign *a, const struct target *t, struct assign_seen *seen, struct err *e);
/* Waits for a meter of the row at the factory settings that may have its address: M. -1 and E. */
int assign_find(const struct assign *a, struct discover_meter *m, struct err *e);
/* TIMES further reads of M: does each say the same, and one meter only? 1: they do; 0; -1 and E. */
int assign_read_again(const struct assign *a, const struct discover_meter *m, int times, struct err *e);
/* Is T a place at which a meter of P replies when it is new? */
bool assign_is_factory(const struct profile *p, const struct target *t);

/* assign_past.c */

/* The last journal entry by which a meter was to come to the place of a row. */
struct assign_past {
	bool any, verified, open;
	long id;
	int64_t at_us;
	char identity[JOURNAL_TEXT];
};

int assign_past(const struct assign *a, struct assign_past *past, struct err *e);
/* A meter replies at the place of the row. 1: it is the one that an earlier run has put there;
 * 0: not as far as the journal tells; -1 and E: the line or the journal failed. */
int assign_settled(struct assign *a, struct err *e);
/* The row whose meter has serial number ID by the journal; NULL: none but that of A. */
const struct site *assign_whose(const struct assign *a, const char *id, struct err *e);

/* The link to T, and its meter with the profile of the row; assign_close() after success. */
int assign_open(const struct assign *a, const struct target *t, struct meter *m, struct err *e);
void assign_close(struct meter *m);

#endif
