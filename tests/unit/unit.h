/* unit.h - what every unit test includes: cmocka and its headers, TAP out. */
#ifndef METERCTL_UNIT_H
#define METERCTL_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UNIT_RUN(tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests(tests, NULL, NULL))

/* For what this machine does not allow. cmocka's skip() writes "not ok # SKIP",
 * which TAP takes for a failure. */
#define UNIT_WITHOUT(what) do {							\
	print_message("# not tried here: %s\n", what);				\
	return;									\
} while (0)

#endif
