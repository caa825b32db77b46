/*
 * hearing.h - a line that is listened to beside the screens: as `listen` does it, in a thread of
 * its own. Nothing is sent there; a meter that the bus has on that line is let go of.
 *
 * All functions are for the thread of the screens.
 */
#ifndef METERCTL_UI_BUS_HEARING_H
#define METERCTL_UI_BUS_HEARING_H

#include "modbus/frame.h"
#include "modbus/traffic.h"
#include "bus.h"

#define HEARING_FRAMES 512	/* ring of the last ones */
#define HEARING_TEXT 256

struct hearing_opts {
	struct target target;
	const char *profile;	/* whose names the registers have */
	int timeout_ms;		/* of a connection; 0: the usual one */
	struct bus *bus;	/* NULL: there is none */
};

/* One that was heard, without what is secret. */
struct hearing_frame {
	int64_t at_us;		/* wall clock of its last byte */
	enum cut_kind kind;
	bool trouble;		/* an exception, no frame, or something odd */
	bool paired;
	uint8_t unit, function;
	double ms;		/* paired: after its request */
	uint16_t n;
	uint8_t bytes[FRAME_MAX];	/* the first, of more */
	const char *mark, *note;	/* cut_mark(), cut_note() */
	char text[HEARING_TEXT];	/* what it says */
};

struct hearing {
	struct target given, at;	/* the line as asked for, and with the setting heard at now */
	struct hearing_frame *frames;	/* HEARING_FRAMES of them, NULL until the first */
	unsigned long nframes;		/* ever; the newest is [(nframes - 1) % HEARING_FRAMES] */
	struct traffic traffic;
	int64_t now_us;			/* as the times in that */
	bool begun;			/* the line is open */
	size_t lost;			/* no frame in so many bytes: other settings are tried; 0: not so */
	bool ended;
	struct err err;			/* then: why; ERR_INTERRUPTED: it was asked to */
	struct hearing_own *own;	/* NULL: a test's */
};

struct hearing *hearing_new(const struct hearing_opts *o, struct err *e);
/* Readable: hearing_take() has something; -1: never. */
int hearing_fd(const struct hearing *h);
void hearing_take(struct hearing *h);
/* It ends soon; hearing_take() brings that. */
void hearing_cancel(struct hearing *h);
void hearing_free(struct hearing *h);

#endif
