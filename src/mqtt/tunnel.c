#include "tunnel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "base/thread.h"
#include "broker.h"
#include "modbus/frame.h"
#include "modbus/modbus_link.h"
#include "modbus/way.h"

#define LOOK_MS 200		/* how often a lost broker is looked after */
#define ECHOES 8

struct tunnel {
	struct broker *broker;	/* the thread's, once it runs */
	char request[MQTT_TOPIC * 2], reply[MQTT_TOPIC * 2];
	bool hex;
	int cancel_fd;		/* the link's: ends tunnel_plug() */
	int wake_fd;		/* eventfd: PLUG or LEAVE has changed */
	struct {
		uint8_t bytes[FRAME_MAX];
		size_t n;	/* 0: none */
	} echoes[ECHOES];	/* the thread's: requests of ours that will be heard, too */
	unsigned nechoes;
	pthread_t thread;

	pthread_mutex_t lock;	/* of what follows */
	int plug;		/* our end of the newest pair, for the thread to take; -1 */
	bool leave, up;
	struct err why;		/* not up: which step fails */
};

/* Frame bytes of one message into OUT; their number, 0: not what a gateway sends. */
static size_t tunnel_decode(const struct tunnel *t, const struct broker_message *m,
			    uint8_t out[FRAME_MAX])
{
	size_t n = 0;
	int high = -1;

	if (!t->hex) {
		n = m->n <= FRAME_MAX ? m->n : 0;
		memcpy(out, m->payload, n);
		return n;
	}
	for (size_t i = 0; i < m->n; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = m->payload[i] ? strchr(digits, m->payload[i] | 0x20) : NULL;

		/* spaces and line ends between bytes do no harm */
		if (high < 0 && m->payload[i] && strchr(" \r\n\t", m->payload[i]))
			continue;
		if (!at || n == FRAME_MAX)
			return 0;
		if (high >= 0)
			out[n++] = (uint8_t)(high << 4 | (int)(at - digits));
		high = high < 0 ? (int)(at - digits) : -1;
	}
	return high < 0 ? n : 0;
}

static void send_on(struct tunnel *t, const uint8_t *frame, size_t n)
{
	char text[2 * FRAME_MAX + 1];
	struct err e;

	for (size_t i = 0; t->hex && i < n; i++) {
		text[2 * i] = "0123456789ABCDEF"[frame[i] >> 4];
		text[2 * i + 1] = "0123456789ABCDEF"[frame[i] & 15];
	}
	memcpy(t->echoes[t->nechoes % ECHOES].bytes, frame, n);
	t->echoes[t->nechoes++ % ECHOES].n = n;
	/* what is not delivered is not answered: the line's own deadline says so */
	broker_post(t->broker, t->request, t->hex ? (const void *)text : frame,
		    t->hex ? 2 * n : n, false, &e);
}

static void pass_on(int fd, const uint8_t *frame, size_t n)
{
	/* a full pair is one nobody reads: late answers are dropped there */
	if (fd >= 0 && send(fd, frame, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* A request that was heard: is it one of ours? */
static bool is_echo(struct tunnel *t, const uint8_t *frame, size_t n)
{
	for (unsigned i = 0; i < ECHOES; i++)
		if (t->echoes[i].n == n && memcmp(t->echoes[i].bytes, frame, n) == 0) {
			t->echoes[i].n = 0;
			return true;
		}
	return false;
}

static bool is_request(const struct tunnel *t, const struct broker_message *m)
{
	return m->topic_len == strlen(t->request) && memcmp(m->topic, t->request, m->topic_len) == 0
		&& strcmp(t->request, t->reply) != 0;
}

/* What has come goes to FD, also what others ask; what the broker kept answers nobody's question. */
static void take_messages(struct tunnel *t, int fd)
{
	struct broker_message *m = broker_take(t->broker), *next;
	uint8_t frame[FRAME_MAX];

	for (; m; m = next) {
		size_t n = m->retained ? 0 : tunnel_decode(t, m, frame);

		next = m->next;
		if (n > 0 && (is_request(t, m) ? !is_echo(t, frame, n)
						: mqtt_match(t->reply, m->topic, m->topic_len)))
			pass_on(fd, frame, n);
		broker_message_free(m);
	}
}

/* Takes over a new pair, tells how the broker is. False: leave. */
static bool exchange_words(struct tunnel *t, int *fd)
{
	struct err why = { 0 };
	bool up = broker_up(t->broker, &why), leave;

	pthread_mutex_lock(&t->lock);
	if (t->plug >= 0) {
		if (*fd >= 0)
			close(*fd);
		*fd = t->plug;
		t->plug = -1;
	}
	t->up = up;
	t->why = why;
	leave = t->leave;
	pthread_mutex_unlock(&t->lock);
	if (!up && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return !leave;
}

static void *carry(void *arg)
{
	struct tunnel *t = arg;
	int fd = -1;

	while (exchange_words(t, &fd)) {
		struct pollfd p[3] = {
			{ t->wake_fd, POLLIN, 0 }, { broker_fd(t->broker), POLLIN, 0 },
			{ fd, POLLIN, 0 },
		};
		uint8_t frame[FRAME_MAX];
		eventfd_t woken;
		ssize_t n;

		if (poll(p, 3, LOOK_MS) < 0)
			continue;
		if (p[0].revents && eventfd_read(t->wake_fd, &woken) < 0)
			continue;	/* somebody else's: cannot be, and does no harm */
		if (p[1].revents)
			take_messages(t, fd);
		if (fd < 0 || !p[2].revents)
			continue;
		n = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);
		if (n > 0)
			send_on(t, frame, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static int make_topics(struct tunnel *t, const struct target_mqtt *m, struct err *e)
{
	const char *request = m->request[0] ? m->request : TUNNEL_REQUEST;
	const char *reply = m->reply[0] ? m->reply : TUNNEL_REPLY;

	t->hex = m->hex;
	if (mqtt_fill(t->request, sizeof(t->request), request, m->sn)
	    && mqtt_fill(t->reply, sizeof(t->reply), reply, m->sn))
		return 0;
	return err_set(e, ERR_USAGE, "the topics of the tunnel are too long");
}

/* To replies, and to what others ask. A broker may refuse the second: then only the first
 * is heard, as well as it goes. */
static int listen_to(struct tunnel *t, struct err *e)
{
	struct err refused = { 0 };

	if (broker_subscribe(t->broker, t->reply, e))
		return -1;
	if (mqtt_match(t->reply, t->request, strlen(t->request))
	    || broker_subscribe(t->broker, t->request, &refused) == 0
	    || refused.code != ERR_INTERRUPTED)
		return 0;
	*e = refused;
	return -1;
}

static struct tunnel *tunnel_open(const struct target *target, const struct link_opts *o,
				  int cancel_fd, struct err *e)
{
	const struct broker_opts bo = {
		.timeout_ms = o->timeout_ms, .cancel_fd = cancel_fd,
		.insecure = o->insecure, .plain_password = o->plain_password,
		.password = o->password, .remark = o->remark, .remark_arg = o->remark_arg,
	};
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	t->plug = t->wake_fd = -1;
	t->cancel_fd = cancel_fd;
	pthread_mutex_init(&t->lock, NULL);
	if (make_topics(t, &target->mqtt, e))
		goto fail;
	t->broker = broker_open(target, &bo, NULL, e);
	if (!t->broker || listen_to(t, e))
		goto fail;
	t->up = true;
	t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake_fd >= 0 && thread_start(&t->thread, carry, t) == 0)
		return t;
	err_set(e, ERR_NO, "cannot start the thread of the tunnel");
fail:
	if (t->broker)
		broker_close(t->broker);
	if (t->wake_fd >= 0)
		close(t->wake_fd);
	pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}

static void tunnel_close(void *arg)
{
	struct tunnel *t = arg;

	pthread_mutex_lock(&t->lock);
	t->leave = true;
	pthread_mutex_unlock(&t->lock);
	eventfd_write(t->wake_fd, 1);
	pthread_join(t->thread, NULL);
	broker_close(t->broker);
	if (t->plug >= 0)
		close(t->plug);
	close(t->wake_fd);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* The pair before it, if any, carries nothing any more. Waits up to TIMEOUT_MS for the
 * broker; fails with the step of connecting that does. */
static int tunnel_plug(void *arg, int timeout_ms, struct err *e)
{
	struct tunnel *t = arg;
	struct pollfd cancel = { t->cancel_fd, POLLIN, 0 };
	int64_t until = time_mono_us() + timeout_ms * (int64_t)1000;
	int pair[2];

	for (;;) {
		bool up;

		pthread_mutex_lock(&t->lock);
		up = t->up;
		if (!up && e)
			*e = t->why;
		pthread_mutex_unlock(&t->lock);
		if (up)
			break;
		if (time_mono_us() >= until)
			return -1;
		if (poll(&cancel, 1, LOOK_MS) > 0)
			return err_set(e, ERR_INTERRUPTED, "interrupted");
	}
	/* one frame a message, also for those who only know read() and write() */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return err_set(e, ERR_NO, "cannot make a pair of sockets: %s", strerror(errno));
	pthread_mutex_lock(&t->lock);
	if (t->plug >= 0)
		close(t->plug);
	t->plug = pair[1];
	pthread_mutex_unlock(&t->lock);
	eventfd_write(t->wake_fd, 1);
	return pair[0];
}

struct link *tunnel_link_open(const struct target *target, const struct link_opts *o,
			      int cancel_fd, struct err *e)
{
	struct tunnel *t = tunnel_open(target, o, cancel_fd, e);
	struct way way = { .plug = tunnel_plug, .end = tunnel_close, .arg = t };
	char note[sizeof(t->request) + sizeof(t->reply) + 40];
	struct link *l;

	if (!t)
		return NULL;
	snprintf(note, sizeof(note), "tunnel: requests to '%s', replies on '%s'", t->request, t->reply);
	trace_emit(o->trace, TRACE_NOTE, NULL, 0, note);
	l = modbus_link_by(target, &way, o, cancel_fd, e);
	if (!l)
		tunnel_close(t);
	return l;
}
