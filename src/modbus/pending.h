/*
 * pending.h - answers that have been asked for and not come.
 *
 * An RTU answer does not say which request it answers: only unit, function and
 * length can be checked (of a write also the address, but not what was written).
 * After a timeout the late answer of one request could so be taken for that of
 * the next. A meter answers in the order it was asked
 * and at most once, so this list of open requests is enough to know: nothing
 * is asked while an answer to something else would look the same.
 */
#ifndef METERCTL_MODBUS_PENDING_H
#define METERCTL_MODBUS_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define PENDING_MAX 16
/* After so long an answer is not coming any more: well above the 5 s a radio
 * or mobile gateway may need. */
#define PENDING_US 15000000

struct pending {
	struct {
		struct request q;
		uint16_t transaction;	/* Modbus TCP: says which answer is its */
		int64_t sent_us;
	} open[PENDING_MAX];	/* oldest first */
	size_t n;
};

void pending_clear(struct pending *o);
/* Q has been sent. */
void pending_sent(struct pending *o, const struct request *q, int64_t now_us);
/* ... with that number. */
void pending_numbered(struct pending *o, const struct request *q, uint16_t transaction, int64_t now_us);
/* Forgets what is too old to come. */
void pending_expire(struct pending *o, int64_t now_us);

/* Would an answer to something else look like one to Q? Not what the same read
 * has been sent for before: either answer will do. A write is told apart from
 * every earlier one, as its exception names none of them. */
bool pending_ambiguous(const struct pending *o, const struct request *q);
/* A read near Q whose answer looks like none that is open: when it has been
 * answered, nothing asked before it can come any more. */
struct request pending_marker(const struct pending *o, const struct request *q);

/* An answer to something LIKE this has come (of a read, ADDR does not count): it
 * is that of the oldest request it fits, and nothing will come of what its unit
 * was asked before that. False: nothing open is like it, nobody here asked. */
bool pending_answered(struct pending *o, const struct request *like);
/* An exception has come. True: it can only be for Q. False: it may be for
 * something asked earlier, and has been booked there. */
bool pending_refused(struct pending *o, const struct request *q);
/* Is anything open that an exception of this unit and function could be for? */
bool pending_refusable(const struct pending *o, uint8_t unit, uint8_t function);

/* Modbus TCP: what was sent with that number, or NULL; and it has been answered. */
const struct request *pending_of(const struct pending *o, uint16_t transaction, int64_t *sent_us);
void pending_settle(struct pending *o, uint16_t transaction);

#endif
