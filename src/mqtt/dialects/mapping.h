/*
 * mapping.h - a dialect as data: a YAML file that says which topics a meter publishes
 * on, where in the JSON payload its values stand, and what they are (meterctl-dialect(5)).
 * Those of src/dialects/ are compiled in as text and read by the parser that reads a
 * user's, when one is first asked for: a program that has no broker to do with pays nothing.
 *
 * A message is looked up here when no dialect in C has recognised it, or when the target
 * names one of these.
 */
#ifndef METERCTL_MQTT_DIALECTS_MAPPING_H
#define METERCTL_MQTT_DIALECTS_MAPPING_H

#include "base/arena.h"
#include "profile/profile_check.h"
#include "dialect.h"
#include "payload.h"

#define MAPPING_TOPICS UPLOAD_FILTERS	/* of one mapping */
#define MAPPING_STEPS 8			/* of one path */
#define MAPPING_CONDITIONS 4		/* of one topic */
#define MAPPING_NAME 15			/* characters: what ?dialect= has room for */

/* One step into a payload: a member, or an element of an array. */
struct mapping_step {
	const char *key;	/* NULL: an element */
	unsigned at;		/* which; the first is 0 */
};

/* "ENERGY.Voltage[1]"; no steps: where one stands. */
struct mapping_path {
	const char *text;	/* as written; NULL: not given */
	size_t n;
	struct mapping_step step[MAPPING_STEPS];
};

/* The value that PATH leads to from V, or NULL. Element 0 of what is no array is that
 * itself: some meters send one number for one phase, and a list for three. */
const struct node *mapping_follow(const struct mapping_path *path, const struct node *v);
/* Splits TEXT, which stays; keys go to A. False: no path. */
bool mapping_path(struct mapping_path *path, const char *text, struct arena *a);

/* How a time is written: as ISO 8601 has it, or as a number since 1970. EITHER: a text is the
 * former, a number is ms. */
enum mapping_time { MAPPING_ISO, MAPPING_S, MAPPING_MS, MAPPING_EITHER, MAPPING_TIMES };
extern const char *const mapping_time_names[MAPPING_TIMES];	/* "iso", "s", "ms", "iso-or-ms" */

/* Us since 1970 of "2026-07-15T14:03:27.5+02:00"; without a zone: local time. 0: no such time. */
int64_t mapping_iso_us(const char *text);

/* What must stand in a payload. */
struct mapping_condition {
	struct mapping_path path;
	const char *value;	/* as fnmatch(3) has it; NULL: anything but null */
};

struct mapping_topic {
	const char *pattern;	/* {sn} in one level: the serial number, or a part of that level */
	struct mapping_path serial, time, model, values;	/* values: where the items' paths begin */
	enum mapping_time form;
	bool foreign_clock;	/* the time is another's than the meter's */
	size_t nconditions;
	struct mapping_condition conditions[MAPPING_CONDITIONS];
	size_t first, n;	/* its items */
};

/* What a message must become. */
struct mapping_vector {
	int line;		/* in the file, 1 the first */
	const char *topic, *payload;
	const char *serial;	/* NULL: not said */
	const char *time;	/* as mapping_iso_us() has it; NULL */
	size_t nexpect;
	const char *const *expect;	/* "voltage.a=230.1" */
};

/* Where an item stands in the file. */
struct mapping_place {
	int line, column;
};

struct mapping {
	struct dialect dialect;	/* its `mapping` is this */
	const char *origin;	/* the file; "built in" */
	bool builtin;
	size_t ntopics;
	struct mapping_topic topics[MAPPING_TOPICS];
	const struct mapping_path *paths;	/* of the dialect's items, and where they stand */
	const struct mapping_place *places;
	size_t nvectors;
	const struct mapping_vector *vectors;
	struct arena arena;
};

/* mapping_load.c: NULL and E ("file:line:column: ...", ERR_USAGE) when it does not follow the
 * form. mapping_free() gives it back. */
struct mapping *mapping_load(const char *path, struct err *e);
struct mapping *mapping_load_text(const char *name, const char *text, struct err *e);
void mapping_free(struct mapping *m);
/* Is that file a mapping? A profile is none, nor is what cannot be read. */
bool mapping_in(const char *path);

/* The ratio of two units of one quantity ("W" to "kW": 0.001). False: there is none. */
bool mapping_units(const char *from, const char *to, double *ratio);

/* mapping.c: what a struct dialect of a mapping does. */
size_t mapping_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2]);
bool mapping_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root);
int mapping_decode(const char *topic, size_t n, const struct node *root, struct upload *out, struct err *e);

/* mapping_list.c: the user's own, by name, then those compiled in whose names no file of his
 * has. From any thread. NULL: no more. */
const struct dialect *mapping_nth(size_t i);
/* Of the user's own, those that cannot be read: why. NULL: no more. */
const struct err *mapping_broken(size_t i);
/* A copy of its own of what NAME is, a file of the user's or compiled in, for mapping_free().
 * NULL and E: ERR_NO when there is none of that name. */
struct mapping *mapping_open(const char *name, struct err *e);
bool mapping_known(const char *name);

/* What is compiled in: made of src/dialects/ by the Makefile. Ends with a name that is NULL. */
struct mapping_text {
	const char *name, *text;
};
extern const struct mapping_text mapping_texts[];

/* mapping_check.c: does M hold? As profile_check() says it of a profile: items are points. */
int mapping_check(const struct mapping *m, struct check *out, struct err *e);

#endif
