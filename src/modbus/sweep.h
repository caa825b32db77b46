/*
 * sweep.h - in what order a line is searched for meters, and how long that takes. Pure: who asks
 * the line is discover.c, and times are its, in us.
 *
 * First what is likely; then the first unit addresses (1 to 10) at every speed and character
 * format, with a short wait, and everybody (unit 0). Where a meter has replied all other addresses follow at once, at
 * that setting only; while none has replied anywhere, at every setting, after the first ones.
 * Last comes a patient wait for slow meters, where one may be: at the settings
 * with a meter, or at all of them when nothing was found. In a full search that would take an hour;
 * there a slow reply is noticed while later units are asked.
 */
#ifndef METERCTL_MODBUS_SWEEP_H
#define METERCTL_MODBUS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SWEEP_SETTINGS 32	/* 8 speeds, 4 character formats */
#define SWEEP_UNITS 256
#define SWEEP_LIKELY 64

#define SWEEP_QUICK_US 42000		/* a meter that replies within 40 ms is not missed */
#define SWEEP_LIKELY_US 60000		/* what is likely is given more */
#define SWEEP_PATIENT_US 600000		/* ... and a slow meter this much, or what its profile says */
#define SWEEP_REQUEST 8			/* characters of a request, */
#define SWEEP_REPLY 9			/* and of its reply */

struct sweep_setting {
	int baud;		/* 0: a network, whose speed is the gateway's */
	char parity;		/* 'N', 'E', 'O' */
	int stop;
};

/* How a unit address was tried at a setting. */
enum { SWEEP_TRIED = 1, SWEEP_WAITED = 2 };

struct sweep_likely {
	uint8_t setting, unit;	/* unit 0: everybody, by the guarded broadcast read */
};

struct sweep {
	struct sweep_setting settings[SWEEP_SETTINGS];	/* the likely first */
	size_t nsettings;
	uint8_t order[SWEEP_SETTINGS];	/* in which they are tried; a hint changes it */
	struct sweep_likely likely[SWEEP_LIKELY];
	size_t nlikely, likely_done;
	bool everybody;			/* unit 0 is asked at every setting, after the units */
	bool units[SWEEP_UNITS];	/* tried at every setting */
	bool rest[SWEEP_UNITS];		/* ... and where a meter has replied */
	bool network;			/* every wait is the full one, and there is no second try */
	bool full;			/* all is in `units`: the last of a setting is waited for
					   patiently, and with it slow replies to those before */
	int64_t patient_us;
	/* what has come of it */
	uint8_t tried[SWEEP_SETTINGS][SWEEP_UNITS];
	bool found[SWEEP_SETTINGS];
	bool suspect[SWEEP_SETTINGS];	/* bytes came there that may be of a slow meter */
	int64_t answer_us[SWEEP_SETTINGS];	/* the slowest reply there; 0: none */
	int64_t spent_us, planned_us;	/* so far: what probes have taken, and should have */
};

struct sweep_probe {
	size_t setting;
	uint8_t unit;
	bool likely, patient;
	bool last;		/* at its setting, for now: what is under way is waited for */
};

/* UNITS (0: everybody) are tried everywhere, REST (NULL: none) where a meter has replied.
 * PATIENT_US 0: as usual. */
void sweep_init(struct sweep *s, const bool *units, const bool *rest, int64_t patient_us);
/* One more setting; its place, also of one that is there already; -1: no room. */
int sweep_add(struct sweep *s, const struct sweep_setting *setting);
/* One more likely place; SETTING is none that sweep_add() knows, or the unit is in neither list: no. */
void sweep_add_likely(struct sweep *s, const struct sweep_setting *setting, uint8_t unit);
/* The place of SETTING, or -1. */
int sweep_find(const struct sweep *s, const struct sweep_setting *setting);

/* What to try now. False: all is done. */
bool sweep_next(const struct sweep *s, struct sweep_probe *p);
/* How long to wait for the first byte of its reply, and what the probe takes in all when none
 * comes. */
int64_t sweep_wait_us(const struct sweep *s, const struct sweep_probe *p);
int64_t sweep_cost_us(const struct sweep *s, const struct sweep_probe *p);

/* P was tried, and that took TOOK_US. */
void sweep_tried(struct sweep *s, const struct sweep_probe *p, int64_t took_us);
/* A meter has replied there, ANSWER_US after the request. */
void sweep_found(struct sweep *s, size_t setting, uint8_t unit, int64_t answer_us);
/* A slow meter may be there. */
void sweep_suspect(struct sweep *s, size_t setting);
/* Bytes that are no frame came there: the speed may be right, and the character format is not. */
void sweep_hint(struct sweep *s, size_t setting);
/* Probes done, and all there are as far as is known. */
void sweep_count(const struct sweep *s, size_t *done, size_t *all);
/* The time still to come, if nothing more is found. */
int64_t sweep_left_us(const struct sweep *s);

/* "9600 8N1"; "" on a network. Returns BUF. */
const char *sweep_setting_text(const struct sweep_setting *s, char *buf, size_t size);

#endif
