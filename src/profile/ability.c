#include "ability.h"

#include <stdio.h>
#include <string.h>

bool ability_begins(const struct profile *p, const char *begin)
{
	size_t n = strlen(begin);

	for (size_t i = 0; i < p->npoints; i++)
		if (strncmp(p->points[i].key, begin, n) == 0)
			return true;
	return false;
}

unsigned ability_phases_of(const struct profile *p, const char *stem)
{
	unsigned set = 0;
	char key[48];

	for (unsigned k = 0; k < 3; k++) {
		snprintf(key, sizeof(key), "%s.%c", stem, 'a' + (int)k);
		set |= profile_find(p, key) >= 0 ? 1U << k : 0;
	}
	return set;
}

unsigned ability_phases(const struct profile *p)
{
	return ability_phases_of(p, "voltage") | ability_phases_of(p, "current") | ability_phases_of(p, "power.active");
}

static const char *ability_lacks_wiring(const struct profile *p)
{
	unsigned u = ability_phases_of(p, "voltage"), i = ability_phases_of(p, "current");

	if (u == ABILITY_THREE_PHASES && i == ABILITY_THREE_PHASES)
		return NULL;
	return (u | i) == ABILITY_ONE_PHASE ? "measures a single phase: there is nothing to exchange"
	     : ability_begins(p, "voltage.dc") ? "measures direct current: there are no phases to exchange"
	     : "has no voltages and currents of three phases";
}

static bool ability_measures(const struct profile *p)
{
	static const char *const begins[] = { "voltage.", "current.", "power.", "energy.", "demand." };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (ability_begins(p, begins[i]))
			return true;
	return false;
}

bool ability_is_setting(const struct point *p)
{
	return (p->flags & POINT_WRITABLE)
	    && !(p->flags & (POINT_RESERVED | POINT_PART | POINT_REPEAT | POINT_DERIVED));
}

static bool ability_sets(const struct profile *p)
{
	for (size_t i = 0; i < p->npoints; i++)
		if (ability_is_setting(&p->points[i]))
			return true;
	return false;
}

const char *ability_lack(const struct profile *p, enum ability a)
{
	switch (a) {
	case ABILITY_VALUES:
		return ability_measures(p) ? NULL : "has no measured values";
	case ABILITY_WIRING:
		return ability_lacks_wiring(p);
	case ABILITY_HARMONICS:
		return ability_begins(p, "harmonic.") ? NULL : "has no harmonics";
	case ABILITY_ENERGIES:
		return ability_begins(p, "energy.") || ability_begins(p, "demand.") ? NULL : "has no energies";
	case ABILITY_ALARMS:
		return ability_begins(p, "alarm") ? NULL : "has no alarms";
	case ABILITY_SETTINGS:
		return ability_sets(p) ? NULL : "has no settings";
	case ABILITY_RECORDS:
		return ability_begins(p, "history.") || ability_begins(p, "extreme.") ? NULL : "has no records of past months";
	default:
		return NULL;
	}
}
