/*
 * alarm_limit.h - which settings say when an alarm trips. Profiles do not name them beside the
 * bit: its name and the keys of the settings are made of the same words.
 */
#ifndef METERCTL_UI_SCREENS_ALARM_LIMIT_H
#define METERCTL_UI_SCREENS_ALARM_LIMIT_H

#include "profile/profile.h"

/* Places of points; -1: none. */
struct alarm_limit {
	int threshold, delay;
};

/* Of the alarm that bit NAME of STATUS says: "demand-active-import" of alarm3.status trips by
 * alarm3.demand.active.import.threshold, "overvoltage" of alarm1.status by
 * alarm1.voltage.over.threshold. */
void alarm_limit_find(const struct profile *p, const struct point *status, const char *name, struct alarm_limit *out);

#endif
