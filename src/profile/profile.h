/*
 * profile.h - a meter model as data.
 *
 * A profile is written in YAML (meterctl-profile(5)). Those that ship are
 * compiled into tables at build time (builtin.h) by the parser that reads a
 * user's own file at run time, so both mean the same and starting costs
 * nothing. Everything reachable from a struct profile is constant until
 * profile_free().
 */
#ifndef METERCTL_PROFILE_PROFILE_H
#define METERCTL_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* How the registers of a point are read; see codec.h for the rules. */
enum point_type {
	TYPE_U16,
	TYPE_I16,
	TYPE_U32,	/* two words, in the order of the point (ADW300 ambiguity B1) */
	TYPE_I32,
	TYPE_U64,	/* four words */
	TYPE_I64,
	TYPE_BCD,	/* one to four words, four decimal digits each */
	TYPE_F32,	/* IEEE 754 */
	TYPE_F64,
	TYPE_BITS,	/* a word of named bits */
	TYPE_BIT,	/* one bit of such a word; made from `bits`, never written in YAML */
	TYPE_CLOCK,	/* date and time, bytes in the layout of the point */
	TYPE_STAMP,	/* the same without year and second */
	TYPE_FRAME,	/* 1 word: parity, stop bits ("8N1") */
	TYPE_FREEZE,	/* 1 word: hour, day of month */
	TYPE_DAYTABLE,	/* slots of the point: a rate and when it begins */
	TYPE_ZONES,	/* 6 words: 4 zones of day table, day, month */
	TYPE_HEX,	/* any words, shown as they stand */
	TYPE_STRING,	/* two characters a word, or one, in the order of the point */
	TYPE_IPV4,	/* two words: 10.1.2.3 */
	TYPE_COUNT
};
#define TYPE_LAST_NUMBER TYPE_F64	/* up to here a point is a number */

/*
 * How the bytes of a value of two or four words stand in them, named as a technician writes
 * it: A is the highest byte. Of a string only the bytes of each word turn; all else stands as
 * its type says.
 */
enum byte_order {
	ORDER_ABCD,
	ORDER_CDAB,	/* low word first */
	ORDER_BADC,	/* the bytes of each word turned round */
	ORDER_DCBA	/* both */
};

/* A number may be a part of its word: one byte, or by a mask any bits side by side. */
enum word_part {
	PART_BOTH,
	PART_HIGH,
	PART_LOW
};

/* What fills up a string that is shorter than its registers. */
enum pad {
	PAD_ZERO,
	PAD_BLANK
};

enum space {
	SPACE_HOLDING,	/* read by function 03, written by 10H or 06 */
	SPACE_INPUT	/* read by function 04 */
};

/* Where the knowledge about a point comes from. */
enum provenance {
	FROM_MANUAL,		/* printed in the vendor's manual */
	FROM_PUBLIC,		/* seen in public code, captures or sibling manuals */
	FROM_LEARNED,		/* seen on a meter of the user's own, when another tool set it */
	FROM_PROVISIONAL,	/* our own placeholder until the vendor's map is known */
	FROM_COUNT
};

enum ratio {
	RATIO_NONE = 0,
	RATIO_PT = 1,		/* primary value = value x PT */
	RATIO_CT = 2,		/* primary value = value x CT */
	RATIO_PTCT = 3
};

/* On which side of the transformers a value with such a ratio is. */
enum value_side {
	SIDE_UNKNOWN,	/* nobody says: taken for secondary, which the program tells */
	SIDE_PRIMARY,	/* it is the primary value already */
	SIDE_SECONDARY
};

enum point_flags {
	POINT_WRITABLE = 1,
	POINT_AMBIGUOUS = 2,	/* the source can be read two ways; note says how */
	POINT_RESERVED = 4,	/* never written */
	POINT_DERIVED = 8,	/* a bit of another point: not listed by itself */
	POINT_REPEAT = 16,	/* instance 1.. of a repeated block: not listed */
	POINT_MAIN = 32,	/* part of the main map: what `read '*'` reads */
	POINT_SECRET = 64,	/* never shown in clear */
	POINT_DROPS_LINK = 128,	/* writing it changes the link used for writing */
	POINT_SWITCHES = 256,	/* writing it may switch a breaker */
	POINT_PART = 512,	/* not written by itself: a whole point holds it */
	POINT_HARMFUL = 1024,	/* ambiguous, and a misreading would do harm: written
				   only as a provisional point is */
	POINT_FRACTION = 2048,	/* may be given as "200/5" */
	POINT_OWN_DIGITS = 4096,	/* a float of which nobody said how many decimals it has: text
				   leaves out zeros at the end */
	POINT_UNLOCK = 8192,	/* written behind profile.unlock_password */
	POINT_COMMIT = 16384	/* ... and before profile.commit_value */
};

/* When a setting that was written acts. */
enum effect {
	EFFECT_NOW,
	EFFECT_RESTART,		/* once the meter has been restarted */
	EFFECT_REOPEN		/* once a connection to it is opened again */
};

/* What the wiring check and the proof of an uplink may use a point for. */
enum point_role {
	POINT_ROLE_NONE,
	POINT_ROLE_ABSOLUTE,	/* with `role_code` powers have no sign: a reversed CT looks right */
	POINT_ROLE_VERDICT,	/* what the meter itself finds wrong; nothing: no bit, or `role_code` */
	POINT_ROLE_INVERT,	/* with `role_code` it turns all currents round */
	POINT_ROLE_INVERT_A,	/* ... or that of one input */
	POINT_ROLE_INVERT_B,
	POINT_ROLE_INVERT_C,
	POINT_ROLE_MAP_A,	/* which phase an input is taken for: names end in 1 2 3 or a b c, a */
	POINT_ROLE_MAP_B,	/* current that is turned round begins with '-' */
	POINT_ROLE_MAP_C,
	POINT_ROLE_UPLINK,	/* with `role_code` the meter has its broker */
	POINT_ROLES
};

/* What stands in the place of a secret wherever it is shown or kept. */
#define POINT_HIDDEN "********"

struct choice {
	long code;
	const char *name;
};

struct bit {
	uint8_t pos;
	const char *name;	/* "undervoltage" */
	const char *key;	/* "alarm1.enable.undervoltage", "di.1" */
};

/* A code that stands for "no such value": the number that the registers hold, as the type
 * says, not scaled; BITS as they stand in the order ABCD. */
struct none {
	uint64_t bits;
	double num;		/* TYPE_BCD and floats are compared by this one */
};

struct point {
	const char *key;	/* voltage.a */
	const char *name;	/* Voltage phase A */
	const char *group;	/* voltage */
	const char *unit;	/* V; "" when there is none */
	const char *note;	/* what a reader should know; "" */
	const char *section;	/* manual section; "" */
	const char *source;	/* where it is known from, when that is no manual; "" */
	const char *exponent;	/* key of the point N: value = raw x 10^N x scale; "" */
	const char *factor;	/* ... or of N itself: value = raw x N x scale; "" */
	/* Lists of words, each separated by a blank; "": as the type has it. */
	const char *layout;	/* TYPE_CLOCK, TYPE_STAMP: what each byte is */
	const char *slot;	/* TYPE_DAYTABLE: the bytes of a slot */
	const char *rates;	/* ... the names of its rates 1, 2 ... */
	enum point_type type;
	enum space space;
	enum provenance from;
	enum ratio ratio;
	enum value_side side;
	unsigned flags;		/* enum point_flags */
	uint16_t addr;		/* zero-based: the number on the wire */
	uint16_t words;
	uint8_t bit;		/* TYPE_BIT: which */
	enum word_part byte;	/* how the file says MASK */
	uint16_t mask;		/* the bits of its word that are its number; 0: all of them */
	uint8_t decimals;	/* shown after the point */
	uint8_t instance;	/* of a repeated block, 0 the first */
	uint8_t slots;		/* TYPE_DAYTABLE: how many; 0: 14 */
	uint8_t chars;		/* TYPE_STRING: a word, 1 (in the low byte) or 2 */
	enum pad pad;		/* TYPE_STRING */
	enum byte_order order;
	enum effect effect;	/* of a setting */
	enum point_role role;	/* no two points of a profile have the same */
	long role_code;		/* raw: with which it does what its role says */
	double scale;		/* value = raw x scale + offset; not 0 */
	double offset;
	double min, max;	/* of the value; min > max: no range known */
	long negative_above;	/* unsigned raw above this is signed; 0: never */
	const struct choice *choices;
	size_t nchoices;
	const struct bit *bits;
	size_t nbits;
	const struct none *none;
	size_t nnone;
	unsigned line, column;	/* of the key in the file it was read from, for messages;
				   0: built in, or of the profile that is extended */
};

struct group {
	const char *name;
	const char *title;
};

/* Registers in, values out: the profile proves itself. */
struct vector {
	uint16_t addr;
	enum space space;
	const uint16_t *regs;
	size_t nregs;
	const char *const *expect;	/* "voltage.a=230.5" */
	size_t nexpect;
	int line;			/* in the YAML file, for messages */
};

/* A short list of numbers: those themselves, or the places of their words. */
#define NUMBERS_MAX 8
struct numbers {
	uint8_t n;
	uint8_t v[NUMBERS_MAX];
};

/* A few words that are written, or compared, as they stand. */
#define CODE_MAX 4
#define CODE_ASKED UINT8_MAX
struct code {
	uint8_t n;		/* 0: none; CODE_ASKED: a person gives them */
	uint16_t v[CODE_MAX];
};

/* A model is told by one value, or by several at once; each is read alone. See identify.h. */
struct identify {
	const char *model;	/* "SDM630" */
	const char *const *want;	/* NWANT texts: one of them it must be */
	size_t nwant;
	bool glob;		/* they are patterns of fnmatch() */
	enum space space;
	enum point_type type;
	enum byte_order order;
	uint16_t addr, words;
	uint8_t function;	/* 0: registers; IDENTIFY_REPORT or IDENTIFY_DEVICE */
	uint8_t object;		/* of IDENTIFY_DEVICE */
	bool more;		/* the next of the list belongs to the same rule: it must match as well */
};

/* Modbus Application Protocol V1.1b3: 6.13, report server ID; 6.21, read device
 * identification. */
enum { IDENTIFY_REPORT = 17, IDENTIFY_DEVICE = 43 };

struct identify_list {
	const struct identify *list;	/* in the order in which they are tried */
	size_t n;
};

/* Modbus Application Protocol V1.1b3, 6.12 and 6.6: by 10H any number of registers, by
 * 06 one. */
enum write_function {
	WRITE_BY_ANY,	/* by 10H; by 06 when the meter refuses 10H as unknown */
	WRITE_BY_06,
	WRITE_BY_10H
};

/* Which reads a meter takes that hold a value of several words. */
enum read_align {
	ALIGN_ANY,
	ALIGN_EVEN	/* from an even address on, an even number of words */
};

#define COMMIT_WITHIN_MS 5000

struct profile {
	const char *name;	/* adw300 */
	const char *title;
	const char *source;	/* where its facts come from */
	const char *origin;	/* "built in", or the user's file */
	const struct point *points;
	size_t npoints;
	const uint16_t *by_key;	/* indices of points, sorted by key */
	const struct group *groups;
	size_t ngroups;
	const uint16_t *live;	/* indices: the live page */
	size_t nlive;
	const struct vector *vectors;
	size_t nvectors;
	enum byte_order order;	/* of points that say nothing else */
	enum value_side side;		/* likewise */
	/* The keys of the points that are its ratios, each or the primary and the secondary side
	 * separated by a blank; "": ratio.ct and ratio.pt. */
	const char *ratio_ct, *ratio_pt;
	uint16_t read_most;	/* words in one read, at most 125 */
	uint16_t write_most;	/* at most 123; by function 06 1 */
	enum write_function write_function;
	enum read_align read_align;
	const char *read_alone;	/* keys of points that no read has along with others; "" */
	bool read_holes;	/* registers no point names may be read through */
	/* What it is set to when it leaves the factory, the likely first; empty: not known. */
	struct numbers line_baud;	/* places in baud_names */
	struct numbers line_frame;	/* ... in frame_names */
	struct numbers line_unit;
	uint16_t line_pause_ms;	/* silence it wants before a request; 0: none is known */
	uint16_t line_answer_ms;	/* that a reply may take to begin; 0: not known */
	struct identify_list identify;
	/* Holding registers, written before settings with POINT_UNLOCK, and once behind all with
	 * POINT_COMMIT. */
	struct code unlock_password, unlock_check, unlock_lock, commit_value, commit_done;
	uint16_t unlock_at, unlock_check_at, unlock_lock_at, commit_at, commit_done_at;
	enum point_type unlock_type;	/* of a password that is asked for: a number */
	unsigned unlock_holds_ms;	/* the meter stays unlocked for; 0: not known */
	unsigned commit_within_ms;	/* ... of the commit the done is read; 0: COMMIT_WITHIN_MS */
	/* Where its registers begin is found in the meter; see base.h. */
	const char *base_find;	/* the mark; "": its points have addresses */
	struct code base_at;	/* where it may stand */
	struct code base_model;	/* the models it is about */
	const struct profile *based;	/* what it was before it was found; NULL: it was not */
	void *own;		/* what profile_free() gives back; NULL: built in */
};

/* The built-in profile of that name, a user's profile of that name, or the file
 * NAME when it holds a '/' or ends in .yaml. A user's file wins over a built-in
 * of the same name. NULL and E on failure; free with profile_free(). */
const struct profile *profile_open(const char *name, struct err *e);
void profile_free(const struct profile *p);

/* The built-in ones, from 0, for `profile list`; NULL after the last. From any thread. */
const struct profile *profile_builtin(size_t i);
const struct profile *profile_builtin_named(const char *name);

/* Is NAME no profile, but says that the meter is to be identified: `auto`? profile_open() refuses it. */
bool profile_is_auto(const char *name);
/* Does profile_open() take NAME for a file? */
bool profile_is_file(const char *name);
/* Is there a user's own profile of that name: a file NAME.yaml in
 * $XDG_CONFIG_HOME/meterctl/profiles? */
bool profile_is_own(const char *name);
/* Calls EACH for the names of those, in order. */
void profile_each_own(void (*each)(const char *name, void *arg), void *arg);

/* Index of the point with that key, or -1. Bits and repeats included. */
int profile_find(const struct profile *p, const char *key);
/* ... with that role, or -1. */
int profile_role(const struct profile *p, enum point_role role);
/* The index of the point whose value, read along with P, makes a number of its registers
 * (exponent, factor); -1: none does. */
int profile_scaler(const struct profile *p, const struct point *point);
/* The indices of the points that are its ratio WHICH, RATIO_PT or RATIO_CT: of[0] over of[1]. -1:
 * there is none, and of the second of[0] is the ratio itself. */
struct ratio_points {
	int of[2];
};
struct ratio_points profile_ratio(const struct profile *p, enum ratio which);
/* Does no read have P along with others? */
bool profile_alone(const struct profile *p, const struct point *point);
/* Is there a point with a ratio of which nobody says on which side it is? */
bool profile_side_assumed(const struct profile *p);
/* May its registers go in several writes? Numbers and texts may: of what is half written the meter
 * makes another one for a moment, where a clock would run on and a calendar would act. */
bool profile_divides(const struct point *p);
/* The registers of its unlock, a secret; 0: it has none. */
unsigned profile_unlock_words(const struct profile *p);
/* The point that holds the register, or NULL; neither a bit nor a part of another. */
const struct point *profile_at(const struct profile *p, enum space space, long addr);
const struct group *profile_group(const struct profile *p, const char *name);

/*
 * What a person may name: a key, a group (or its parent: "energy" takes
 * energy.tou along), the beginning of keys ("power.active"), or a glob. "*" and
 * globs that begin with a wildcard stay in the main map. Appends indices to SEL,
 * each once, in address order within one word; selection_release() frees it.
 * ERR_USAGE, with the nearest key, when nothing matches.
 */
struct selection {
	uint16_t *idx;
	size_t n;
};
int profile_select(const struct profile *p, const char *word,
		   struct selection *sel, struct err *e);
int profile_select_live(const struct profile *p, struct selection *sel, struct err *e);
void selection_release(struct selection *sel);

/* Names of the enums, as in YAML and `profile show`; indexed by them. */
extern const char *const point_type_names[TYPE_COUNT];
extern const char *const space_names[2];
extern const char *const byte_order_names[4];
extern const char *const pad_names[2];
extern const char *const read_align_names[2];
extern const char *const word_part_names[3];
extern const char *const write_function_names[3];
extern const char *const effect_names[3];
extern const char *const role_names[POINT_ROLES];
extern const char *const provenance_names[FROM_COUNT];
extern const char *const ratio_names[4];
extern const char *const side_names[3];
#define NBAUDS 8
#define NFRAMES 4
extern const char *const baud_names[NBAUDS];
extern const char *const frame_names[NFRAMES];

#endif
