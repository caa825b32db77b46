/*
 * server.h - the thread that serves simulated meters on their lines.
 */
#ifndef METERCTL_SIM_SERVER_H
#define METERCTL_SIM_SERVER_H

#include <pthread.h>

#include "base/pty.h"
#include "line.h"
#include "unit.h"
#include "uplink.h"

#define MAX_METERS 247
#define MAX_LINES 17	/* the pty's and sixteen clients */

struct sim {
	struct sim_meter *meters[MAX_METERS];
	int nmeters;
	struct pty pty;
	int tcp, rtutcp;	/* listening; -1 none */
	int tcp_port, rtutcp_port;
	struct line *lines[MAX_LINES];	/* [0] is the pty's, or NULL */
	struct uplink *uplink;		/* NULL: none */
	int64_t advanced;
	uint64_t luck;
	char *targets;
	int stop;		/* eventfd */
	pthread_t thread;
	bool running;
};

/* Serves the struct sim ARG until its stop can be read. */
void *server_run(void *arg);

/* Has the meter that is meant answer a request that came on L. */
void server_answer(struct sim *s, struct line *l, struct request *rq, int64_t now);
/* Readings move on to NOW, if that is far enough. */
void server_advance(struct sim *s, int64_t now);

/* ns of CLOCK_MONOTONIC. */
int64_t server_now(void);

#endif
