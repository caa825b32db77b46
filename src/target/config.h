/*
 * config.h - the configuration file (meterctl-config(5)), and the connections used last.
 *
 * The file is config.yaml of the configuration folder. It is read whole: what it says, and
 * every mistake of its form, each with its place. What an option's name and value mean is
 * not known here (cmd/preset.h). Recent connections are `recent` in the state folder, one
 * target a line, newest first.
 */
#ifndef METERCTL_TARGET_CONFIG_H
#define METERCTL_TARGET_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/yaml.h"
#include "target.h"

/* What of the file something belongs to, and whom a mistake there concerns. */
enum config_part {
	CONFIG_FILE,		/* everybody */
	CONFIG_CONNECTIONS,	/* who looks for a saved connection */
	CONFIG_DEFAULTS,	/* every command */
	CONFIG_COMMANDS,	/* one command */
};

struct config_place {
	size_t line, column;	/* from 1; 0: none */
};

struct config_connection {
	const char *name, *target;
	struct config_place at;		/* of the target */
	size_t first, nsettings;	/* its options, among those of the file */
};

/* `NAME: VALUE` for an option. */
struct config_setting {
	enum config_part part;
	const char *of;			/* name of the connection or command; "": neither */
	const char *name, *value;
	struct config_place name_at, value_at;
};

struct config_mistake {
	enum config_part part;
	const char *of;			/* as above */
	struct config_place at;
	char text[ERR_TEXT];
};

/* All in file order. Texts are the file's, until config_release(). */
struct config {
	char path[4096];		/* "": there is no folder for it */
	struct config_connection *connections;
	struct config_setting *settings;
	struct config_mistake *mistakes;
	size_t nconnections, nsettings, nmistakes;
	struct yaml yaml;
	bool open;			/* YAML is there */
};

/* Reads the file, and goes on behind a mistake; without one C is empty. -1: a mistake, and E
 * is the first (ERR_USAGE with file, line and column); or memory has run out. Free with
 * config_release() either way. */
int config_load(struct config *c, struct err *e);
int config_load_file(struct config *c, const char *path, struct err *e);
/* TEXT as if PATH held it. */
int config_load_text(struct config *c, const char *path, const char *text, struct err *e);
void config_release(struct config *c);

/* One more mistake, found by who knows what a value means. ERR_NO: no memory. */
int config_mistake_add(struct config *c, const struct config_mistake *m, struct err *e);
/* E says M with its file, line and column. */
int config_mistake_say(const struct config *c, const struct config_mistake *m, struct err *e);

/* -1: a mistake concerns who looks for a saved connection; E is the first. */
int config_sound(const struct config *c, struct err *e);
/* The one saved as NAME, or NULL. */
const struct config_connection *config_find(const struct config *c, const char *name);
/* What the connection NAME, or AT, says of OPTION; NULL: nothing. */
const char *config_option(const struct config *c, const char *name, const char *option);
const char *config_option_of(const struct config *c, const struct config_connection *at, const char *option);
/* Can TEXT be the name of one? Else it is a target. */
bool config_is_name(const char *text);

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

/* A connection to save. */
struct config_new {
	const char *name, *target;
	const char *profile;	/* NULL: not said; that of a connection already there stays */
	bool replace;		/* also a connection of that name which leads elsewhere */
	bool there;		/* only one that is there already */
};
/*
 * Adds it to the file, or changes the one of that name: every other byte stays as it is
 * (comments, order, blank lines, line ends, byte order mark). Without a file one is made,
 * readable by this user alone. Written whole or not at all. ERR_DENIED: there is another one
 * of that name. ERR_USAGE: the name is none, or the file is wrong. ERR_NO: it cannot be
 * written, or nothing can be put in there without changing more.
 */
int config_save(const struct config_new *n, struct err *e);
/* The same of TEXT, that of the file PATH; the caller frees it. NULL and E. */
char *config_edited(const char *path, const char *text, const struct config_new *n, struct err *e);

#define RECENT_MAX 8

struct recent {
	size_t n;
	char target[RECENT_MAX][TARGET_TEXT];	/* newest first */
};

/* Those that can be read; none when there is no file. */
void recent_load(struct recent *r);
/* Puts TARGET first; written whole or not at all. ERR_NO. */
int recent_add(const char *target, struct err *e);
/* Where FROM was, TO is. */
int recent_follow(const char *from, const char *to, struct err *e);

#endif
