#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../sim/sim.h"
#include "cmd.h"

enum { OPT_PTY = 256, OPT_TCP, OPT_RTU_TCP, OPT_COUNT };

static struct sim_opts wanted = { .tcp_port = -1, .rtutcp_port = -1, .count = 1 };

static const struct opt options[] = {
	{ OPT_PTY, "pty", "PATH", "@file", "a fixed name for the serial port (a link to the pty)" },
	{ OPT_TCP, "tcp", "PORT", NULL, "serve Modbus TCP on 127.0.0.1 too (0: any free port)" },
	{ OPT_RTU_TCP, "rtu-tcp", "PORT", NULL, "serve RTU frames over TCP too (0: any free port)" },
	{ OPT_COUNT, "count", "N", NULL, "so many meters on the line, addresses one after another" },
};

static int set(int id, const char *arg, struct err *e)
{
	switch (id) {
	case OPT_PTY:
		wanted.pty_link = arg;
		return 0;
	case OPT_TCP:
		return opt_number(arg, 0, 65535, "port", &wanted.tcp_port, e);
	case OPT_RTU_TCP:
		return opt_number(arg, 0, 65535, "port", &wanted.rtutcp_port, e);
	default:
		return opt_number(arg, 1, 247, "number of meters", &wanted.count, e);
	}
}

static int serve_until_signal(const struct sim_opts *o, const sigset_t *signals,
			      struct err *e)
{
	struct sim *s = sim_start(o, e);
	int which;

	if (!s)
		return -1;
	fputs(sim_targets(s), stdout);
	if (fflush(stdout)) {
		err_set(e, ERR_NO, "cannot write output: %s", strerror(errno));
		sim_stop(s);
		return -1;
	}
	sigwait(signals, &which);
	sim_stop(s);
	return 0;
}

static int run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile *p;
	sigset_t signals, before;
	int result;

	if (cmd_words(&cmd_simulate, argc, 0, 1, e))
		return -1;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	wanted.profile = p;
	wanted.scenario = argc ? argv[0] : NULL;
	/* held back before the line is there, so that none is missed */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &before);
	result = serve_until_signal(&wanted, &signals, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	profile_free(p);
	return result;
}

const struct cmd cmd_simulate = {
	.name = "simulate",
	.args = "[SCENARIO]",
	.help = "serve a simulated meter on a pty and on TCP",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.set = set,
	.run = run,
};
