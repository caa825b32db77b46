/*
 * signals.h - commands that run until they are told to end: signals wait to be
 * looked at, in every thread there will be, instead of ending the program.
 */
#ifndef METERCTL_CMD_SIGNALS_H
#define METERCTL_CMD_SIGNALS_H

#include <signal.h>

#include "base/err.h"

struct signals {
	sigset_t held, before;
	int fd;		/* readable once one has come: a cancel_fd for those who wait */
};

/* Holds back SIGINT, SIGTERM and SIGHUP. To be called before there are threads. */
int signals_hold(struct signals *s, struct err *e);
/* Waits for one. */
void signals_await(const struct signals *s);
/* As it was; those that have come have done their work. */
void signals_release(struct signals *s);

#endif
