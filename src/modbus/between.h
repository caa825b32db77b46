/*
 * between.h - standing between a maker's tool and a meter: every byte is passed on, unchanged and
 * at once, and told to who wants to hear it.
 *
 * Bytes are passed on as they come, not as frames: what is passed on needs not be understood. A
 * side that takes no more is waited for, and the other one not read meanwhile: nothing is lost.
 * One thread owns it.
 */
#ifndef METERCTL_MODBUS_BETWEEN_H
#define METERCTL_MODBUS_BETWEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"

struct between;

#define BETWEEN_LUMP 512	/* bytes told at once, at most */

/*
 * Opens METER, which is rtu: or rtutcp:, or tcp: when SERVE is TCP, too; and a place for the tool:
 *
 *   pty, pty:LINK     a pseudo terminal; the tool may set any baud rate, close it and open it again
 *   tcp:[ADDR:]PORT   for one client at a time; ADDR is 127.0.0.1 by default, PORT 0 a free one
 *   rtu:PORT          another serial port, which the tool's adapter is wired to
 *
 * CANCEL_FD ends opening, and passing on. ERR_USAGE: one cannot stand there; else as the meter's
 * port or connection, or the tool's place, fails to open. *B is between_close()'s.
 */
int between_open(struct between **b, const struct target *meter, const char *serve, int cancel_fd, struct err *e);
void between_close(struct between *b);

/* Who hears: N bytes (BETWEEN_LUMP at most) were passed on, and came at AT_US (monotonic). Of
 * Modbus TCP: whole frames, as a serial line would have carried them. */
typedef void between_heard(void *arg, bool from_meter, const uint8_t *bytes, size_t n, int64_t at_us);

/* Passes on until UNTIL_US (monotonic). -1 and E: CANCEL_FD is readable (ERR_INTERRUPTED), the meter's
 * side is lost, or the tool's serial port (ERR_SILENT). */
int between_run(struct between *b, int64_t until_us, between_heard *heard, void *arg, struct err *e);

/* The owner wants to speak to the meter himself. Passes on until nothing has come from either side for
 * QUIET_US, then gives the meter's port or connection up: 1. The owner opens it as any target; what the tool
 * says meanwhile waits until between_resume(). 0: it was not so quiet until UNTIL_US. -1 as above. */
int between_lend(struct between *b, int64_t quiet_us, int64_t until_us, between_heard *heard, void *arg, struct err *e);
/* Opens the meter's side again. */
int between_resume(struct between *b, struct err *e);

/* What is to be entered in the tool: "pty /dev/pts/7", "tcp 127.0.0.1:40001", and of a serial port what
 * the adapter wired to it is to be set to: "port /dev/ttyUSB1 at 9600 8N1". */
const char *between_where(const struct between *b);

#endif
