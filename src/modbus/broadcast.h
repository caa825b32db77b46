/*
 * broadcast.h - a read of unit address 0, by which every meter on a serial line is asked:
 * it finds the forgotten address of the one meter that is there.
 *
 * Modbus over Serial Line V1.02, 2.4.1, has no reply to address 0, but many meters reply,
 * with their own address. Two of them reply at once, so it is guarded: function 03 alone,
 * after a second of silence, and once for a line, whatever becomes of it. What comes
 * back must be one sound reply and nothing else.
 */
#ifndef METERCTL_MODBUS_BROADCAST_H
#define METERCTL_MODBUS_BROADCAST_H

#include "line.h"

/*
 * Reads Q, of unit 0. 0: A holds registers or an exception, and L->target.unit is the
 * address that the reply carried, which the person has been told (0: none); whatever
 * follows goes there. -1: ERR_SILENT; ERR_FOREIGN, more than one reply, a damaged one,
 * or a line that is never silent; ERR_INTERRUPTED while it waited for silence. When Q
 * has been sent once, the same error again after a pause, and nothing is sent.
 */
int broadcast_read(struct line *l, const struct request *q, struct answer *a, struct err *e);

#endif
