#include "broker_listen.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time.h"
#include "target/secret.h"

#define AGAIN_US 200000		/* between two looks at a connection that is lost */

int broker_listen_open(const struct app *a, const struct target *t, struct broker_listener *l, struct err *e)
{
	struct link_opts o = app_link_opts(a);
	char *password = NULL;

	*l = (struct broker_listener){ .target = *t, .cancel_fd = -1 };
	l->profile = profile_open(a->profile, e);
	if (!l->profile || app_password(a, t, &password, e))
		goto fail;
	l->cancel_fd = a->cancel_fd ? a->cancel_fd : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->cancel_fd < 0) {
		err_set(e, ERR_NO, "cannot make an event: %m");
		goto fail;
	}
	app_cancel_on_signal(a, l->cancel_fd);
	o.password = password;
	o.profile = l->profile;
	o.cancel_fd = l->cancel_fd;
	l->source = fleet_source_open(t, &o, e);
	secret_free(password);
	password = NULL;
	if (l->source)
		return 0;
	/* a person who ends it knows why */
	if (e->code == ERR_INTERRUPTED)
		e->text[0] = '\0';
fail:
	secret_free(password);
	broker_listen_close(a, l);
	return -1;
}

static void say_counts(const struct app *a, const struct broker_listener *l)
{
	const struct fleet *f = fleet_source_fleet(l->source);

	app_say(a, "%lu message%s of %zu meter%s", f->messages, f->messages == 1 ? "" : "s",
		f->n, f->n == 1 ? "" : "s");
}

void broker_listen_tell_dropped(const struct app *a, struct broker_listener *l)
{
	const struct fleet *f = fleet_source_fleet(l->source);

	dropped_tell(a, &l->refusals, &f->refusals);
	dropped_tell(a, &l->drops, &f->drops);
}

static void broker_listen_tell_rest(const struct app *a, struct broker_listener *l)
{
	const struct fleet *f = fleet_source_fleet(l->source);
	struct broker_stats stats;

	fleet_source_stats(l->source, &stats);
	dropped_tell_oversized(a, stats.oversized);
	dropped_tell_rest(a, &l->refusals, &f->refusals);
	dropped_tell_rest(a, &l->drops, &f->drops);
	dropped_tell_namesake(a, &l->target, stats.reconnects);
}

void broker_listen_close(const struct app *a, struct broker_listener *l)
{
	if (l->source)
		broker_listen_tell_rest(a, l);
	if (l->source && a->verbose)
		say_counts(a, l);
	app_cancel_on_signal(a, -1);
	fleet_source_close(l->source);
	if (l->cancel_fd >= 0 && l->cancel_fd != a->cancel_fd)
		close(l->cancel_fd);
	if (l->profile)
		profile_free(l->profile);
	*l = (struct broker_listener){ .cancel_fd = -1 };
}

static void broker_listen_tell(const struct app *a, struct broker_listener *l, const struct err *now)
{
	if (now->code == l->told.code && strncmp(now->text, l->told.text, 20) == 0)
		return;
	app_complain(a, now);
	if (!now->code)
		app_say(a, "the broker is there again");
	l->told = *now;
}

int broker_listen_receive(const struct app *a, struct broker_listener *l, int64_t until_us, fleet_sink *sink,
		   void *arg, struct err *e)
{
	struct pollfd cancel = { .fd = l->cancel_fd, .events = POLLIN };
	struct err line = { 0 };
	int64_t again = time_mono_us() + AGAIN_US;
	int n = fleet_source_receive(l->source, until_us, sink, arg, &line);

	/* also in a flood, in which nothing ever waits */
	if ((n < 0 && line.code == ERR_INTERRUPTED) || poll(&cancel, 1, 0) > 0)
		return err_set(e, ERR_INTERRUPTED, "%s", "");
	broker_listen_tell(a, l, &line);
	if (n >= 0)
		return n;
	/* it connects again by itself */
	if (again < until_us)
		until_us = again;
	while (time_mono_us() < until_us) {
		int64_t left = until_us - time_mono_us();
		struct timespec ts = { left / 1000000, left % 1000000 * 1000 };

		if (left > 0 && ppoll(&cancel, 1, &ts, NULL) > 0)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
	}
	return 0;
}
