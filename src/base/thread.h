/*
 * thread.h - threads that leave every signal to the one that was there first.
 */
#ifndef METERCTL_BASE_THREAD_H
#define METERCTL_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* As pthread_create() with the default attributes: 0 or an errno. */
int thread_start(pthread_t *t, void *(*run)(void *arg), void *arg);

/* Waits MS for the end of T. False: it has not ended by then, and is left to the end of the
 * process, with all it uses. */
bool thread_part(pthread_t t, long ms);

#endif
