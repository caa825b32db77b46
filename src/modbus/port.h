/*
 * port.h - a serial port: opened, locked, set up, and given back as it was.
 */
#ifndef METERCTL_MODBUS_PORT_H
#define METERCTL_MODBUS_PORT_H

#include <modbus.h>
#include <stdbool.h>
#include <termios.h>

#include "base/err.h"
#include "target/target.h"
#include "rs485.h"
#include "usb.h"

struct port {
	int guard;		/* holds the lock; -1: closed */
	int fd;			/* libmodbus's own, to read from */
	modbus_t *ctx;
	char path[256];		/* as the target names it */
	char now[256];		/* where the adapter was opened last: under another name, when
				   it was plugged in again */
	struct usb_id adapter;	/* which one that is; vendor "": not on USB */
	struct usb_tree tree;	/* NULLs: of this machine */
	bool busy;		/* opening failed because another program has it */
	bool exclusive;		/* TIOCEXCL is set */
	bool low_latency;	/* ASYNC_LOW_LATENCY was set by us */
	struct rs485 rs485;
	bool passive;		/* opened to be heard only; */
	struct termios before;	/* and as it was found */
};

/*
 * Opens and locks the port of T (SCHEME_RTU) at its speed. A USB adapter that P has been
 * opened with is looked for under whatever name it has now, and another one that has its
 * old name is not taken. Errors: ERR_SILENT no such port (naming those there are),
 * ERR_DENIED in use or not permitted, ERR_USAGE not a serial port or it cannot do the
 * setting, or turn its RS485 driver round as T says.
 */
int port_open(struct port *p, const struct target *t, struct err *e);
/* The same for reading alone: nothing can be sent, RTS and DTR are not touched. The kernel
 * itself raises both when a port is opened that nobody else has open. */
int port_open_passive(struct port *p, const struct target *t, struct err *e);
void port_close(struct port *p);

/* Sets the open port to speed, parity and stop bits of T, once all that was sent
 * has left. ERR_USAGE when it cannot do that (it is then as it was), ERR_SILENT
 * when it is gone. */
int port_set_line(struct port *p, const struct target *t, struct err *e);

/* Sends a frame of N bytes, to which libmodbus adds the check, and that takes FRAME_US
 * on the line. Returns what modbus_send_raw_request() does. */
int port_send(struct port *p, const uint8_t *bytes, int n, int64_t frame_us);

/* Writes what the port takes at once of N bytes that are nobody's frame: how many, or -1 and errno.
 * Where RTS turns the driver round, returns when they have left. */
ssize_t port_pass(struct port *p, const struct target *t, const uint8_t *bytes, size_t n);
/* After a read has given nothing: a terminal says that also when there is just nothing; an
 * unplugged one says it for ever, and hangs up. */
bool port_hung_up(int fd);

/* Is the device there now? */
bool port_present(const struct port *p);
/* It is not: says so, and whether there is another of its kind. Returns -1. */
int port_gone(const struct port *p, const struct target *t, struct err *e);

#endif
