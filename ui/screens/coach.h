/*
 * coach.h - the ratio coach on the screen: a ratio as it stands on the
 * transformer, what it does to the values, and whether a clamp meter agrees.
 */
#ifndef METERCTL_UI_SCREENS_COACH_H
#define METERCTL_UI_SCREENS_COACH_H

#include "ui/screen.h"

/* Opens it with the ratio of KEY ("ratio.ct", "ratio.pt") as TEXT; NULL or "":
 * that of the meter. */
void coach_show(struct ui *u, const char *key, const char *text);

/* What has been typed there: the ratios as on the transformers, "" for none, and what
 * the clamp meter showed, in A; NAN for none. */
struct coach_entries {
	char ct[128], pt[128];
	double clamp[3];
};
void coach_entries(struct ui *u, struct coach_entries *e);

#endif
