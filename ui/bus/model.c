#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OLD_US (10 * 1000000LL)	/* a value older than this is not the present */
#define MESSAGE_US (6 * 1000000LL)

const struct reading *ui_reading(const struct ui *u, const char *key,
				 const struct point **p)
{
	int idx = u->profile ? profile_find(u->profile, key) : -1;

	if (p)
		*p = idx < 0 ? NULL : &u->profile->points[idx];
	return idx < 0 ? NULL : &u->readings[idx];
}

bool ui_is_fleet(const struct ui *u)
{
	return !target_is_meter(&u->target);
}

bool ui_pushes(const struct ui *u)
{
	return target_pushes(&u->target);
}

bool ui_old(const struct ui *u, const struct reading *r)
{
	int64_t limit = OLD_US;

	/* what comes every five minutes is the present for so long, and a bit more */
	if (ui_pushes(u))
		limit += (int64_t)(1.5e6 * rhythm_expected_s(&u->uplink.rhythm));
	return r->quality == QUALITY_STALE || r->quality == QUALITY_LATE || u->line != LINE_LIVE
	    || u->now_us - r->mono_us > limit;
}

/* A value that was known and is another one now. */
static bool model_differs(const struct reading *old, const struct reading *r)
{
	if (r->quality != QUALITY_OK || old->value.kind == VALUE_NONE)
		return false;
	return old->value.kind != r->value.kind || old->value.num < r->value.num
	    || old->value.num > r->value.num
	    || strcmp(old->value.text, r->value.text) != 0;
}

void ui_take(struct ui *u, size_t idx, const struct reading *r)
{
	if (!u->profile || idx >= u->profile->npoints)
		return;
	if (model_differs(&u->readings[idx], r))
		u->changed_us[idx] = u->now_us;
	u->readings[idx] = *r;
	u->dirty = true;
}

void ui_say(struct ui *u, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(u->message, sizeof(u->message), fmt, ap);
	va_end(ap);
	u->message_until = u->now_us + MESSAGE_US;
	u->dirty = true;
}

int ui_may_write(const struct ui *u, struct err *e)
{
	if (u->read_only)
		return err_set(e, ERR_DENIED, "started with --read-only: nothing can be written");
	if (!u->writing)
		return err_set(e, ERR_DENIED, "read only: press W to allow writing");
	return 0;
}
