/*
 * setting.h - one setting in words: what it holds, what it takes, where that is
 * known from, what writing it does. All from the profile.
 */
#ifndef METERCTL_UI_SCREENS_SETTING_H
#define METERCTL_UI_SCREENS_SETTING_H

#include "ui/screen.h"

#define SETTING_HIDDEN POINT_HIDDEN


/* V as a person reads it, with its unit; a secret as asterisks; "--" when there
 * is none. Returns BUF. */
const char *setting_value(const struct point *p, const struct value *v, char *buf, size_t size);

/* The same for a narrow column: of bits only how many are on. Returns BUF. */
const char *setting_short(const struct point *p, const struct value *v, char *buf, size_t size);
/* The bits that change between two values, short: "+name -name". Returns BUF. */
const char *setting_changes(const struct point *p, const struct value *from, const struct value *to, char *buf, size_t size);
/* Which bits go on and which off between two values. Returns BUF. */
const char *setting_bits(const struct point *p, const struct value *from,
			 const struct value *to, char *buf, size_t size);

/* "1 to 247", "none, even or odd", "at most 32 characters". Returns BUF. */
const char *setting_range(const struct point *p, char *buf, size_t size);

/* "manual 6.2", "public sources", "not published: provisional"; of a meter behind a broker,
 * where what carries it is known from. Returns BUF. */
const char *setting_source(const struct ui *u, const struct point *p, char *buf, size_t size);
/* What to know of it: the profile's note or, of a meter behind a broker where that speaks
 * of registers, how it is set. */
const char *setting_note(const struct ui *u, const struct point *p);

/* What writing it does beyond the value; "" when nothing. */
const char *setting_effect(const struct profile *profile, const struct point *p);

/* Why writing it under POLICY needs a consent of its own; "" when it does not. Returns
 * BUF. */
const char *setting_consent(const struct profile *profile, const struct point *p,
			    const struct plan_policy *policy, char *buf, size_t size);

/* What the screens may plan before anyone has been asked. */
struct plan_policy setting_policy(const struct ui *u);

/* May TEXT be set for it? E says why not and never repeats a secret. */
int setting_check(const struct ui *u, const struct point *p, const char *text, struct err *e);

/* Seconds by which the clock in reading R runs ahead of this machine's; false
 * when it is no clock. The meter knows no time zone: its time is local time. */
bool setting_ahead(const struct reading *r, double *seconds);

#endif
