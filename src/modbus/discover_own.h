/*
 * discover_own.h - what the parts of discover.h share: discover.c tries addresses,
 * discover_ask.c asks, discover_identify.c finds out the model.
 */
#ifndef METERCTL_MODBUS_DISCOVER_OWN_H
#define METERCTL_MODBUS_DISCOVER_OWN_H

#include "discover.h"
#include "line.h"
#include "sighting.h"

#define DISCOVER_WORDS 2	/* of the first read: some meters have no odd number of them */
#define DISCOVER_DOUBTS 32

/* Garbage instead of a reply, also when repeated. */
struct discover_doubt {
	uint8_t setting, unit;
};

struct discover {
	const struct discover_opts *o;
	const struct target *given;
	struct sweep *s;
	struct line line;
	size_t at;			/* the setting it has */
	int64_t left_us[SWEEP_SETTINGS];	/* when each was left; 0: it was not */
	int64_t asked_us[SWEEP_UNITS];	/* when each unit was asked at this setting; 0: not */
	int64_t last_byte_us;		/* of others; 0: none */
	bool slow[SWEEP_UNITS];		/* asked again since a reply of theirs came unasked */
	bool one_reply;			/* a second meter is not looked for now */
	/* the last reply */
	uint8_t buf[FRAME_BUFFER];
	size_t n;
	struct answer answer;		/* of Modbus TCP */
	uint8_t data[2 * READ_MAX];
	struct sighting seen;
	int64_t latency_us;
	struct discover_doubt doubts[DISCOVER_DOUBTS];
	size_t ndoubts;
	struct discover_meter list[SWEEP_UNITS];	/* found so far */
	size_t nlist;
};

/* Asks Q, waits WAIT_US for the first byte, and fills SEEN and LATENCY_US. -1 and E:
 * cancelled, or the line is gone. */
int discover_ask(struct discover *d, const struct request *q, int64_t wait_us, struct err *e);
/* Fills in what is known of M, who has just replied at M->target.unit: reply, model, serial
 * number. -1 and E as above. */
int discover_identify(struct discover *d, struct discover_meter *m, struct err *e);

#endif
