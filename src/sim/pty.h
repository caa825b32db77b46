/*
 * pty.h - a pseudo terminal that stands for the serial port of a bus.
 */
#ifndef METERCTL_SIM_PTY_H
#define METERCTL_SIM_PTY_H

#include "../err.h"

struct pty {
	int master, slave;	/* the slave is held open, or the master would read
				   an error whenever a program closes it */
	char path[64];		/* of the slave */
	char link[256];		/* a name that stays; "": none */
};

/* LINK (may be NULL) is made to point at the slave; a link that was there is
 * replaced, anything else is refused. */
int pty_open(struct pty *p, const char *link, struct err *e);
void pty_close(struct pty *p);

/* The speed that a program on the slave has set, or 0 when none has. Parity is
 * not to be seen: Linux clears PARENB on a pty. */
int pty_speed(const struct pty *p);

#endif
