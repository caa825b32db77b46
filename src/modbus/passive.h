/*
 * passive.h - a line that is only heard. There is nothing here that sends: a serial port is
 * open for reading alone, its control lines stay as they are found, a connection is never
 * written to nor half closed.
 */
#ifndef METERCTL_MODBUS_PASSIVE_H
#define METERCTL_MODBUS_PASSIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port.h"
#include "target/target.h"

struct passive {
	struct target target;	/* with the setting it is heard at now */
	struct port port;	/* of SCHEME_SERIAL */
	int fd;
};

/* Opens T, a serial port or RTU over TCP, until TIMEOUT_MS or until CANCEL_FD becomes readable; a
 * port that is in use within WAIT_S.
 * ERR_USAGE when nothing can be heard there without asking: another scheme. passive_close()
 * after success. */
int passive_open(struct passive *p, const struct target *t, int timeout_ms, int wait_s, int cancel_fd, struct err *e);
void passive_close(struct passive *p);

/* Waits until UNTIL_US (monotonic) for bytes: how many, 0 when none came; -1 and E: it is gone
 * (ERR_SILENT), or CANCEL_FD is readable (ERR_INTERRUPTED). */
int passive_read(struct passive *p, uint8_t *buf, size_t size, int64_t until_us, int cancel_fd, struct err *e);

/* Hears at another baud rate, parity and stop bits; what came before is dropped. */
int passive_set_line(struct passive *p, const struct target *t, struct err *e);

#endif
