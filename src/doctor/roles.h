/*
 * roles.h - what the meter itself has to say of its wiring, and can do about it: points with a
 * role in the profile (meterctl-profile(5), role). Pure.
 */
#ifndef METERCTL_DOCTOR_ROLES_H
#define METERCTL_DOCTOR_ROLES_H

#include "doctor.h"

/* Keys of the points with a role, I from 0 to POINT_ROLES; NULL: P has none there, or the
 * wiring check has no use for it. */
const char *roles_key(const struct profile *p, size_t i);

/* The setting by which powers have no sign, if it is so, to S. */
void roles_sign(const struct profile *p, const struct reading *readings, struct doctor_sample *s);

/* The meter's own verdict. */
struct doctor_own {
	bool known;
	bool right;		/* it finds nothing wrong */
	const char *key;	/* the profile's */
	char text[DOCTOR_TEXT];	/* what it finds: "inverted-a, exchanged-bc"; "nothing wrong" */
};
void roles_verdict(const struct profile *p, const struct reading *readings, struct doctor_own *own);

/* Settings, KEY=VALUE, that together have the meter do what V would have done at the terminals. */
struct doctor_cure {
	size_t n;		/* 0: there is no such cure */
	char setting[3][DOCTOR_SETTING];
};
void roles_cure(const struct profile *p, const struct reading *readings, const struct doctor_verdict *v,
		struct doctor_cure *cure);

#endif
