/*
 * tool_side.h - where the maker's tool is served when we stand between it and a meter: on a
 * pseudo terminal, as the client of a TCP port, or through another serial port. It may come and
 * go as it likes.
 */
#ifndef METERCTL_MODBUS_TOOL_SIDE_H
#define METERCTL_MODBUS_TOOL_SIDE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/pty.h"
#include "port.h"
#include "target/target.h"

enum tool_kind { TOOL_PTY, TOOL_TCP, TOOL_PORT };

struct tool_side {
	enum tool_kind kind;
	int fd;			/* its bytes; -1: nobody is there */
	int door;		/* TOOL_TCP: listening */
	bool ended;		/* TOOL_TCP: the client sends no more, and may still read */
	bool left;		/* TOOL_PTY: who has gone has left something to be read */
	struct pty pty;
	struct port port;
	struct target target;	/* TOOL_PORT */
	char where[TARGET_TEXT];	/* see between_where() */
};

/* "pty", "pty:LINK", "tcp:[ADDR:]PORT" or a target of a serial port. ERR_USAGE for anything
 * else; errors of opening it. */
int tool_side_open(struct tool_side *s, const char *serve, struct err *e);
void tool_side_close(struct tool_side *s);

/* What to wait for: [0] its bytes (when HEAR), or that it takes some (when SPEAK), [1] that it
 * comes or goes. */
void tool_side_wants(const struct tool_side *s, bool hear, bool speak, struct pollfd f[2]);
/* To be called when [0] or [1] has something, before bytes are passed on: lets in who waits, and
 * sends away who comes second. True: somebody has come, and nothing of what was said before is
 * for him. */
bool tool_side_look(struct tool_side *s);
/* Bytes; 0: nothing now, or nobody; -1 and E: a serial port is gone. */
ssize_t tool_side_read(struct tool_side *s, uint8_t *buf, size_t size, struct err *e);
/* How many of N are taken: all when nobody is there, as on a serial line. -1 and E as above. */
ssize_t tool_side_write(struct tool_side *s, const uint8_t *bytes, size_t n, struct err *e);

#endif
