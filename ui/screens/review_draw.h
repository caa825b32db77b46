/*
 * review_draw.h - what review.c knows and review_draw.c shows.
 */
#ifndef METERCTL_UI_SCREENS_REVIEW_DRAW_H
#define METERCTL_UI_SCREENS_REVIEW_DRAW_H

#include "ui/draw/field.h"
#include "ui/draw/list.h"

#define REVIEW_HEAD 2	/* rows above the steps */
#define REVIEW_FOOT 8	/* rule, five lines about the chosen one, rule, what to do */

struct review {
	struct list list;	/* of the steps */
	unsigned serial;	/* of the plan that the marks are for */
	uint8_t *marked;	/* by point */
	bool unlocking;		/* the unlock password is being typed */
	struct field password;
};

/* The plan has been looked at and waits for `y`. */
bool review_ready(const struct ui *u);
/* Does the step ask for a mark of its own? */
bool review_asks(const struct ui *u, size_t step);
/* How many do and have none. */
size_t review_unmarked(const struct ui *u, const struct review *s);
size_t review_count(const struct ui *u, enum step_state state);

void review_page(struct ui *u, WINDOW *w, struct review *s);

#endif
