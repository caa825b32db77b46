/*
 * watch_fleet.h - `watch` on a broker: the readings of every meter as they come.
 */
#ifndef METERCTL_CMD_WATCH_FLEET_H
#define METERCTL_CMD_WATCH_FLEET_H

#include "app.h"

/* ARGV: the points to print (none: all that come). INTERVAL: of each meter at most one
 * upload in so many seconds; 0: every one. ROUNDS: uploads to print; -1: for ever. FOR_S:
 * seconds; 0: for ever. As run() of struct cmd. */
int watch_fleet(struct app *a, int argc, char **argv, const struct target *t,
		double interval, long rounds, double for_s, struct err *e);

#endif
