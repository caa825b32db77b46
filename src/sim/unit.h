/*
 * unit.h - one simulated meter inside: its registers are the profile's, and
 * what they show is the model's. The outside is in sim.h.
 */
#ifndef METERCTL_SIM_UNIT_H
#define METERCTL_SIM_UNIT_H

#include "profile/value.h"
#include "bind.h"
#include "model.h"
#include "sim.h"

/* One listed point. */
struct slot {
	const struct point *point;
	struct bind bind;
	bool held;		/* the words are what was written, not the model's */
	unsigned revision;	/* of the model, when the words were made */
	uint16_t words[VALUE_WORDS];
	bool uncommitted;	/* PENDING has been written, and the commit has not */
	uint16_t pending[VALUE_WORDS];
	struct slot *scaler;	/* of the point whose value makes a number of its words; NULL */
};

struct reg {
	uint16_t addr;
	uint16_t slot;
	uint16_t word;
};

struct registers {
	struct reg *list;	/* by address, each once */
	size_t n;
};

#define KIND_PARTS 4		/* of a rule that tells a model */

struct sim_meter {
	const struct profile *profile;
	struct scenario scenario;
	struct model model;
	unsigned revision;	/* grows when anything readable has changed */
	struct slot *slots;
	size_t nslots;
	struct registers spaces[2];	/* by enum space */
	struct point tells[KIND_PARTS];	/* the registers that tell its model, when no other ones do */
	bool unlocked;		/* by the password of the profile */

	/* the link as it is in force; see unit_adopt_link() */
	int address;
	int baud;
	int usual_baud;		/* what comm.baud said at first: stands for the pace */
	int bits;		/* of a character: start, data, parity, stop */

	/* what write-lost and mute-after-write need to know; ns as in line.h */
	bool write_seen;
	int64_t deaf_until;
};

/* As sim_meter_new(), the INDEX-th of several: address and seed follow. Without a
 * start in the scenario it begins at START. */
struct sim_meter *unit_new(const struct profile *p, const char *scenario,
			   int index, double start, struct err *e);

/* Puts address, speed and frame in force as they have been written. */
void unit_adopt_link(struct sim_meter *m);

/* Answers a request PDU (function code first) of N bytes in PDU, room for 253.
 * Returns the length of the reply. *WRITTEN (may be NULL): it was a write, and
 * done. */
size_t unit_answer(struct sim_meter *m, const uint8_t *request, size_t n,
		   uint8_t *pdu, bool *written);

/* Gives every held slot its default, the model's settings with it. */
void settings_default(struct sim_meter *m);
/* Do the words, as they came, mean something S may be set to? */
bool settings_valid(const struct slot *s, const uint16_t *words);
/* The words of S are to be followed. */
void settings_follow(struct sim_meter *m, const struct slot *s);
struct slot *unit_slot(struct sim_meter *m, const char *key);
/* The point of S as its scaler makes it now: what codec.h takes. */
struct point unit_point(const struct slot *s);
/* What S shows of the model, as a value of P: its point, or another scale of that. */
void unit_value(struct sim_meter *m, const struct slot *s, const struct point *p, struct value *v);
/* One register; false: there is none. */
bool unit_register(struct sim_meter *m, enum space space, uint16_t addr, uint16_t *out);
/* Sorts the registers of the slots. -1: out of memory. */
int unit_make_registers(struct sim_meter *m, enum space space);

/* The phases of S are those that P has points for: three, one, or direct current. */
void kind_adopt(const struct profile *p, struct scenario *s);
/* Scalers of which nothing else is known: exponents leave the present values their digits, factors are 1. */
void kind_scale(struct sim_meter *m);
/* The registers that rules look at are what they look for, whether they are of a point or not. -1:
 * out of memory. */
int kind_tell(struct sim_meter *m);

/* Settings, energies and history in a file, written whole or not at all. A file
 * that is not there leaves the meter new. */
int state_load(struct sim_meter *m, const char *path, struct err *e);
int state_save(struct sim_meter *m, const char *path, struct err *e);

#endif
