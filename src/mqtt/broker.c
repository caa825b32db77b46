#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "target/password.h"
#include "target/secret.h"
#include "broker_own.h"

#define TIMEOUT_MS 10000
#define QUEUE_BYTES (64U << 20)
#define GRACE_US 500000LL	/* more than the keeper's own deadline */
#define CLOSE_US 900000LL

const char *const broker_step_names[BROKER_STEPS] = {
	[BROKER_NAME] = "name", [BROKER_TCP] = "tcp", [BROKER_TLS] = "tls",
	[BROKER_LOGIN] = "login", [BROKER_SUBSCRIBE] = "subscribe", [BROKER_UP] = "up",
};

/* ---- waiting ---------------------------------------------------------------- */

static int left_ms(int64_t until_us)
{
	int64_t left = (until_us - time_mono_us() + 999) / 1000;

	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

int broker_await(const struct broker *b, int fd, int64_t until_us, struct err *e)
{
	struct pollfd p[2] = { { b->cancel_fd, POLLIN, 0 }, { fd, POLLIN, 0 } };

	for (;;) {
		int n = poll(p, 2, left_ms(until_us));

		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_NO, "cannot wait: %s", strerror(errno));
		if (n > 0 && p[0].revents)
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		if (n > 0 && p[1].revents)
			return 1;
		if (time_mono_us() >= until_us)
			return 0;
	}
}

int broker_fd(const struct broker *b)
{
	return b->wake_fd;
}

int broker_wait(struct broker *b, int64_t until_us, struct err *e)
{
	return broker_await(b, b->wake_fd, until_us, e);
}

/* ---- opening and closing ------------------------------------------------------ */

static int broker_check(const struct target *t, const struct broker_opts *o, struct err *e)
{
	if (!target_is_broker(t))
		return err_set(e, ERR_USAGE, "'%s' is no broker (mqtt://, mqtts://, ws:// or wss://, and HOST)", t->text);
	if (!t->mqtt.tls && t->mqtt.user[0] && o->password && o->password[0] && !o->plain_password)
		return err_set(e, ERR_DENIED, "the password of '%s' would cross the network in clear (use mqtts://, or --allow-plaintext where everybody on the way may read it)",
			       t->mqtt.user);
	if (o->will_topic && !mqtt_topic(o->will_topic, false))
		return err_set(e, ERR_USAGE, "'%s' is no topic to publish to", o->will_topic);
	return t->mqtt.tls ? broker_tls_check(t, e) : 0;
}

void broker_noise(char *hex, size_t size)
{
	uint64_t noise = 0;

	if (getrandom(&noise, sizeof(noise), 0) < 0)
		noise = (uint64_t)time_mono_us();
	for (size_t i = 0; i + 1 < size; i++)
		hex[i] = "0123456789abcdef"[noise >> 4 * (i % 16) & 15];
	hex[size - 1] = '\0';
}

void broker_remark(const struct broker *b, const char *fmt, ...)
{
	char text[ERR_TEXT];
	va_list ap;

	if (!b->remark)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->remark(b->remark_arg, text);
}

/* 3.1.1 promises room for 23 characters (3.1.3.1). */
static void name_client(struct broker *b)
{
	char noise[13];

	if (b->target.mqtt.client[0]) {
		snprintf(b->client, sizeof(b->client), "%s", b->target.mqtt.client);
		return;
	}
	broker_noise(noise, sizeof(noise));
	snprintf(b->client, sizeof(b->client), "meterctl-%s", noise);
}

/* False: no memory. */
static bool broker_keep(char **to, const char *text)
{
	*to = text ? strdup(text) : NULL;
	return !text || *to;
}

static struct broker *make(const struct target *t, const struct broker_opts *o)
{
	struct broker *b = calloc(1, sizeof(*b));
	pthread_condattr_t attr;

	if (!b)
		return NULL;
	pthread_mutex_init(&b->call, NULL);
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->told, &attr);
	pthread_condattr_destroy(&attr);
	b->target = *t;
	b->trace = o->trace;
	b->remark = o->remark;
	b->remark_arg = o->remark_arg;
	b->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS;
	b->cancel_fd = o->cancel_fd;
	b->insecure = o->insecure;
	b->room = o->queue_bytes ? o->queue_bytes : QUEUE_BYTES;
	b->last = &b->first;
	name_client(b);
	b->wake_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	b->turn_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->leave_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (broker_keep(&b->password, o->password) && broker_keep(&b->will_topic, o->will_topic)
	    && broker_keep(&b->will_payload, o->will_payload)
	    && b->wake_fd >= 0 && b->turn_fd >= 0 && b->leave_fd >= 0)
		return b;
	broker_free(b);
	return NULL;
}

/* Frees all elements of a list linked by `next`. */
#define FREE_LIST(list) \
	while (list) { \
		void *gone = list; \
		list = list->next; \
		free(gone); \
	}

void broker_free(struct broker *b)
{
	FREE_LIST(b->filters)
	FREE_LIST(b->acks)
	FREE_LIST(b->notes)
	FREE_LIST(b->first)
	secret_free(b->password);
	secret_free(b->key_password);
	free(b->will_topic);
	free(b->will_payload);
	if (b->wake_fd >= 0)
		close(b->wake_fd);
	if (b->turn_fd >= 0)
		close(b->turn_fd);
	if (b->leave_fd >= 0)
		close(b->leave_fd);
	pthread_cond_destroy(&b->told);
	pthread_mutex_destroy(&b->lock);
	pthread_mutex_destroy(&b->call);
	free(b);
}

void broker_leave(struct broker *b)
{
	int64_t until_us = time_mono_us() + CLOSE_US;
	struct timespec at = { until_us / 1000000, until_us % 1000000 * 1000 };

	cancel_raise(b->leave_fd);
	pthread_mutex_lock(&b->lock);
	b->leave = true;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
	broker_room();
	pthread_mutex_lock(&b->lock);
	while (!b->left && pthread_cond_timedwait(&b->told, &b->lock, &at) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&b->lock);
	broker_trace(b, NULL);
}

void broker_close(struct broker *b)
{
	bool left;

	if (!b)
		return;
	broker_leave(b);
	pthread_mutex_lock(&b->lock);
	left = b->left;
	/* it hangs in a name look-up of Paho's: it frees what it needs when it comes back */
	if (!left) {
		b->orphan = true;
		pthread_detach(b->keeper);
	}
	pthread_mutex_unlock(&b->lock);
	if (!left)
		return;
	pthread_join(b->keeper, NULL);
	broker_free(b);
}

/* Waits for the keeper's first attempt. 0, or -1 and E. */
static int await_opened(struct broker *b, enum broker_step *step, struct err *e)
{
	int64_t until_us = time_mono_us() + b->timeout_ms * (int64_t)1000 + GRACE_US;
	bool opened, good;
	int rc;

	do {
		rc = broker_await(b, b->turn_fd, until_us, e);
		cancel_clear(b->turn_fd);
		pthread_mutex_lock(&b->lock);
		opened = b->opened;
		good = b->good;
		if (step)
			*step = b->step;
		if (opened && !good)
			*e = b->why;
		pthread_mutex_unlock(&b->lock);
	} while (rc > 0 && !opened);
	if (rc < 0)
		return -1;
	if (!opened)
		return broker_diagnosis_late(b, BROKER_LOGIN, e);
	return good ? 0 : -1;
}

struct broker *broker_open(const struct target *t, const struct broker_opts *o,
			   enum broker_step *step, struct err *e)
{
	struct err why = { .code = ERR_NONE };
	struct broker *b;
	char where[140], *key;

	if (step)
		*step = BROKER_NAME;
	if (broker_check(t, o, e))
		return NULL;
	if (paho_start(e))
		return NULL;
	key = password_key(t, &why);
	if (why.code != ERR_NONE) {
		if (e)
			*e = why;
		return NULL;
	}
	b = make(t, o);
	if (!b) {
		secret_free(key);
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	b->key_password = key;
	if (broker_keep_start(b)) {
		err_set(e, ERR_NO, "cannot start the thread that keeps the connection to a broker");
		broker_free(b);
		return NULL;
	}
	if (await_opened(b, step, &why) == 0) {
		broker_trace(b, NULL);
		if (b->target.mqtt.version != t->mqtt.version)
			broker_remark(b, "broker %s does not accept MQTT %s: connected with MQTT %s (set version=%s)",
				      broker_where(b, where, sizeof(where)), broker_version(t->mqtt.version),
				      broker_version(b->target.mqtt.version), broker_version(b->target.mqtt.version));
		return b;
	}
	broker_close(b);
	if (e)
		*e = why;
	return NULL;
}

/* ---- how it stands ------------------------------------------------------------ */

bool broker_up(struct broker *b, struct err *why)
{
	struct err reason;
	int64_t since_us;
	char clock[16];
	bool yes;

	pthread_mutex_lock(&b->lock);
	yes = b->up;
	reason = b->why;
	since_us = b->down_us;
	pthread_mutex_unlock(&b->lock);
	if (yes || !why)
		return yes;
	if (since_us == 0)
		since_us = time_wall_us();
	err_set(why, reason.code ? reason.code : ERR_SILENT, "%.280s (since %s)", reason.text,
		time_format(since_us, TIME_CLOCK, clock, sizeof(clock)));
	return false;
}

bool broker_back(struct broker *b)
{
	bool back;

	pthread_mutex_lock(&b->lock);
	/* what was kept for us comes before everything is subscribed again */
	back = b->fell && (b->up || b->first);
	if (b->up)
		b->fell = false;
	pthread_mutex_unlock(&b->lock);
	return back;
}

void broker_stats(struct broker *b, struct broker_stats *out)
{
	pthread_mutex_lock(&b->lock);
	*out = b->stats;
	out->step = b->step;
	pthread_mutex_unlock(&b->lock);
}
