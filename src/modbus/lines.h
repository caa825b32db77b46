/*
 * lines.h - what was learned about meters, kept from one session to the next: the file
 * lines.yaml in the state folder, an entry for each target.
 *
 * All of it can be learned again, so a lost file costs time and nothing else.
 */
#ifndef METERCTL_MODBUS_LINES_H
#define METERCTL_MODBUS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/profile.h"
#include "target/target.h"

/* Entries beyond that many give way, the oldest first. */
#define LINES_MAX 200
#define LINES_REFUSED 64
#define LINES_PROFILE 64
#define LINES_DATE 11		/* "2026-11-30" */

struct lines_refused {
	enum space space;
	uint16_t addr, words;
	bool silent;		/* not answered, else refused with CODE */
	uint8_t code;
};

/* One meter. All zero: nothing is known. */
struct lines_entry {
	char date[LINES_DATE];	/* when it was last found to hold, UTC */
	uint16_t most[2];	/* by space: registers a read at most; 0: not limited */
	char profile[LINES_PROFILE];	/* by which it was identified; "" */
	int pause_ms;		/* silence between a reply and the next request; 0: none */
	struct lines_refused refused[LINES_REFUSED];
	size_t nrefused;
};

/* What PATH says of TARGET; all zero when there is no file or no such entry. ERR_USAGE:
 * the file cannot be read or is not ours. */
int lines_load(const char *path, const char *target, struct lines_entry *out, struct err *e);

/* Puts ENTRY into PATH for TARGET, and takes out what stood there, but for a profile when ENTRY has
 * none; an entry of which nothing but the date is set is left out. Other entries stay. ERR_USAGE as above, and
 * nothing is written; ERR_NO: it cannot be written. */
int lines_save(const char *path, const char *target, const struct lines_entry *entry, struct err *e);

/* What T is called there: how a meter is asked does not make it another one. Returns BUF. */
const char *lines_name(const struct target *t, char *buf, size_t size);
/* The day it is, UTC. */
void lines_today(char date[LINES_DATE]);

/* The same, but for the date? */
bool lines_same(const struct lines_entry *a, const struct lines_entry *b);

#endif
