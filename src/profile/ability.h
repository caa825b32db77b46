/*
 * ability.h - what a model has, told by its points: the one place that knows. Whoever lays
 * out values, judges a wiring or lists what is to be done asks here, and never for a
 * model's name. Pure.
 */
#ifndef METERCTL_PROFILE_ABILITY_H
#define METERCTL_PROFILE_ABILITY_H

#include "profile.h"

/* What a screen, an item of the checklist or a section of the report is about. */
enum ability {
	ABILITY_NONE,		/* of no points in particular: every model has it */
	ABILITY_VALUES,		/* anything that is measured */
	ABILITY_WIRING,		/* voltages and currents of three phases, which can be exchanged */
	ABILITY_HARMONICS,
	ABILITY_ENERGIES,	/* energies, demands */
	ABILITY_ALARMS,
	ABILITY_SETTINGS,
	ABILITY_RECORDS		/* energies of past months */
};

/* NULL: P has it. Else what follows "this model": "has no harmonics". */
const char *ability_lack(const struct profile *p, enum ability a);

/* Is it a setting, one that is written by itself? */
bool ability_is_setting(const struct point *p);
/* Has P any point whose key begins so? */
bool ability_begins(const struct profile *p, const char *begin);
/* The phases (bits: 1 a, 2 b, 4 c) of which it has a voltage, a current or a power. */
unsigned ability_phases(const struct profile *p);
/* ... of which it has STEM.a, STEM.b, STEM.c. */
unsigned ability_phases_of(const struct profile *p, const char *stem);
#define ABILITY_THREE_PHASES 7U
#define ABILITY_ONE_PHASE 1U

#endif
