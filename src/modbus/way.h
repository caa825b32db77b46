/*
 * way.h - how a link comes to its line when that is not what its target names: the pseudo
 * terminal of a simulated meter, or a tunnel through a broker.
 */
#ifndef METERCTL_MODBUS_WAY_H
#define METERCTL_MODBUS_WAY_H

#include "base/err.h"
#include "target/target.h"

struct way {
	const struct target *wire;	/* to be opened in place of the target; NULL: PLUG */
	/* A descriptor to speak RTU over, one frame a write, that is the caller's to close;
	 * may be asked for again when the one before it was lost. -1 and E. */
	int (*plug)(void *arg, int timeout_ms, struct err *e);
	void (*end)(void *arg);		/* the link is closed for good */
	void *arg;
};

#endif
