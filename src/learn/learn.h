/*
 * learn.h - which registers another tool has set, found in the frames of a line by the values
 * that were typed there. Pure: frames and values are the caller's.
 *
 * A value is looked for in every form a meter may keep it in (form.h), in what was written,
 * in what was read, and in bytes of which nobody knows what they are. A place is claimed only
 * when no other one is left that the value may have gone to, and a form only as far as all
 * forms that are left agree. More values of one key, in one run or several, leave fewer places.
 */
#ifndef METERCTL_LEARN_LEARN_H
#define METERCTL_LEARN_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "form.h"
#include "modbus/splitter.h"

#define LEARN_WANTS 32
#define LEARN_VALUES 8		/* of one key */
#define LEARN_PLACES 256	/* of one key; more are no evidence */
#define LEARN_WRITES 4096
#define LEARN_ROW 256
#define LEARN_TEXT 200

/* Where a value may be kept. */
struct learn_place {
	struct form form;		/* of the first value that was seen there */
	enum space space;
	uint16_t addr;
	uint16_t words;			/* from ADDR that are known to belong to it, or to pad it */
	unsigned sent, done, refused;	/* bit I: value I was written there; acknowledged; rejected */
	unsigned read, changed;		/* ... was read there; behind other content */
	bool other_now;			/* the latest read there is none of the values */
	bool read_before;		/* ... and there was a read of something else */
	bool exact;			/* every write that had it here had nothing else */
	bool text_before, text_behind;	/* the register beside it holds characters, perhaps of the same text */
	uint8_t unit, function;		/* that wrote it last */
	bool joined;			/* by more than one write */
	unsigned writes, reads;		/* frames */
	int64_t first_us, last_us;
};

struct learn_want {
	char key[64];
	struct form_value values[LEARN_VALUES];
	size_t nvalues;
	bool seconds;			/* it is a time in s: may be kept in min */
	double most;			/* it is never more than this; 0: not known */
	bool secret;
	struct learn_place *places;	/* LEARN_PLACES */
	size_t nplaces, nread;		/* NREAD: of them were only read */
	bool overflow, read_overflow;	/* there were more */
	unsigned loose;			/* bit I: value I stands in a frame of another function */
	unsigned damaged;		/* ... in bytes of no frame */
	uint8_t loose_function;
};

/* A register as it was read last. */
struct learn_register {
	uint16_t word;
	uint8_t unit;
	bool known;
};

/* Any write of registers, for what goes before and after. */
struct learn_write {
	uint8_t unit, function;
	uint16_t addr, n;
	uint16_t regs[CODE_MAX];	/* the first of them */
	bool done, refused;
	bool kept;			/* was read later as it was written: a setting */
	bool secret;
};

struct learn {
	struct learn_want wants[LEARN_WANTS];
	size_t nwants;
	struct learn_write *writes;	/* LEARN_WRITES */
	size_t nwrites;
	struct learn_register *registers[2];	/* 65536 of each space */
	unsigned long frames, other_functions, garbage;	/* cuts; requests that write no registers, and none a read */
	/* acknowledged writes in a row, each at the register behind the one before */
	uint16_t row[LEARN_ROW];
	uint16_t row_addr, row_n;
	uint8_t row_unit;
	/* the write whose reply is due */
	bool due, due_secret;
	uint8_t due_unit, due_function;
	uint16_t due_addr, due_n, due_regs[128];
	struct learn_write *due_write;	/* NULL: there were too many to keep it */
	int64_t at_us;			/* of the frame under way */
};

int learn_init(struct learn *l, struct err *e);
void learn_release(struct learn *l);

/* One more VALUE of KEY that was, or will be, typed into the tool. SECONDS and MOST as in
 * struct learn_want. Before any frame. ERR_USAGE: too many, too long, empty. */
int learn_want(struct learn *l, const char *key, const char *value, bool seconds, double most, bool secret, struct err *e);

/* The next frame of the line. True: it carries a secret value, and is not to be shown. */
bool learn_take(struct learn *l, const struct cut *c);

enum learn_state {
	LEARN_UNSEEN,		/* nowhere */
	LEARN_SEVERAL,		/* more than one place, or form */
	LEARN_UNPROVEN,		/* nothing but reads, or no acknowledgement */
	LEARN_BEYOND,		/* only in frames of functions that do not write registers */
	LEARN_FOUND
};
extern const char *const learn_state_names[LEARN_FOUND + 1];

struct learn_found {
	enum learn_state state;
	struct learn_place place;	/* of LEARN_FOUND */
	size_t places;			/* how many are left */
	double limit;			/* LEARN_FOUND: nothing is known of greater values; 0: of all */
	bool reads_only;		/* LEARN_FOUND: it changed, how it is written was not seen */
	char why[LEARN_TEXT];		/* in words, for all but LEARN_FOUND and where there is a limit */
	char second[LEARN_TEXT];	/* the value to type in a second run; "": none helps */
};

void learn_find(const struct learn *l, size_t want, struct learn_found *out);
/* Is every value found? */
bool learn_complete(const struct learn *l);

/* What is written before and after the settings. */
struct learn_around {
	const struct learn_write *unlock, *commit, *lock;	/* NULL: none was seen */
};

/* From the writes before the first and behind the last of those FOUND, NWANTS of them. */
void learn_around(const struct learn *l, const struct learn_found *found, struct learn_around *out);

#endif
