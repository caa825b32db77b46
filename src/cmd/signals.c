#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool signals_hangup(void)
{
	struct sigaction now;

	return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler != SIG_IGN;
}

int signals_hold(struct signals *s, int cancel_fd, struct err *e)
{
	*s = (struct signals){ .fd = cancel_fd, .lent = cancel_fd != 0 };
	if (s->lent)
		return 0;
	sigemptyset(&s->held);
	sigaddset(&s->held, SIGINT);
	sigaddset(&s->held, SIGTERM);
	if (signals_hangup())
		sigaddset(&s->held, SIGHUP);
	sigprocmask(SIG_BLOCK, &s->held, &s->before);
	s->fd = signalfd(-1, &s->held, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd >= 0)
		return 0;
	err_set(e, ERR_NO, "cannot watch for signals: %s", strerror(errno));
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	return -1;
}

void signals_await(const struct signals *s)
{
	struct pollfd come = { .fd = s->fd, .events = POLLIN };

	while (poll(&come, 1, -1) < 0 && errno == EINTR)
		;
}

void signals_release(struct signals *s)
{
	const struct timespec at_once = { 0, 0 };

	if (s->lent)
		return;
	while (sigtimedwait(&s->held, NULL, &at_once) > 0)
		;
	close(s->fd);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}
