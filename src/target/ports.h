/*
 * ports.h - the serial ports of this machine, with the names their USB devices
 * give themselves.
 */
#ifndef METERCTL_TARGET_PORTS_H
#define METERCTL_TARGET_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct found_port {
	char path[128];		/* /dev/ttyUSB0 */
	char name[160];		/* "FT232R USB UART, FTDI, A50285BI"; cleaned; "" */
	bool usb;
	bool allowed;		/* this user may open it */
};

/* Those with hardware behind them, USB first, then by path. *LIST is the
 * caller's to free(); it is NULL when there are none. 0 or -1. */
int ports_list(struct found_port **list, size_t *n, struct err *e);

#endif
