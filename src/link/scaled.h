/*
 * scaled.h - points whose registers are a number only with the value of another point
 * (exponent, factor of meterctl-profile(5)), which the meter may change at any time. They are
 * taken from one answer; where they stand too far apart for that, the other one is read before
 * and after, and must be the same.
 */
#ifndef METERCTL_LINK_SCALED_H
#define METERCTL_LINK_SCALED_H

#include "link.h"

/* Is one of the N points such a one? */
bool scaled_any(const struct profile *p, const uint16_t *idx, size_t n);

/* As link_read(), of points of which scaled_any() is true. */
int scaled_read(struct link *l, const struct profile *p, const uint16_t *idx, size_t n,
		link_sink *sink, void *arg, struct err *e);

#endif
