/*
 * profile_table.h - meter models as a person reads them.
 */
#ifndef METERCTL_CMD_PROFILE_TABLE_H
#define METERCTL_CMD_PROFILE_TABLE_H

#include <stdio.h>

#include "profile/profile.h"

/* Points worth a row of their own: bits stand with their word, and the later
 * instances of a repeated block with the first. */
size_t profile_count(const struct profile *p);

/* Those of one group, in the order of the file; appended to SEL. */
int profile_group_points(const struct profile *p, const struct group *g,
			 struct selection *sel, struct err *e);

/* How often the block of Q stands in the meter, and how far apart. */
size_t profile_instances(const struct profile *p, const struct point *q,
			 unsigned *stride);

/* The whole profile, one row a point. */
int profile_table(FILE *f, const struct profile *p, struct err *e);

/* Everything known about one point. */
void profile_point(FILE *f, const struct profile *p, const struct point *q);

#endif
