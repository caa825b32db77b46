/*
 * history.h - the state of the History screen, shared with what draws it.
 */
#ifndef METERCTL_UI_SCREENS_HISTORY_H
#define METERCTL_UI_SCREENS_HISTORY_H

#include "meter/history.h"
#include "ui/screen.h"

struct history_screen {
	struct selection sel;	/* all its points; none: the meter keeps no history */
	const char *none;	/* ... and why; NULL while there is one */
	int64_t since_us;	/* monotonic: what was read before is to be read again */
	size_t left;		/* points still to be read */
	bool extremes;		/* shown instead of the energies */
	size_t kind;		/* of the energies: history_kinds */
	size_t part;		/* of the bars: 0 all tariffs, else history_parts */
	bool kept;		/* bars of what is kept, not of the differences */
	bool chosen;		/* ... by the person */
	int row;		/* record under the cursor, 0 the newest */
	unsigned ago;		/* month of the extremes, 0 the one under way */
	int top;		/* first extreme in sight */
};

/* history_draw.c: H is what has been read. */
void history_draw_energies(const struct ui *u, const struct history_screen *s,
			   const struct history *h, WINDOW *w);
void history_draw_extremes(const struct ui *u, const struct history_screen *s,
			   const struct history *h, WINDOW *w);
/* How many extremes of a month fit. */
int history_rows(const struct ui *u);

#endif
