/*
 * field.h - the fields of a profile: one table that the reader of the YAML file,
 * the overlays, the compiled-in tables and `profile show` all go by.
 *
 * To add a field: a member of struct profile or struct point (or a flag of
 * POINT_...) with its meaning, a row in field.c, a paragraph in
 * meterctl-profile(5). What it means together with others stands where they meet: a rule
 * in spec_complete(), a line of `profile show KEY` that is no flag in profile_point().
 */
#ifndef METERCTL_PROFILE_FIELD_H
#define METERCTL_PROFILE_FIELD_H

#include "profile.h"
#include "value.h"

/* Where a field may stand in the file. A group gives it to all its points. */
enum field_where {
	FIELD_PROFILE = 1,
	FIELD_GROUP = 2,
	FIELD_POINT = 4
};

/* What it is: how it is read, kept and shown. */
enum field_kind {
	FIELD_TEXT,		/* const char *, never NULL */
	FIELD_KEY,		/* the same, and a valid key */
	FIELD_WORD,		/* an enum, by its name in `words` */
	FIELD_WHOLE,		/* an integer from `least` to `most` */
	FIELD_REAL,		/* double */
	FIELD_BOOL,		/* yes or no */
	FIELD_FLAG,		/* `flag` of a point: yes or no, or the second of two `words` */
	FIELD_ACCESS,		/* the same, and shown by its word */
	FIELD_DOUBT,		/* a text, and `flag` along with it */
	FIELD_NUMBERS,		/* struct numbers: a list of `words`, or of integers */
	FIELD_MS,		/* a time, "100 ms" or "2 s", kept in ms, from `least` to `most` */
	FIELD_LIST,		/* from `least` to `most` of `words`, or keys; kept as a text with blanks between */
	FIELD_CODE,		/* struct code: a word or a list of them, or one of `words` */
	FIELD_RULES,		/* struct identify_list */
	FIELD_NONE,		/* list of codes; of a profile, {TYPE: list} */
	FIELD_CHOICES,		/* list of "CODE=NAME" */
	FIELD_BITS,		/* list of "POSITION=NAME KEY" */
	FIELD_ARRAY,		/* {from: N, count: N} */
	FIELD_REPEAT,		/* {count: N, stride: N} */
	FIELD_INSTANCES,	/* not kept: how often a repeated point stands there */
	FIELD_STRIDE,		/* ... and how far apart */
	FIELD_PARTS		/* what the file is made of: profile_load.c takes it apart */
};

/* The columns of `profile show` as CSV: what a point is, what is known about it, and
 * the long text last. */
enum field_column { COLUMN_NONE, COLUMN_IS, COLUMN_KNOWN, COLUMN_LAST, COLUMN_COUNT };

struct field {
	const char *name;	/* in the file, "read.most" for {most: } in read: {};
				   NULL: it is not written there */
	unsigned where;		/* enum field_where; of a row that is not written: whose it is */
	enum field_kind kind;
	const char *member;	/* of struct profile or struct point; NULL: none */
	size_t offset, size;
	unsigned flag;		/* enum point_flags */
	const char *const *words;
	unsigned nwords;
	long least, most;
	const char *shown;	/* name in JSON; NULL: it is not there */
	enum field_column column;
	const char *head;	/* of that column; NULL: the name in JSON */
	bool (*has)(const struct point *);	/* else there is none to show; NULL: always */
	const char *label, *text;	/* of a flag that is set, in `profile show KEY` */
};

#define FIELDS_MAX 128
extern const struct field fields[];
extern const size_t nfields;

/* The row of NAME that may stand in WHERE, or NULL. */
const struct field *field_find(unsigned where, const char *name);
/* Are there rows "NAME.something"? Then NAME is a mapping of them. */
bool field_is_parent(unsigned where, const char *name);
/* The name that WORD was perhaps meant to be, or NULL. */
const char *field_nearest(unsigned where, const char *word);

/* FIELD_TEXT, FIELD_KEY or FIELD_LIST, with a member to hold it. */
bool field_is_text(const struct field *f);
/* What a row's member holds in IN, a struct profile or struct point. Those that are a
 * text; FIELD_REAL; all others that are a number, a flag 0 or 1. */
const char *field_text(const struct field *f, const void *in);
void field_set_text(const struct field *f, void *in, const char *text);
double field_real(const struct field *f, const void *in);
long field_long(const struct field *f, const void *in);
void field_set_long(const struct field *f, void *in, long v);
/* From one to another. */
void field_copy(const struct field *f, void *to, const void *from);

#endif
