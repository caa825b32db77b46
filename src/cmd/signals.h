/*
 * signals.h - commands that run until they are told to end: signals wait to be
 * looked at, in every thread there will be, instead of ending the program.
 */
#ifndef METERCTL_CMD_SIGNALS_H
#define METERCTL_CMD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

struct signals {
	sigset_t held, before;
	int fd;		/* readable once one has come: a cancel_fd for those who wait */
	bool lent;	/* it is the caller's, and signals are his matter */
};

/* Holds back SIGINT, SIGTERM and SIGHUP. To be called before there are threads. CANCEL_FD:
 * an eventfd that is waited for instead; 0: none. */
int signals_hold(struct signals *s, int cancel_fd, struct err *e);
/* Is SIGHUP to be heeded? Not below nohup(1), which has it ignored. */
bool signals_hangup(void);
/* Waits for one. */
void signals_await(const struct signals *s);
/* As it was; those that have come have done their work. */
void signals_release(struct signals *s);

#endif
