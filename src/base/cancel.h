/*
 * cancel.h - an eventfd by which one thread, or a signal handler, tells another to give up
 * what it waits for.
 */
#ifndef METERCTL_BASE_CANCEL_H
#define METERCTL_BASE_CANCEL_H

#include <stdbool.h>

/* FD becomes readable, and stays so until it is cleared. From any thread or a signal
 * handler; errno is kept. */
void cancel_raise(int fd);
void cancel_clear(int fd);
bool cancel_raised(int fd);

#endif
