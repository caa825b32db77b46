/*
 * builtin.h - the tables that embed.c makes of src/profiles/: what is compiled in.
 *
 * The dynamic loader sets every pointer of a table each time the program starts, whether
 * the table is used or not; these would have ten thousand. So they are compiled
 * without: where a pointer belongs stands a number, the place in the pool of what it
 * points to. builtin.c makes pointers of a profile's numbers when it is first asked for.
 * Nobody else looks in here: profile.h has profile_builtin(), vocabulary.h vocabulary_all().
 */
#ifndef METERCTL_PROFILE_BUILTIN_H
#define METERCTL_PROFILE_BUILTIN_H

#include "profile.h"
#include "vocabulary.h"

struct builtin {
	size_t name;		/* place of its text, whatever `ready` is */
	bool ready;		/* pointers have been made of the places */
	struct profile profile;
};

extern struct builtin builtins[];
extern const size_t nbuiltins;
extern struct vocabulary_key builtin_keys[];
extern const size_t nbuiltin_keys;

/* The pools. Every text stands once; of the others each part has one owner. */
extern const char builtin_texts[];	/* none begins at 0: that is NULL */
extern const char *builtin_lists[];	/* of texts: what vectors expect; units, up to a NULL */
extern const uint16_t builtin_words[];
extern struct point builtin_points[];
extern struct choice builtin_choices[];
extern struct bit builtin_bits[];
extern const struct none builtin_nones[];
extern struct group builtin_groups[];
extern struct identify builtin_rules[];
extern struct vector builtin_vectors[];

#endif
