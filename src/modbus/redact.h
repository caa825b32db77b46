/*
 * redact.h - what a trace must not show: the registers of passwords and codes.
 * A trace is sent around, and its observers know no points. Pure: no I/O.
 */
#ifndef METERCTL_MODBUS_REDACT_H
#define METERCTL_MODBUS_REDACT_H

#include "profile/profile.h"
#include "base/trace.h"
#include "frame.h"

#define REDACT_NOTE "secret bytes and the check shown as 00"

/* Does Q read or write a secret of P (NULL: nothing is secret)? */
bool redact_needed(const struct profile *p, const struct request *q);

/* Has P any secrets? */
bool redact_any(const struct profile *p);

/* Zeroes what must not be shown in the N BYTES of a whole frame of the exchange
 * Q, and the checksum, which would give a short code away. True when there was
 * something. */
bool redact_frame(const struct profile *p, const struct request *q, bool tcp,
		  enum trace_dir dir, uint8_t *bytes, size_t n);

#endif
