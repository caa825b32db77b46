/*
 * settings.h - a file of settings to be made (meterctl(1), SETTINGS FILES): YAML, a
 * mapping of keys to values as `set` takes them; secrets only by reference.
 *
 *   profile: adw300
 *   settings:
 *     ratio.ct: 40                     # Current transformer ratio (CT)
 *     demand.cycle: 15min
 *     network.apn.password: {env: APN_PASSWORD}      # or {file: PATH}, mode 0600
 *
 * A backup that lacks settings which could not be read says so, and which:
 *
 *   incomplete:
 *     - lora.sf                        # unit 1 refused register 0x0002: ...
 */
#ifndef METERCTL_WRITE_SETTINGS_H
#define METERCTL_WRITE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "meter/meter.h"

struct setting {
	char *key, *text;	/* text of a secret has been fetched already */
	bool secret;		/* by reference: {env: ...} or {file: ...} */
	int line, column;	/* in the file, for messages */
};

struct settings {
	char file[256];
	char profile[64];	/* "" when the file names none */
	struct setting *list;
	size_t n;
	char **missing;		/* keys it names as incomplete, and does not hold */
	size_t nmissing;
};

/* ERR_USAGE "file:line:column: ..."; ERR_DENIED for a secret in clear, a file
 * others can read, an environment variable that is not set. */
int settings_load(const char *path, struct settings *s, struct err *e);
void settings_release(struct settings *s);
/* Puts before E where in the file the I-th stands: "file:line:column: ". -1. */
int settings_place(const struct settings *s, size_t i, struct err *e);

/* Does the file fit the profile? ERR_USAGE: written for another, or an unknown
 * key; ERR_DENIED: a secret in clear. */
int settings_check(const struct settings *s, const struct profile *p, struct err *e);

/* Is it whole? -1 and E (ERR_DENIED): it is an incomplete backup, and which settings are
 * not in it. */
int settings_whole(const struct settings *s, struct err *e);

/* The settings of a profile that can be kept in a file: writable, not reserved,
 * no bits and parts of others, no clock, no outputs. */
int settings_select(const struct profile *p, struct selection *sel, struct err *e);

/* What a backup leaves out, by reason. Only the last makes it incomplete. */
struct settings_left {
	size_t secrets;		/* are not kept */
	size_t absent;		/* this meter has no such register */
	size_t odd;		/* what stands there could not be put back */
	size_t missing;		/* not read (reading_missing()) */
};

/* Writes the readings of SEL as such a file, sorted by key, with unit and name as
 * comments; PATH NULL: to F, else whole or not at all, HOW as outfile_put() has it. What is left out stands there as a
 * comment with the reason, a secret as the reference to make of it; what is missing is
 * listed as incomplete. */
int settings_save(const char *path, unsigned how, FILE *f, const struct meter *m, const struct selection *sel,
		  struct settings_left *left, struct err *e);

#endif
