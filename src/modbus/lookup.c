#include "lookup.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "base/thread.h"

/* Shared by the one who asks and the thread; the last to leave frees it. */
struct lookup {
	pthread_mutex_t lock;
	int users;
	int done_fd;
	char host[256], port[8];
	int rc, why;			/* getaddrinfo()'s, and its errno */
	struct addrinfo *list;		/* the thread's, until taken */
};

static void let_go(struct lookup *l)
{
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --l->users == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	if (l->list)
		freeaddrinfo(l->list);
	close(l->done_fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static int lookup_ask(const char *host, const char *port, int flags, struct addrinfo **list, int *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	int rc = getaddrinfo(host, port, &hints, list);

	*why = errno;
	return rc;
}

static void *lookup_run(void *arg)
{
	struct lookup *l = arg;
	struct addrinfo *list = NULL;
	int why, rc = lookup_ask(l->host, l->port, AI_ADDRCONFIG, &list, &why);

	/* a name whose only address is ::1 on a machine that has no other IPv6 address */
	if (rc == EAI_ADDRFAMILY || rc == EAI_NONAME)
		rc = lookup_ask(l->host, l->port, 0, &list, &why);
	pthread_mutex_lock(&l->lock);
	l->rc = rc;
	l->why = why;
	l->list = rc ? NULL : list;
	pthread_mutex_unlock(&l->lock);
	cancel_raise(l->done_fd);
	let_go(l);
	return NULL;
}

/* The thread leaves every signal to the others. */
static int start(struct lookup *l)
{
	pthread_t thread;
	int rc = thread_start(&thread, lookup_run, l);

	if (rc == 0)
		pthread_detach(thread);
	return rc;
}

static struct lookup *begin(const char *host, const char *port)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->users = 2;
	l->done_fd = eventfd(0, EFD_CLOEXEC);
	snprintf(l->host, sizeof(l->host), "%s", host);
	snprintf(l->port, sizeof(l->port), "%s", port);
	if (l->done_fd >= 0 && start(l) == 0)
		return l;
	if (l->done_fd >= 0)
		close(l->done_fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
	return NULL;
}

/* 1: done; 0: not in time; -1: cancelled. */
static int lookup_await(const struct lookup *l, int64_t until_us, int cancel_fd)
{
	struct pollfd p[2] = { { l->done_fd, POLLIN, 0 }, { cancel_fd, POLLIN, 0 } };

	for (;;) {
		int64_t left = (until_us - time_mono_us() + 999) / 1000;

		if (left <= 0)
			return 0;
		if (poll(p, 2, left > 60000 ? 60000 : (int)left) < 0)
			continue;
		if (p[1].revents)
			return -1;
		if (p[0].revents)
			return 1;
	}
}

static int lookup_complain(const char *host, int rc, int why, struct err *e)
{
	return err_set(e, ERR_SILENT, "cannot find host '%s': %s (check the name, or use its IP address)",
		       host, rc == EAI_SYSTEM ? strerror(why) : gai_strerror(rc));
}

int lookup_host(const char *host, int port, int64_t until_us, int cancel_fd,
		struct addrinfo **list, struct err *e)
{
	struct lookup *l;
	char text[8];
	int came, rc, why;

	snprintf(text, sizeof(text), "%d", port);
	*list = NULL;
	/* an address needs nobody to be asked */
	if (lookup_ask(host, text, AI_NUMERICHOST, list, &why) == 0)
		return 0;
	l = begin(host, text);
	if (!l)
		return err_set(e, ERR_NO, "cannot start a thread to look up '%s'", host);
	came = lookup_await(l, until_us, cancel_fd);
	pthread_mutex_lock(&l->lock);
	rc = l->rc;
	why = l->why;
	if (came > 0) {
		*list = l->list;
		l->list = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	let_go(l);
	if (came < 0)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (came == 0)
		return err_set(e, ERR_SILENT, "cannot find host '%s': the name server does not answer (check this machine's network, or use its IP address)",
			       host);
	return *list ? 0 : lookup_complain(host, rc, why, e);
}
