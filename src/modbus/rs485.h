/*
 * rs485.h - ports whose RS485 driver is turned round by software: those on the boards
 * of gateways and industrial PCs, where no adapter does it by itself.
 *
 * Either the kernel's driver of the port does it (TIOCSRS485; Linux,
 * Documentation/driver-api/serial/serial-rs485), or RTS leads to the transceiver and
 * is set for the time of a frame. libmodbus can do both, but neither well enough here
 * (3.1.6): of the first it sets the flag alone, no times, and does not take it back; of
 * the second it waits for as long as a frame took at the speed the port was opened
 * with, whether the bytes have left or not, and goes on when the port has no RTS.
 */
#ifndef METERCTL_MODBUS_RS485_H
#define METERCTL_MODBUS_RS485_H

#include <linux/serial.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"

struct rs485 {
	enum target_rs485 mode;
	int before_ms, after_ms;	/* the driver is on before and after the bytes */
	bool begun;			/* and must be ended */
	struct serial_rs485 found;	/* RS485_KERNEL: as the port had it */
	bool found_rts;			/* RS485_RTS, RS485_RTS_INVERTED */
};

/* Makes the open port FD, named PATH, a receiver that becomes a sender as T says.
 * ERR_USAGE when the port cannot do that. */
int rs485_begin(struct rs485 *r, int fd, const char *path, const struct target *t,
		struct err *e);
/* The port is as it was before that. */
void rs485_end(struct rs485 *r, int fd);

/* A frame is about to be written ... */
void rs485_send(const struct rs485 *r, int fd);
/* ... and has been: returns when all of it has left, which takes FRAME_US at least,
 * and the line is free for the answer. With RS485_KERNEL, and where an adapter does it,
 * at once. */
void rs485_sent(const struct rs485 *r, int fd, int64_t frame_us);

#endif
