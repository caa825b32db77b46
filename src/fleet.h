/*
 * fleet.h - every meter a broker shows, one row each: who it is, when it was last
 * heard, its rhythm and what matters of its readings. Made for 10,000 meters: a row
 * is small, finding one by serial is a hash look-up.
 */
#ifndef METERCTL_FLEET_H
#define METERCTL_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialect.h"
#include "profile.h"
#include "rhythm.h"

/* NAN: not known. */
struct fleet_values {
	float u, i, p, pf;	/* mean phase voltage V and current A, total kW, total PF */
	float signal;		/* in the dialect's unit, see signal_percent */
	bool signal_percent;	/* percent; else dBm */
	uint16_t alarms;	/* alarm bits or messages seen; 0: none */
};

struct fleet_row {
	char sn[32], model[24];
	char product[32];	/* topic level, for entering and for answers */
	const struct dialect *dialect;
	struct rhythm rhythm;
	struct fleet_values values;
	unsigned dropped;	/* values and messages that were no good */
	bool offline;		/* the gateway or a last will says so */
	bool logged_in;		/* a login has been seen */
};

struct fleet {
	struct fleet_row *rows;	/* in order of first appearance */
	size_t n, room;
	uint32_t *slots;	/* hash: row + 1, 0 empty */
	size_t nslots;
	const struct profile *profile;
	unsigned long messages, refused;	/* refused: no dialect understood them */
	char why[ERR_TEXT];		/* the last of those */
};

void fleet_init(struct fleet *f, const struct profile *profile);
void fleet_release(struct fleet *f);

/* Takes UP; makes the row when it is new. The row's index, or -1 (ERR_NO) without
 * memory, or for an upload without a serial. UP->dropped is counted. */
long fleet_take(struct fleet *f, struct upload *up, int64_t mono_us, int64_t wall_us,
		bool retained, bool dup, struct err *e);
/* A message nobody understood. */
void fleet_refused(struct fleet *f, const struct err *why);
/* The row of SN, or NULL. */
struct fleet_row *fleet_find(const struct fleet *f, const char *sn);

enum fleet_order {
	FLEET_BY_SN, FLEET_BY_MODEL, FLEET_BY_DIALECT, FLEET_BY_LAST, FLEET_BY_RHYTHM,
	FLEET_BY_SIGNAL, FLEET_BY_U, FLEET_BY_I, FLEET_BY_P, FLEET_BY_PF, FLEET_BY_ALARMS,
	FLEET_ORDERS
};
extern const char *const fleet_order_names[FLEET_ORDERS];

/* Sorts the N row indices in IDX; what is not known comes last either way. Equal
 * rows stay in order of their serial. */
void fleet_sort(const struct fleet *f, uint32_t *idx, size_t n, enum fleet_order by,
		bool descending, int64_t now_us);
/* Does the row hold WORD (serial, model, dialect, case aside)? */
bool fleet_matches(const struct fleet_row *r, const char *word);

#endif
