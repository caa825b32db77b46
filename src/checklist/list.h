/*
 * list.h - which items a checklist has, in which order, and their parameters. It is data:
 * checklist.yaml beside the configuration file (meterctl(1), CHECKLIST):
 *
 *	items:
 *	  - found
 *	  - clock: {tolerance: 30}
 *	  - settings: {file: site.yaml}
 *	  - wiring: {days: 30}
 *	  - report
 *
 * Without that file the list is every item, each as it is by itself.
 */
#ifndef METERCTL_CHECKLIST_LIST_H
#define METERCTL_CHECKLIST_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* In the order of the built-in list; kinds.c has a row for each. */
enum checklist_id {
	CHECKLIST_FOUND,
	CHECKLIST_CLOCK,
	CHECKLIST_RATIOS,
	CHECKLIST_WIRING,
	CHECKLIST_CLAMP,
	CHECKLIST_SETTINGS,
	CHECKLIST_NETWORK,
	CHECKLIST_UPLINK,
	CHECKLIST_REPORT,
	CHECKLIST_IDS
};

/* Parameters that an item may have, for its row. */
enum {
	CHECKLIST_TOLERANCE = 1,
	CHECKLIST_DAYS = 2,
	CHECKLIST_FILE = 4,
	CHECKLIST_KEYS = 8
};

#define CHECKLIST_PATH 512
#define CHECKLIST_KEYS_MAX 8
#define CHECKLIST_KEY 64
#define CHECKLIST_CLOCK_S 60	/* the tolerance when none is given: the doctor's */

struct checklist_entry {
	enum checklist_id id;
	int tolerance_s;		/* of the clock, 1 to 86400 */
	int days;			/* that a proof stays good, 1 to 3650; 0: always */
	char file[CHECKLIST_PATH];	/* the site's settings; relative ones have been made to
					   stand beside the list; "": none */
	char keys[CHECKLIST_KEYS_MAX][CHECKLIST_KEY];	/* of the network settings */
	size_t nkeys;			/* 0: APN, broker host, upload interval */
};

struct checklist_list {
	struct checklist_entry entries[CHECKLIST_IDS];	/* no item twice */
	size_t n;
};

/* The built-in one. */
void checklist_list_default(struct checklist_list *l);
/* PATH, or (NULL) checklist.yaml of the person, the built-in one when that is not there.
 * ERR_USAGE "file:line:column: ..." when it is not what it should be. */
int checklist_list_load(struct checklist_list *l, const char *path, struct err *e);

#endif
