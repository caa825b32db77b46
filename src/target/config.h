/*
 * config.h - connections a person saved, and those used last.
 *
 * Saved: `connections: {NAME: TARGET, ...}` in config.yaml of the configuration
 * folder. Recent: `recent` in the state folder, one target a line, newest
 * first.
 */
#ifndef METERCTL_TARGET_CONFIG_H
#define METERCTL_TARGET_CONFIG_H

#include <stddef.h>

#include "base/err.h"
#include "target.h"

struct config_connection {
	char *name, *target;
};

struct config {
	struct config_connection *connections;	/* in file order */
	size_t nconnections;
};

/* Reads the file; without one C is empty. ERR_USAGE with file, line and column
 * when it is not what it should be. Free with config_release() either way. */
int config_load(struct config *c, struct err *e);
int config_load_file(struct config *c, const char *path, struct err *e);
void config_release(struct config *c);

/* The target saved as NAME, in BUF. ERR_USAGE, with the nearest name, when
 * there is none. */
int config_connection(const char *name, char *buf, size_t size, struct err *e);

/*
 * The meter known as FROM is at TO now: in the file the target saved as CONNECT
 * (which may also be no name: then nothing is saved) becomes TO, everything else
 * there stays as it was written, and the recent connections follow. -1 and E
 * when that could not be done.
 */
int config_follow(const char *connect, const char *from, const char *to, struct err *e);

#define RECENT_MAX 8

struct recent {
	size_t n;
	char target[RECENT_MAX][TARGET_TEXT];	/* newest first */
};

/* Those that can be read; none when there is no file. */
void recent_load(struct recent *r);
/* Puts TARGET first; written whole or not at all. ERR_NO. */
int recent_add(const char *target, struct err *e);

#endif
