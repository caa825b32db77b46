/*
 * thread.h - threads that leave every signal to the one that was there first.
 */
#ifndef METERCTL_BASE_THREAD_H
#define METERCTL_BASE_THREAD_H

#include <pthread.h>

/* As pthread_create() with the default attributes: 0 or an errno. */
int thread_start(pthread_t *t, void *(*run)(void *arg), void *arg);

#endif
