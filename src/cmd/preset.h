/*
 * preset.h - what an option is when it is not given: as the environment, the saved
 * connection, or the defaults of the configuration file have it, in this order
 * (meterctl-config(5)). Which options there are, and what a value must be, the tables of
 * options say (opt.h).
 */
#ifndef METERCTL_CMD_PRESET_H
#define METERCTL_CMD_PRESET_H

#include "cmd.h"
#include "target/config.h"

/* What A has read of the file; texts in it live until cmd_release(). */
struct preset_file {
	struct config config;
	struct preset_file *older;
};

/*
 * Fills A, and the context of CMD (NULL: none) in it, but for the N options GIVEN, of which -c
 * names CONNECT (NULL: it is not among them). A that is settled takes only what CMD has of its
 * own, and with a CONNECT what that connection has. -1 and E, the first mistake that matters
 * (ERR_USAGE): A is then as if nothing were said.
 */
int preset_take(struct app *a, const struct cmd *cmd, const struct opt *const *given, size_t n,
		const char *connect, struct err *e);

/*
 * A, which is settled, goes on with the meter of CONNECT, which must outlive it. The profile and
 * the options of a connection saved by that name take the place of those that the one before
 * had brought; what an option or the environment said stays. -1 and E: A is as it was. (A copy
 * of an app begins with its `file` NULL, and ends with preset_release(): what the other has
 * read is the other's.)
 */
int preset_connect(struct app *a, const char *connect, struct err *e);

/* Adds to the mistakes of C those of its options' names and values; WHOLE: also profiles and
 * targets that there are not. -1: no memory. */
int preset_check(struct config *c, bool whole, struct err *e);
/* The variable of O in the environment: "METERCTL_READ_ONLY". Returns BUF. */
#define PRESET_VARIABLE 64
const char *preset_variable(const struct opt *o, char buf[PRESET_VARIABLE]);
/* The next mistake of the environment from row *AT of app_options on, which begins at 0. 0: there
 * are no more. */
int preset_check_environment(size_t *at, struct err *e);

void preset_release(struct app *a);

#endif
