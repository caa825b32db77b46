/*
 * uplink_regs.h - the second way to a meter that uploads: its registers, read when an
 * upload has come, for uplink_compare().
 */
#ifndef METERCTL_METER_UPLINK_REGS_H
#define METERCTL_METER_UPLINK_REGS_H

#include "meter.h"
#include "mqtt/uplink.h"

struct uplink_regs {
	struct meter m;		/* by a link with registers; m.link NULL: there is none */
	uint8_t *brought;	/* by point: an upload has, since the last comparison */
	uint16_t *list;		/* N of them, compared next */
	size_t n;
	double skew_s;
};

/* R takes M, already open, over; uplink_regs_close() closes it. ERR_USAGE: it has no
 * registers; ERR_NO: no memory. M is then closed. */
int uplink_regs_init(struct uplink_regs *r, struct meter *m, struct err *e);
void uplink_regs_close(struct uplink_regs *r);

/* An upload has brought READING of point IDX. */
void uplink_regs_note(struct uplink_regs *r, size_t idx, const struct reading *reading);
/* Reads what was brought since the last time. 1: it has come; 0: nothing was; -1 and E. */
int uplink_regs_read(struct uplink_regs *r, struct err *e);
/* Compares what was read with UPLOADED (by point of the same profile). */
void uplink_regs_compare(const struct uplink_regs *r, struct uplink *u, const struct reading *uploaded,
			 int64_t wall_us);

#endif
