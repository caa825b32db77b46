#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/broker.h"
#include "target/password.h"
#include "target/secret.h"
#include "sim/sim.h"
#include "cmd.h"
#include "signals.h"

enum { OPT_PTY = 256, OPT_TCP, OPT_RTU_TCP, OPT_COUNT, OPT_MQTT, OPT_DIALECT, OPT_INTERVAL };

static struct sim_opts wanted = { .tcp_port = -1, .rtutcp_port = -1, .count = 1 };
static const char *url, *dialect;	/* --mqtt, --dialect */
static int interval;			/* --interval */

static const struct opt options[] = {
	{ OPT_PTY, "pty", "PATH", "@file", "a fixed name for the serial port (a link to the pty)" },
	{ OPT_TCP, "tcp", "PORT", NULL, "serve Modbus TCP on 127.0.0.1 too (0: any free port)" },
	{ OPT_RTU_TCP, "rtu-tcp", "PORT", NULL, "serve RTU frames over TCP too (0: any free port)" },
	{ OPT_COUNT, "count", "N", NULL, "so many meters, addresses and serial numbers one after another" },
	{ OPT_MQTT, "mqtt", "URL", "@target", "upload to this broker (mqtt://HOST[/SN]), and no pty unless --pty" },
	{ OPT_DIALECT, "dialect", "NAME", "json-v2 acrelhw shadow tunnel", "what they speak there (default json-v2)" },
	{ OPT_INTERVAL, "interval", "SECONDS", NULL, "from one upload to the next (default 60)" },
};

static int simulate_set(int id, const char *arg, struct err *e)
{
	switch (id) {
	case OPT_PTY:
		wanted.pty_link = arg;
		return 0;
	case OPT_TCP:
		return opt_number(arg, 0, 65535, "port", &wanted.tcp_port, e);
	case OPT_RTU_TCP:
		return opt_number(arg, 0, 65535, "port", &wanted.rtutcp_port, e);
	case OPT_MQTT:
		url = arg;
		return 0;
	case OPT_DIALECT:
		dialect = arg;
		return 0;
	case OPT_INTERVAL:
		return opt_number(arg, 1, 86400, "interval in seconds", &interval, e);
	default:
		return opt_number(arg, 1, UPLINK_METERS, "number of meters", &wanted.count, e);
	}
}

static int serve_until_signal(const struct sim_opts *o, const struct signals *signals,
			      struct err *e)
{
	struct sim *s = sim_start(o, e);

	if (!s)
		return -1;
	fputs(sim_targets(s), stdout);
	if (fflush(stdout)) {
		err_set(e, ERR_NO, "cannot write output: %s", strerror(errno));
		sim_stop(s);
		return -1;
	}
	signals_await(signals);
	sim_stop(s);
	return 0;
}

/* CANCEL_FD: a broker that keeps us waiting can be left. */
static int connect_broker(const struct app *a, struct uplink_opts *u, int cancel_fd,
			  struct err *e)
{
	char will[MQTT_TOPIC], *password;
	struct broker_opts o = {
		.timeout_ms = a->timeout_ms, .trace = &a->trace, .cancel_fd = cancel_fd,
		.insecure = a->insecure, .plain_password = a->plain_password,
		.will_payload = "offline",
	};

	if (target_parse(url, &u->target, e)
	    || uplink_prepare(&u->target, dialect, wanted.scenario, wanted.count, will, e)
	    || password_fetch(&u->target, true, &password, e))
		return -1;
	o.password = password;
	o.will_topic = will[0] ? will : NULL;
	u->interval_s = interval ? interval : 60;
	u->broker = broker_open(&u->target, &o, NULL, e);
	secret_free(password);
	return u->broker ? 0 : -1;
}

static int simulate_check(struct err *e)
{
	if (!url && dialect)
		return err_set(e, ERR_USAGE, "--dialect is for --mqtt");
	if (!url && interval)
		return err_set(e, ERR_USAGE, "--interval is for --mqtt");
	return 0;
}

static int simulate(const struct app *a, const struct signals *signals, struct err *e)
{
	struct uplink_opts uplink = { 0 };
	struct broker_stats stats;
	int result;

	if (!url)
		return serve_until_signal(&wanted, signals, e);
	if (connect_broker(a, &uplink, signals->fd, e))
		return -1;
	wanted.uplink = &uplink;
	wanted.no_pty = !wanted.pty_link;
	result = serve_until_signal(&wanted, signals, e);
	broker_stats(uplink.broker, &stats);
	if (stats.failed)
		app_say(a, "%lu messages sent, %lu more lost with the connection",
			stats.published, stats.failed);
	broker_close(uplink.broker);
	return result;
}

static int simulate_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct signals signals;
	const struct profile *p;
	int result;

	if (cmd_words(&cmd_simulate, argc, 0, 1, e) || simulate_check(e))
		return -1;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	wanted.profile = p;
	wanted.scenario = argc ? argv[0] : NULL;
	result = signals_hold(&signals, e);
	if (result == 0) {
		result = simulate(a, &signals, e);
		signals_release(&signals);
	}
	profile_free(p);
	return result;
}

const struct cmd cmd_simulate = {
	.name = "simulate",
	.args = "[SCENARIO]",
	.help = "serve simulated meters on a pty, on TCP and at a broker",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.set = simulate_set,
	.run = simulate_run,
};
