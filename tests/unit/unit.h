/* unit.h - what every unit test includes: cmocka and its headers, TAP out, and how a
 * test waits: for an event, never for a time. */
#ifndef METERCTL_UNIT_H
#define METERCTL_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* No group takes a quarter of an hour, or it hangs: then a signal ends it, and its
 * output says in which test. */
#define UNIT_RUN_WITH(tests, setup, teardown) \
	(alarm(15 * 60), setvbuf(stdout, NULL, _IOLBF, 0), cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests(tests, setup, teardown))
#define UNIT_RUN(tests) UNIT_RUN_WITH(tests, NULL, NULL)

/* For what this machine does not allow. cmocka's skip() writes "not ok # SKIP",
 * which TAP takes for a failure. */
#define UNIT_WITHOUT(what) do {							\
	print_message("# not tried here: %s\n", what);				\
	return;									\
} while (0)

/* It ends a test that hangs, and decides nothing else: however busy the machine is,
 * what is waited for has come long before. */
#define UNIT_PATIENCE_S 60
#define UNIT_PATIENCE_MS (UNIT_PATIENCE_S * 1000)
/* For what a test cancels: had it gone on instead, the test's patience would have ended. */
#define UNIT_FOR_EVER_MS (60 * UNIT_PATIENCE_MS)

static inline int64_t unit_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (int64_t)1000 + t.tv_nsec / 1000000;
}

/* FD has something to read (or has been hung up); false: not within MS. */
static inline bool unit_readable(int fd, int ms)
{
	return poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, ms) > 0;
}

/* Does STEP, which waits a little for what may change, until CONDITION holds. When it
 * never does, TELL prints what there is instead. */
#define UNIT_UNTIL(condition, step, tell) do {						\
	int64_t unit_end = unit_now_ms() + UNIT_PATIENCE_MS;				\
											\
	while (!(condition)) {								\
		if (unit_now_ms() > unit_end) {						\
			tell;								\
			fail_msg("waited %d s for: %s", UNIT_PATIENCE_S, #condition);	\
		}									\
		step;									\
	}										\
} while (0)

/* A STEP where nothing tells of a change. */
#define UNIT_PAUSE poll(NULL, 0, 1)

#endif
