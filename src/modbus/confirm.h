/*
 * confirm.h - an answer in doubt, asked for again until two agree.
 *
 * When another master is on the line, a reply that fits our request may be the one to
 * a request of its own. So the registers are asked for again, together with some of
 * their neighbours: in a number drawn at random among those nobody else was heard
 * asking for. Two replies that agree, the second with no foreign frame around it, are
 * believed. Registers without readable neighbours are read in parts, which is another
 * form as well.
 */
#ifndef METERCTL_MODBUS_CONFIRM_H
#define METERCTL_MODBUS_CONFIRM_H

#include "diagnosis.h"
#include "line.h"
#include "read_plan.h"

struct confirm {
	struct line *line;
	const struct read_plan *read_plan;
	enum space space;
	const struct profile *profile;	/* what the registers mean; may be NULL */
	bool any;		/* where it names no neighbours, any register is one: for raw reads */
	unsigned budget;	/* how often is asked at most */
};

/* A is an answer to Q that is in doubt; it becomes one that is sure. -1 and E: the line
 * failed, or (ERR_FOREIGN) no two answers agreed, or there is no other form. */
int confirm(struct confirm *c, const struct request *q, struct answer *a, struct err *e);

/* Makes F, a read of the N registers from ADDR, the shortest read of more registers that
 * has them, all named by points. False: there is none. */
bool confirm_longer(const struct read_plan *p, enum space space, uint16_t addr, uint16_t n,
		    struct request *f);

/* Do two readings of the N registers from ADDR mean the same? Settings and words that
 * no point names must be equal, the clock within two minutes, measured values within
 * 5 % or three of their last digits. */
bool confirm_agree(const struct profile *p, enum space space, uint16_t addr, uint16_t n,
		   const uint16_t *a, const uint16_t *b);

#endif
