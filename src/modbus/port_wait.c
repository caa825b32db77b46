#include "port_wait.h"

#include <poll.h>

#include "base/time.h"

#define PORT_WAIT_MS 100	/* nothing tells that a lock was given up: it is tried */

int port_wait(int (*open)(struct port *p, const struct target *t, struct err *e), struct port *p,
	      const struct target *t, int wait_s, int cancel_fd, struct err *e)
{
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };
	int64_t end = time_mono_us() + wait_s * (int64_t)1000000;

	for (;;) {
		p->busy = false;
		if (open(p, t, e) == 0)
			return 0;
		if (!p->busy || time_mono_us() >= end)
			return -1;
		if (poll(&cancel, 1, PORT_WAIT_MS) > 0)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
	}
}
