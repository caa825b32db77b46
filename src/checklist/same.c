#include "same.h"

#include <stdio.h>
#include <string.h>

#include "meter/identity.h"

void same_note_alias(struct same_meter *s, const char *target, int64_t until_us)
{
	for (size_t i = 0; i < s->naliases; i++) {
		struct same_alias *a = &s->aliases[i];

		if (strcmp(a->target, target) != 0)
			continue;
		if (until_us > a->until_us)
			a->until_us = until_us;
		return;
	}
	if (s->naliases == SAME_ALIASES)
		return;
	s->aliases[s->naliases].until_us = until_us;
	snprintf(s->aliases[s->naliases++].target, sizeof(s->aliases[0].target), "%s", target);
}

static bool same_was_at(const struct same_meter *s, const char *target, int64_t at_us)
{
	for (size_t i = 0; i < s->naliases; i++)
		if (strcmp(s->aliases[i].target, target) == 0 && at_us <= s->aliases[i].until_us)
			return true;
	return false;
}

/* Meters with registers on a real line. */
static enum same_whose same_on_line(const struct same_meter *s, bool here, const char *identity, int64_t at_us)
{
	bool serials = identity_serial(identity) && identity_serial(s->identity);

	/* counters alone do not tell a meter from all others of a site */
	if (!here && !serials)
		return SAME_NO;
	switch (identity_compare(identity, s->identity, s->now_us - at_us, NULL)) {
	case IDENTITY_SAME: return SAME_YES;
	case IDENTITY_OTHER: return SAME_NO;
	default: return SAME_BY_TARGET;
	}
}

enum same_whose same_whose(const struct same_meter *s, const char *target, const char *identity,
			   int64_t at_us)
{
	char now[TARGET_TEXT];
	struct target t;
	struct err e;
	bool here;

	target_format(s->target, 0, now, sizeof(now));
	here = strcmp(now, target) == 0;
	if (target_parse(target, &t, &e) || target_is_simulated(&t) != target_is_simulated(s->target)
	    || target_is_broker(&t) != target_is_broker(s->target))
		return SAME_NO;
	if (target_is_simulated(&t))
		return here ? SAME_YES : SAME_NO;
	if (target_is_broker(&t))
		return *t.mqtt.sn && strcmp(t.mqtt.sn, s->target->mqtt.sn) == 0 ? SAME_YES : SAME_NO;
	return same_on_line(s, here || same_was_at(s, target, at_us), identity, at_us);
}
