#include "sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "lookup.h"

/* Waits until the connection of FD stands. 0, or the errno that says why not;
 * ECANCELED when CANCEL_FD became readable. */
static int sock_await(int fd, int64_t until_us, int cancel_fd)
{
	struct pollfd p[2] = { { fd, POLLOUT, 0 }, { cancel_fd, POLLIN, 0 } };
	int why = 0;
	socklen_t len = sizeof(why);

	for (;;) {
		int64_t left = (until_us - time_mono_us() + 999) / 1000;

		if (left <= 0)
			return ETIMEDOUT;
		if (poll(p, 2, (int)left) < 0 && errno != EINTR)
			return errno;
		if (p[1].revents)
			return ECANCELED;
		if (p[0].revents)
			break;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
		return errno;
	return why;
}

static int try_address(const struct addrinfo *a, bool datagram, int64_t until_us,
		       int cancel_fd, int *why)
{
	const int on = 1;
	int type = datagram ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(a->ai_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*why = errno;
	if (fd < 0)
		return -1;
	/* a request is one small segment: waiting to fill it only delays */
	if (!datagram)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*why = 0;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0)
		*why = errno == EINPROGRESS ? sock_await(fd, until_us, cancel_fd) : errno;
	if (*why == 0)
		return fd;
	close(fd);
	return -1;
}

int sock_complain(const struct target *t, int why, struct err *e)
{
	const char *what = target_is_datagram(t) ? "cannot reach" : "cannot connect to";
	const char *hint = why == ECONNREFUSED ? "nothing listens there; check the port"
		: why == ETIMEDOUT ? "no answer; check the address, the network and a firewall"
		: why == EHOSTUNREACH || why == ENETUNREACH ? "check the address and this machine's network"
		: NULL;

	if (why == ECANCELED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (hint)
		return err_set(e, ERR_SILENT, "%s '%s' port %d: %s (%s)",
			       what, t->host, t->port, strerror(why), hint);
	return err_set(e, ERR_SILENT, "%s '%s' port %d: %s", what, t->host, t->port, strerror(why));
}

int sock_connect(const struct target *t, const struct addrinfo *list, int64_t until_us,
		 int cancel_fd, struct err *e)
{
	bool datagram = target_is_datagram(t);
	int fd = -1, why = 0;

	/* which of a host's addresses hears datagrams cannot be tried: that of IPv4,
	 * if there is one, as serial servers have it */
	for (const struct addrinfo *a = list; datagram && a && fd < 0; a = a->ai_next)
		if (a->ai_family == AF_INET)
			fd = try_address(a, true, until_us, cancel_fd, &why);
	for (const struct addrinfo *a = list; a && fd < 0 && why != ECANCELED; a = a->ai_next)
		fd = try_address(a, datagram, until_us, cancel_fd, &why);
	if (fd < 0)
		sock_complain(t, why, e);
	return fd;
}

int sock_open(const struct target *t, int timeout_ms, int cancel_fd, struct err *e)
{
	int64_t until_us = time_mono_us() + timeout_ms * (int64_t)1000;
	struct addrinfo *list;
	int fd;

	if (lookup_host(t->host, t->port, until_us, cancel_fd, &list, e))
		return -1;
	fd = sock_connect(t, list, until_us, cancel_fd, e);
	freeaddrinfo(list);
	return fd;
}

/* Where the port stands in either kind of address. */
static in_port_t *sock_port(struct addrinfo *a)
{
	return a->ai_family == AF_INET6 ? &((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_port
					: &((struct sockaddr_in *)(void *)a->ai_addr)->sin_port;
}

static int sock_bind(struct addrinfo *a, int *port)
{
	const int on = 1;
	int why, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	*sock_port(a) = htons((uint16_t)*port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 8) == 0
	    && getsockname(fd, a->ai_addr, &a->ai_addrlen) == 0) {
		*port = ntohs(*sock_port(a));
		return fd;
	}
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

int sock_listen(const char *addr, int *port, struct err *e)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int fd;

	if (getaddrinfo(addr, NULL, &hints, &list))
		return err_set(e, ERR_USAGE, "cannot listen on '%s': not an IP address", addr);
	fd = sock_bind(list, port);
	if (fd < 0)
		err_set(e, errno == EADDRINUSE || errno == EACCES ? ERR_DENIED : ERR_NO, "cannot listen on %s port %d: %s",
			addr, *port, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

int sock_accept(int listening)
{
	const int on = 1;
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}
