/*
 * fleet.h - every meter a broker shows, one row each: who it is, when it was last
 * heard, its rhythm and what matters of its readings. Made for 10,000 meters: a row
 * is small, finding one by serial is a hash look-up.
 */
#ifndef METERCTL_MQTT_FLEET_H
#define METERCTL_MQTT_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqtt/dialects/dialect.h"
#include "profile/profile.h"
#include "link/rhythm.h"

/* Whoever may publish can invent serial numbers: so many rows and no more. */
#define FLEET_MAX 100000
#define FLEET_ALARM_WORDS 3	/* alarm1.status .. alarm3.status */

/* NAN: not known. */
struct fleet_values {
	float u, i, p, pf;	/* mean phase voltage V, mean current A, total kW, total PF */
	float u_low;		/* lowest phase voltage V */
	char u_phase;		/* whose voltage that is: 'A' to 'C' */
	bool u_lost;		/* it is less than half of the highest */
	float signal;		/* in the dialect's unit, see signal_percent */
	bool signal_percent;	/* percent; else dBm */
	uint16_t alarms;	/* alarm bits set and alarm messages seen; 0: none */
};

struct fleet_row {
	char sn[MQTT_NAME], product[MQTT_NAME];	/* product: topic level, for entering and
						   for answers */
	char model[24];
	const struct dialect *dialect;
	struct rhythm rhythm;
	int64_t heard_us, heard_wall_us;	/* the last message of any kind; 0: what the
						   broker kept is all there is */
	struct fleet_values values;
	uint16_t alarm_messages;
	uint8_t alarm_bits[FLEET_ALARM_WORDS];
	uint16_t drops[REASONS_MAX + 1];	/* values that were no good: how many for each reason in
						   the fleet's list, and for any other */
	bool offline;		/* the gateway or a last will says so */
	bool logged_in;		/* a login has been seen */
	bool fresh;		/* the last upload taken is neither sent again, nor overtaken,
				   nor kept by the broker */
	bool changed;		/* the owner's: told of it already (fleet_source.h) */
};


/* What the items of a dialect are to a row: an enum of fleet.c, by item. */
struct fleet_parts {
	const struct dialect *dialect;	/* NULL: free */
	uint8_t *part;
};

struct fleet {
	struct fleet_row *rows;	/* in order of first appearance */
	size_t n, room;
	uint32_t *slots;	/* hash: row + 1, 0 empty */
	size_t nslots;
	const struct profile *profile;
	struct fleet_parts parts[DIALECTS + MAPPINGS_MAX];
	char product[MQTT_NAME];	/* device type that a person has named; "" */
	unsigned long messages;
	struct reasons refusals;	/* messages that are no meter's, by what no dialect understood */
	struct reasons drops;		/* values of meters that were no good */
};

void fleet_init(struct fleet *f, const struct profile *profile);
void fleet_release(struct fleet *f);

/* Takes UP; makes the row when it is new. The row's index; or -1 and E: ERR_NO
 * without memory, ERR_FOREIGN for an upload without a serial, from the platform, or
 * of one meter more than FLEET_MAX (for fleet_refused()). UP is judged, and its drops are
 * counted. */
long fleet_take(struct fleet *f, struct upload *up, int64_t mono_us, int64_t wall_us,
		bool retained, bool dup, struct err *e);
/* A message nobody understood; WHERE: its topic, "" of none. */
void fleet_refused(struct fleet *f, const struct err *why, const char *where);
/* What was dropped of R: its own share of the fleet's reasons. */
void fleet_drops(const struct fleet *f, const struct fleet_row *r, struct reasons *out);
/* The last will of SN shows, or (OFFLINE false) is taken back. The row's index, or
 * -1 and E. */
long fleet_will(struct fleet *f, const char *sn, bool offline, struct err *e);
/* Puts ROW, as a fleet elsewhere has it, in the place of that with its serial, or
 * behind all. Its index, or -1 (ERR_NO). */
long fleet_copy_row(struct fleet *f, const struct fleet_row *row, struct err *e);
/* Nobody has listened until NOW_US: no upload was missed. */
void fleet_resume(struct fleet *f, int64_t now_us);
/* The row of SN, or NULL. */
struct fleet_row *fleet_find(const struct fleet *f, const char *sn);

/* The worst that is known of a meter; what is worse comes later. */
enum fleet_state {
	FLEET_ON_AIR,
	FLEET_KEPT,		/* nothing has come yet but what the broker kept */
	FLEET_ALARMS,
	FLEET_VOLTAGE,		/* a phase has lost its voltage */
	FLEET_OVERDUE,
	FLEET_OFFLINE,		/* the gateway or a last will says so */
	FLEET_STATES
};
enum fleet_state fleet_state(const struct fleet_row *r, int64_t now_us);
/* In a word or two: "on air", "3 overdue", "no U B". Returns BUF. */
const char *fleet_state_text(const struct fleet_row *r, int64_t now_us, char *buf, size_t size);
/* Seconds until the next upload is to come, below 0: it should have come; NAN: not known. */
double fleet_next_s(const struct fleet_row *r, int64_t now_us);

enum fleet_order {
	FLEET_BY_SN, FLEET_BY_STATE, FLEET_BY_MODEL, FLEET_BY_DIALECT, FLEET_BY_LAST, FLEET_BY_NEXT, FLEET_BY_RHYTHM,
	FLEET_BY_SIGNAL, FLEET_BY_U, FLEET_BY_I, FLEET_BY_P, FLEET_BY_PF, FLEET_BY_ALARMS,
	FLEET_ORDERS
};
extern const char *const fleet_order_names[FLEET_ORDERS];

/* Sorts the N row indices in IDX; what is not known comes last either way. Equal
 * rows stay in order of their serial. By STATE: the worst last, of those overdue the one that
 * misses most. By LAST: the one heard just now first; by
 * SIGNAL: the weakest first, percent behind dBm, which they cannot be compared with. */
void fleet_sort(const struct fleet *f, uint32_t *idx, size_t n, enum fleet_order by,
		bool descending, int64_t now_us);
/* Does the row hold WORD (serial, model, dialect, the text of its state, case aside)? */
bool fleet_matches(const struct fleet_row *r, const char *word, int64_t now_us);

/* Nothing has come yet but what the broker kept, or uploads are overdue. Offline is
 * another matter. */
bool fleet_silent(const struct fleet_row *r, int64_t now_us);

#endif
