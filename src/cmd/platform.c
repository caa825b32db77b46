#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/time.h"
#include "mqtt/broker.h"
#include "output/printer.h"
#include "mqtt/platform.h"
#include "target/secret.h"
#include "base/text.h"
#include "cmd.h"
#include "signals.h"

struct platform_own {
	double run_s;		/* -1: until interrupted */
	double listen_s;
	const char *product;
};

static const struct opt options[] = {
	OPT_REAL(0, "for", "SECONDS", struct platform_own, run_s, 0, 1e7, "time in seconds",
		 "end after so long (default: when interrupted)"),
	OPT_REAL(0, "listen", "SECONDS", struct platform_own, listen_s, 0, 1e7, "time in seconds",
		 "listen so long for another platform first (default 3)"),
	OPT_TEXT(0, "product", "NAME", NULL, struct platform_own, product,
		 "answer meters of this product only (a level of the topic)"),
};

static void platform_defaults(void *own)
{
	*(struct platform_own *)own = (struct platform_own){ .run_s = -1, .listen_s = 3 };
}

/* What a run needs. */
struct stand {
	const struct app *app;
	struct printer out;
	const struct platform_own *own;
	struct target target;
	struct broker *broker;
	struct platform platform;
	struct upload up;		/* of the message looked at */
	struct dialect_outgoing outgoing;	/* of the answer that leaves */
};

static void remark(const struct upload *up, const char *why, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	text_append(buf, size, &at, "%s", why);
	if (*why)
		return;
	if (up->has_result)
		text_append(buf, size, &at, "res %d ", up->result);
	if (up->interval_s)
		text_append(buf, size, &at, "interval %d s ", up->interval_s);
	if (up->kind == UPLOAD_DATA && !up->down)
		text_append(buf, size, &at, "%zu values ", up->n);
	if (up->offline)
		text_append(buf, size, &at, "the gateway cannot reach it ");
	if (at > 0)
		buf[at - 1] = '\0';
}

enum { AT, CLOCK, EVENT, METER, PRODUCT, DIALECT, KIND, REMARK, TOPIC, COLUMNS };

static const struct column columns[COLUMNS] = {
	[AT] = { "at", .in = IN_DATA },
	[CLOCK] = { NULL, .in = IN_TABLE },
	[EVENT] = { "event", .in = IN_ALL, .width = -8, .before = "  " },
	[METER] = { "meter", .in = IN_ALL, .width = -14, .before = "  " },
	[PRODUCT] = { "product", .in = IN_DATA },
	[DIALECT] = { "dialect", .in = IN_ALL, .width = -8, .before = "  " },
	[KIND] = { "kind", .in = IN_ALL, .width = -8, .before = "  " },
	[REMARK] = { "remark", .in = IN_ALL, .before = "  " },
	[TOPIC] = { "topic", .in = IN_DATA },
};
static const struct listing listing = { .columns = columns, .ncolumns = COLUMNS, .endless = true };

/* One line: what came or left, and what it is. EVENT "broken": WHY. */
static int print_event(struct stand *s, const char *event, const char *topic, const char *why, struct err *e)
{
	const struct upload *up = &s->up;
	char at[48], clock[16], about[ERR_TEXT], clean[MQTT_TOPIC * 2];

	time_text(time_wall_us(), at, sizeof(at));
	snprintf(clock, sizeof(clock), "%.12s", at + 11);
	remark(up, why, about, sizeof(about));
	text_clean(clean, sizeof(clean), topic);
	return printer_row(&s->out, (struct cell[COLUMNS]){
		[AT] = cell_text(at), [CLOCK] = cell_text(clock), [EVENT] = cell_text(event),
		[METER] = cell_text(up->sn), [PRODUCT] = cell_text(up->product),
		[DIALECT] = cell_text(up->dialect ? up->dialect->name : ""),
		[KIND] = cell_text(up->dialect ? upload_kind_names[up->kind] : ""),
		[REMARK] = cell_text(about), [TOPIC] = cell_text(clean),
	}, e) ? -1 : printer_flush(&s->out, e);
}

/* Somebody else answers: over. */
static int platform_refuse(const struct stand *s, const char *topic, struct err *e)
{
	const struct platform *p = &s->platform;

	return err_set(e, ERR_DENIED, "another platform answers here: it told meter '%s' about its %s (%s); "
		       "%lu of ours had been sent (stop the other one, or name one meter: mqtt://HOST/SN)",
		       s->up.sn, upload_kind_names[s->up.kind], topic, p->answered);
}

static int cmd_platform_take(struct stand *s, const struct broker_message *m, struct err *e)
{
	struct platform_message came = {
		m->topic, m->payload, m->topic_len, m->n, m->retained, m->duplicate,
		m->mono_us, m->at_us,
	};
	enum platform_event event;
	struct err why = { 0 };

	if (dialect_decode(NULL, m->topic, m->topic_len, m->payload, m->n, &s->up, &why)) {
		s->up = (struct upload){ 0 };
		return print_event(s, "broken", m->topic, why.text, e);
	}
	event = platform_take(&s->platform, &s->up, &came);
	if (event != PLATFORM_NOTHING
	    && print_event(s, platform_event_names[event], m->topic, "", e))
		return -1;
	if (event == PLATFORM_RIVAL)
		app_say(s->app, "another platform answers, too, after this one: it should end by itself");
	return event == PLATFORM_OTHER ? platform_refuse(s, m->topic, e) : 0;
}

/* Everything that has come, then everything that is due: another's answer that is
 * here already stops ours. */
static int platform_turn(struct stand *s, struct err *e)
{
	struct broker_message *m, *rest;
	int rc = 0;

	for (m = broker_take(s->broker); m; m = rest) {
		rest = m->next;
		if (rc == 0)
			rc = cmd_platform_take(s, m, e);
		broker_message_free(m);
	}
	while (rc == 0 && platform_next(&s->platform, time_mono_us(), time_wall_us(), &s->up, &s->outgoing)) {
		struct err lost = { 0 };

		/* the meter asks again; connecting goes on by itself */
		if (broker_publish(s->broker, s->outgoing.topic, s->outgoing.payload, s->outgoing.n, false, &lost)) {
			if (lost.code == ERR_INTERRUPTED || lost.code == ERR_REFUSED) {
				*e = lost;
				return -1;
			}
			app_complain(s->app, &lost);
			continue;
		}
		rc = print_event(s, platform_event_names[PLATFORM_ANSWERED], s->outgoing.topic, "", e);
	}
	return rc;
}

/* Says once that the broker is away, and that it is back. */
static void tell_connection(const struct stand *s, bool *up)
{
	struct err why = { 0 };
	bool now = broker_up(s->broker, &why);

	if (now == *up)
		return;
	*up = now;
	if (now)
		app_say(s->app, "the broker is back");
	else
		app_complain(s->app, &why);
}

static int platform_loop(struct stand *s, struct err *e)
{
	int64_t end = s->own->run_s < 0 ? INT64_MAX : time_mono_us() + (int64_t)((s->own->listen_s + s->own->run_s) * 1e6);
	bool listening = true, up = true;

	while (time_mono_us() < end) {
		int64_t until = platform_due(&s->platform);

		until = until < end ? until : end;
		if (listening && s->platform.listen_until_us < until)
			until = s->platform.listen_until_us;
		if (until == INT64_MAX)
			until = time_mono_us() + 60000000;
		if (broker_wait(s->broker, until, e) < 0 || platform_turn(s, e))
			return -1;
		tell_connection(s, &up);
		if (listening && time_mono_us() >= s->platform.listen_until_us) {
			listening = false;
			app_say(s->app, "%sanswering from now on",
				s->own->listen_s > 0 ? "nobody else has answered a meter: " : "");
		}
	}
	return 0;
}

static int subscribe(struct stand *s, struct err *e)
{
	const char *only = s->target.mqtt.dialect;
	char filters[UPLOAD_FILTERS][MQTT_TOPIC * 2];
	bool any = false;

	for (size_t i = 0; dialect_table[i]; i++) {
		const struct dialect *d = dialect_table[i];
		size_t n;

		if (!d->answer || (*only && strcmp(only, d->name) != 0))
			continue;
		any = true;
		n = d->filters(d, &s->target.mqtt, filters);
		for (size_t k = 0; k < n; k++)
			if (broker_subscribe(s->broker, filters[k], e))
				return -1;
	}
	if (any)
		return 0;
	return err_set(e, ERR_USAGE, dialect_find(only) || target_tunnels(&s->target)
		       ? "meters of '%s' wait for no answer that is publicly known (acrelhw ones do)"
		       : "no dialect '%s'; meters of acrelhw wait for answers", only);
}

static int stand_in(struct stand *s, struct err *e)
{
	uint64_t seed = 0;
	int rc;

	/* without it, two that start together may both leave */
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed = 0;

	if (subscribe(s, e) || platform_init(&s->platform, time_mono_us(), (int64_t)(s->own->listen_s * 1e6), seed, e))
		return -1;
	if (s->own->listen_s > 0)
		app_say(s->app, "listening for another platform for %g s", s->own->listen_s);
	rc = printer_begin(&s->out, &listing, json_object(), e);
	if (!rc)
		rc = platform_loop(s, e);
	printer_drop(&s->out);
	app_say(s->app, "%lu questions of %lu meters answered (%lu asked)",
		s->platform.answered, s->platform.meters_answered, s->platform.asked);
	platform_release(&s->platform);
	/* it runs until it is told to end */
	if (rc && e->code == ERR_INTERRUPTED && s->own->run_s < 0) {
		*e = (struct err){ 0 };
		return 0;
	}
	return rc;
}

static int platform_open_broker(struct stand *s, int cancel_fd, struct err *e)
{
	const struct app *a = s->app;
	const struct link_opts l = app_link_opts(a);
	struct broker_opts o = {
		.timeout_ms = a->timeout_ms, .trace = &a->trace, .cancel_fd = cancel_fd,
		.insecure = a->insecure, .plain_password = a->plain_password,
		.remark = l.remark, .remark_arg = l.remark_arg,
	};
	char *password;

	if (app_password(a, &s->target, &password, e))
		return -1;
	o.password = password;
	s->broker = broker_open(&s->target, &o, NULL, e);
	secret_free(password);
	return s->broker ? 0 : -1;
}

static int platform_check(struct stand *s, struct err *e)
{
	const char *product = s->own->product;
	struct target_mqtt *m = &s->target.mqtt;

	if (s->app->read_only)
		return err_set(e, ERR_DENIED, "a platform answers meters, which --read-only forbids");
	if (app_target(s->app, &s->target, e))
		return -1;
	if (!target_is_broker(&s->target))
		return err_set(e, ERR_USAGE, "'%s' is no broker (write -c mqtt://HOST)", s->target.text);
	if (product && (!mqtt_level(product) || strlen(product) >= sizeof(m->product)))
		return err_set(e, ERR_USAGE, "product '%s' is no level of a topic (no '/', '+', '#')", product);
	if (product)
		memcpy(m->product, product, strlen(product) + 1);
	/* another worker of the group would see some of the answers, and we the rest */
	if (m->share[0])
		return err_set(e, ERR_USAGE, "a platform must see every message: leave share=%s out", m->share);
	return 0;
}

static bool platform_writes(const struct app *a, int argc, char **argv)
{
	(void)a;
	(void)argc;
	(void)argv;
	return true;
}

static int platform_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct stand s = { .app = a, .out = app_printer(a), .own = a->own };
	struct signals signals;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_platform, argc, 0, 0, e) || platform_check(&s, e) || signals_hold(&signals, a->cancel_fd, e))
		return -1;
	if (platform_open_broker(&s, signals.fd, e) == 0) {
		rc = stand_in(&s, e);
		broker_close(s.broker);
	}
	signals_release(&signals);
	return rc;
}

const struct cmd cmd_platform = {
	.name = "platform",
	.args = "",
	.help = "stand in for the cloud on a bench: answer meters behind a broker",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct platform_own),
	.defaults = platform_defaults,
	.endless = true,
	.writes = platform_writes,
	.run = platform_run,
};
