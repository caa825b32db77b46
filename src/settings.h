/*
 * settings.h - a file of wished settings (meterctl(1), SETTINGS FILES): YAML, a
 * mapping of keys to values as `set` takes them; secrets only by reference.
 *
 *   profile: adw300
 *   settings:
 *     ratio.ct: 40                     # Current transformer ratio (CT)
 *     demand.cycle: 15min
 *     network.apn.password: {env: APN_PASSWORD}      # or {file: PATH}, mode 0600
 */
#ifndef METERCTL_SETTINGS_H
#define METERCTL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "meter.h"

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
};

/* ERR_USAGE "file:line:column: ..."; ERR_DENIED for a secret in clear, a file
 * others can read, an environment variable that is not set. */
int settings_load(const char *path, struct settings *s, struct err *e);
void settings_release(struct settings *s);

/* Does the file fit the profile? ERR_USAGE: written for another, or an unknown
 * key; ERR_DENIED: a secret in clear. */
int settings_check(const struct settings *s, const struct profile *p, struct err *e);

/* The settings of a profile that can be kept in a file: writable, not reserved,
 * no bits and parts of others, no clock, no outputs. */
int settings_select(const struct profile *p, struct selection *sel, struct err *e);

/* Writes the readings of SEL as such a file, sorted by key, with unit and name as
 * comments; PATH NULL: stdout; else whole or not at all. Points that were not
 * read, or hold what could not be put back, stand there as a comment; so does a
 * secret, as the reference to make of it. LEFT (may be NULL): how many such. */
int settings_save(const char *path, const struct meter *m, const struct selection *sel,
		  size_t *left, struct err *e);

#endif
