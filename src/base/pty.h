/*
 * pty.h - a pseudo terminal that stands for a serial port.
 */
#ifndef METERCTL_BASE_PTY_H
#define METERCTL_BASE_PTY_H

#include <stdbool.h>

#include "err.h"

struct pty {
	int master;
	int slave;		/* held open for want of WATCH; else -1 */
	char path[64];		/* of the slave */
	char link[256];		/* a name that stays; "": none */
	int watch;		/* inotify: programs opening and closing the slave; -1 none */
	bool unused;		/* nobody had it open at the last look: the master reads
				   an error until WATCH can be read */
};

/* LINK (may be NULL) is made to point at the slave. A link that leads nowhere is
 * replaced; a name in use is ERR_DENIED. */
int pty_open(struct pty *p, const char *link, struct err *e);
void pty_close(struct pty *p);

/* The speed that a program on the slave has set, or 0 when none has. Parity is
 * not to be seen: Linux clears PARENB on a pty. */
int pty_speed(const struct pty *p);

/*
 * A serial port that nobody has open keeps nothing: what the last program left
 * unread, and what came after it, is dropped. To be called before a request is
 * answered, and whenever something has been sent or WATCH can be read. True: who has
 * gone has sent something that is still to be read from the master.
 */
bool pty_forget_unread(struct pty *p);

#endif
