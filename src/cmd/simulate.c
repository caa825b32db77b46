#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/broker.h"
#include "mqtt/dialects/dialect.h"
#include "target/secret.h"
#include "sim/sim.h"
#include "sim/scenario_words.h"
#include "cmd.h"
#include "fleet_file.h"
#include "signals.h"

struct simulate_own {
	struct sim_opts sim;
	const char *url, *dialect;	/* of the broker to upload to */
	int interval_s;			/* 0: not given */
	const char *fleet;		/* file; NULL: not given */
};

static const struct opt options[] = {
	OPT_TEXT(0, "pty", "PATH", "@file", struct simulate_own, sim.pty_link,
		 "a fixed name for the serial port (a link to the pty)"),
	OPT_NUMBER(0, "tcp", "PORT", struct simulate_own, sim.tcp_port, 0, 65535, "port",
		   "serve Modbus TCP on 127.0.0.1 too (0: any free port)"),
	OPT_NUMBER(0, "rtu-tcp", "PORT", struct simulate_own, sim.rtutcp_port, 0, 65535, "port",
		   "serve RTU frames over TCP too (0: any free port)"),
	OPT_NUMBER(0, "count", "N", struct simulate_own, sim.count, 1, UPLINK_METERS, "number of meters",
		   "so many meters, addresses and serial numbers one after another"),
	OPT_TEXT(0, "fleet", "FILE", "@file", struct simulate_own, fleet,
		 "the meters of a CSV file: serial, scenario, interval, topic"),
	OPT_TEXT(0, "mqtt", "URL", "@target", struct simulate_own, url,
		 "upload to this broker (mqtt://HOST[/SN]), and no pty unless --pty"),
	OPT_TEXT(0, "dialect", "NAME", DIALECT_WORDS, struct simulate_own, dialect,
		 "what they speak there (default json-v2)"),
	OPT_NUMBER(0, "interval", "SECONDS", struct simulate_own, interval_s, 1, 86400, "interval in seconds",
		   "from one upload to the next (default 60)"),
};

static void simulate_defaults(void *own)
{
	((struct simulate_own *)own)->sim = (struct sim_opts){ .tcp_port = -1, .rtutcp_port = -1 };
}

static int serve_until_signal(const struct app *a, const struct sim_opts *o, const struct signals *signals,
			      struct err *e)
{
	struct sim *s = sim_start(o, e);

	if (!s)
		return -1;
	fputs(sim_targets(s), a->out);
	if (fflush(a->out)) {
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
	const struct simulate_own *own = a->own;
	char will[MQTT_TOPIC], *password;
	struct broker_opts o = {
		.timeout_ms = a->timeout_ms, .trace = &a->trace, .cancel_fd = cancel_fd,
		.insecure = a->insecure, .plain_password = a->plain_password,
		.will_payload = "offline",
	};

	if (target_parse(own->url, &u->target, e)
	    || uplink_prepare(&u->target, own->dialect, own->sim.scenario, own->sim.fleet, own->sim.count,
			      will, e)
	    || app_password(a, &u->target, &password, e))
		return -1;
	o.password = password;
	o.will_topic = will[0] ? will : NULL;
	u->interval_s = own->interval_s ? own->interval_s : 60;
	u->broker = broker_open(&u->target, &o, NULL, e);
	secret_free(password);
	return u->broker ? 0 : -1;
}

static int simulate_check(const struct simulate_own *own, struct err *e)
{
	if (!own->url && own->dialect)
		return err_set(e, ERR_USAGE, "--dialect is for --mqtt");
	if (!own->url && own->interval_s)
		return err_set(e, ERR_USAGE, "--interval is for --mqtt");
	if (own->fleet && own->sim.count)
		return err_set(e, ERR_USAGE, "--count and --fleet exclude each other (the file says how many meters)");
	return 0;
}

static int simulate(const struct app *a, const struct signals *signals, struct err *e)
{
	struct simulate_own *own = a->own;
	struct uplink_opts uplink = { 0 };
	struct broker_stats stats;
	int result;

	if (!own->url)
		return serve_until_signal(a, &own->sim, signals, e);
	if (connect_broker(a, &uplink, signals->fd, e))
		return -1;
	own->sim.uplink = &uplink;
	own->sim.no_pty = !own->sim.pty_link;
	result = serve_until_signal(a, &own->sim, signals, e);
	broker_stats(uplink.broker, &stats);
	if (stats.failed)
		app_say(a, "%lu messages sent, %lu more lost with the connection",
			stats.published, stats.failed);
	broker_close(uplink.broker);
	return result;
}

static int simulate_serve(struct app *a, struct err *e)
{
	struct simulate_own *own = a->own;
	struct signals signals;
	struct fleet_file fleet = { .n = 0 };
	int result = 0;

	if (own->fleet) {
		result = fleet_file_load(a, own->fleet, own->sim.scenario, &fleet, e);
		own->sim.fleet = fleet.list;
		own->sim.count = fleet.n;
	} else if (!own->sim.count) {
		own->sim.count = 1;
	}
	if (result == 0)
		result = signals_hold(&signals, a->cancel_fd, e);
	if (result == 0) {
		result = simulate(a, &signals, e);
		signals_release(&signals);
	}
	fleet_file_release(&fleet);
	return result;
}

static int simulate_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct simulate_own *own = a->own;
	const struct profile *p;
	int result;

	if (cmd_words(&cmd_simulate, argc, 0, 1, e) || simulate_check(own, e))
		return -1;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	own->sim.profile = p;
	own->sim.scenario = argc ? argv[0] : NULL;
	result = simulate_serve(a, e);
	profile_free(p);
	return result;
}

const struct cmd cmd_simulate = {
	.name = "simulate",
	.args = "[SCENARIO]",
	.complete = &SCENARIO_WORDS[1],
	.words_title = "words of a scenario, separated by commas",
	.words = &SCENARIO_FORMS[1],
	.help = "serve simulated meters on a pty, on TCP and at a broker",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct simulate_own),
	.defaults = simulate_defaults,
	.endless = true,
	.run = simulate_run,
	.plain = true,
};
