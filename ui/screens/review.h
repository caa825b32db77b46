/*
 * review.h - the page before a write, which lists every old -> new, and the page
 * after it, which says what became of each.
 */
#ifndef METERCTL_UI_SCREENS_REVIEW_H
#define METERCTL_UI_SCREENS_REVIEW_H

#include "ui/screen.h"

struct review_new {
	const char *key, *text;
};

/* Plans the new values, has the meter looked at and shows the page. -1 and E: one of
 * them cannot be set (nothing has changed), or a write is under way. */
int review_begin(struct ui *u, const struct review_new *list, size_t n, struct err *e);

/* The same with what puts row ID of the journal back. */
int review_undo(struct ui *u, long id, struct err *e);

/* What became of the new value for point IDX: STEP_STATES when it was none of a plan
 * that has been written. */
enum step_state review_state(const struct ui *u, uint16_t idx);

#endif
