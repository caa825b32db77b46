/*
 * coach.h - the ratio coach on the screen: a ratio as it stands on the
 * transformer, what it does to the values, and whether a clamp meter agrees.
 */
#ifndef METERCTL_UI_SCREENS_COACH_H
#define METERCTL_UI_SCREENS_COACH_H

#include "ui/screen.h"

/* What is asked there: the ratios as on the transformers, and the current that a clamp meter
 * shows on each input. */
enum coach_ask { ASK_CT, ASK_PT, ASK_CLAMP, ASKS = ASK_CLAMP + 3 };

/* Opens it with the ratio of KEY ("ratio.ct", "ratio.pt") as TEXT; NULL or "":
 * that of the meter. */
void coach_show(struct ui *u, const char *key, const char *text);
/* Opens it at ASK, with what has been typed there. */
void coach_show_at(struct ui *u, int ask);

/* What has been typed for ASK, and TEXT in its place; -1 and E: it is no ratio, or no current. "" is
 * for none. */
const char *coach_typed(struct ui *u, int ask);
int coach_type(struct ui *u, int ask, const char *text, struct err *e);

/* What has been typed there: the ratios as on the transformers, "" for none, and what
 * the clamp meter showed, in A; NAN for none. */
struct coach_entries {
	char ct[128], pt[128];
	double clamp[3];
};
void coach_entries(struct ui *u, struct coach_entries *e);

#endif
