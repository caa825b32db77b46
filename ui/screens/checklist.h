/*
 * checklist.h - what checklist.c knows and checklist_draw.c shows: what of a commissioning is
 * done, as src/checklist/ computes it, the place that decides each row, and what a person has to say.
 */
#ifndef METERCTL_UI_SCREENS_CHECKLIST_H
#define METERCTL_UI_SCREENS_CHECKLIST_H

#include "checklist/checklist.h"
#include "coach.h"
#include "ui/draw/list.h"

#define CHECKS_HEAD 2	/* rows above the list */
#define CHECKS_SAID 4	/* lines that are said of the report */

/* One thing that a person is asked in the line of an item. */
struct checks_ask {
	enum checklist_id id;
	const char *label;	/* in the line */
	const char *help;	/* below the list */
	int coach;		/* enum coach_ask: it is the one of the Ratio screen; else -1 */
	int said;		/* else in said[] */
};

struct checks {
	struct list list;
	bool placed;			/* the cursor has been put on what is to be done */
	const struct checks_ask *ask;	/* being typed; NULL */
	struct field field;
	char said[CHECKS_SAID][sizeof(((struct field *)0)->text)];	/* site, technician, remark, photos */
	struct coach_entries kept;	/* what is a proof by now */
	int64_t proven_us;		/* likewise: the first data of that proof of the uplink, wall clock */
	int64_t asked_us;		/* monotonic; 0: never */
};

/* What was said of the report in its line, where H has nothing. */
void checklist_head(struct ui *u, struct job_head *h);

/* Is something that the list is computed from still to be read? */
bool checks_reading(const struct ui *u);
/* The screen that decides ID; NULL: none. */
const char *checks_place(enum checklist_id id);
/* The first thing that is asked in the line of ID; NULL: nothing. */
const struct checks_ask *checks_first(enum checklist_id id);
/* How many rows of the list there is room for in a body of HEIGHT. */
int checks_rows(int height, int n);

void checks_draw(struct ui *u, void *state, WINDOW *w);

#endif
