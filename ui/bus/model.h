/*
 * model.h - what the screens draw from: copies of what the bus has brought, and what the
 * person has chosen. Owned by the thread of the screens.
 */
#ifndef METERCTL_UI_BUS_MODEL_H
#define METERCTL_UI_BUS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/trace.h"
#include "link/link.h"
#include "mqtt/fleet.h"
#include "mqtt/uplink.h"
#include "profile/profile.h"
#include "profile/value.h"
#include "target/target.h"
#include "job.h"

enum line_state {
	LINE_NONE,		/* no meter chosen */
	LINE_CONNECTING,
	LINE_LIVE,
	LINE_STALE,		/* was live; reason says what happened */
	LINE_SILENT		/* has not answered yet */
};

/* An upload of 41 items has about 1,000 bytes, a Modbus frame at most 260. */
#define UI_FRAME_BYTES 1280

/* A frame kept for the Trace screen, or a message of a broker. */
struct ui_frame {
	enum trace_dir dir;
	bool message;		/* topic and payload, not a frame */
	bool other;		/* ... which does not name the meter that is connected */
	int64_t at_us;
	uint32_t whole;		/* bytes it had */
	uint16_t n;		/* ... of which bytes[] keeps the first */
	uint8_t bytes[UI_FRAME_BYTES];
	char topic[128];	/* cleaned */
	char note[192];
};

#define UI_FRAMES 512		/* ring of the last frames: 0.8 MB of them */
#define UI_TREND 3600		/* samples a trended point keeps */

/* What a meter behind a broker has said that is no point of a profile: its serial number,
 * the firmware, the SIM card. */
struct ui_said {
	const struct dialect_item *item;
	char text[MQTT_NAME];	/* as it came; a number written out */
	int64_t mono_us;
};
#define UI_SAID 16

/* Samples of one point, oldest overwritten. NAN: no reading at that time. */
struct ui_trend {
	uint16_t idx;		/* point */
	uint32_t n, head;	/* how many; where the next goes */
	double value[UI_TREND];	/* an energy counter needs more digits than a float has */
	int64_t at_us[UI_TREND];	/* monotonic */
};

/* What the screens draw from. Owned by the UI thread. */
struct ui {
	const struct profile *profile;	/* NULL: no meter chosen */
	struct reading *readings;	/* profile->npoints copies */
	int64_t *changed_us;		/* monotonic time of each point's last change of value */
	struct target target;
	enum line_state line;
	int64_t live_us;		/* monotonic: when the line was last live; 0: never */
	bool lent;			/* a command has the meter, and nothing is read for the screens */
	bool parked;			/* ... or its line is used for something else */
	char reason[ERR_TEXT];		/* why stale or silent, or what is odd while live; "" */
	enum err_code reason_code;	/* what sort of reason */
	struct link_stats stats;
	struct link_uplink uplink;	/* of a meter that speaks by itself; else zeros */
	struct fleet *fleet;		/* the meters of a broker; NULL: none was connected. Kept
					   while one of them is looked at */
	struct target fleet_target;	/* ... and that broker */
	struct uplink proof;		/* ... and how far the proof of its uplink is */
	struct target with;		/* of a proof with registers: the second way to them */
	struct ui_frame *frames;	/* UI_FRAMES of them, or NULL until first used */
	unsigned long nframes;		/* frames seen in all; newest is [(nframes-1) % UI_FRAMES] */
	bool others;			/* messages of other meters are kept among them, too */
	struct ui_said said[UI_SAID];	/* what the meter uploads beside its readings */
	size_t nsaid;
	bool ascii, mono;
	bool light;			/* the terminal has a light background */
	bool read_only;			/* --read-only: writing can never be allowed */
	bool writing;			/* the person has allowed it */
	struct job job;		/* the plan that is looked at or written, or was */
	struct job journal;		/* its rows */
	struct job checklist;		/* what is done, as last computed */
	bool primary;			/* ui_value() shows the primary side where PT and CT are known */
	int rows, cols;			/* of the whole terminal */
	int64_t now_us, wall_us;	/* monotonic and wall clock of this turn of the loop
					   (set by the loop or by a test, never read elsewhere) */
	char message[ERR_TEXT];		/* shown above the key bar for a while */
	int64_t message_until;		/* monotonic */
	bool dirty;
	struct ui_loop *loop;		/* ui.c's own: screen stack, bus, prompt */
};

/* The reading of KEY, or NULL when the profile has no such point. */
const struct reading *ui_reading(const struct ui *u, const char *key, const struct point **p);
/* Does the meter speak by itself, through a broker? */
bool ui_pushes(const struct ui *u);
/* Is it a broker with all its meters, and not one of them? */
bool ui_is_fleet(const struct ui *u);
/* Is this reading too old, or of a line too silent, to be shown as present? */
bool ui_old(const struct ui *u, const struct reading *r);
/* 0, or ERR_DENIED: the person has not allowed writing, or it can never be allowed. */
int ui_may_write(const struct ui *u, struct err *e);
/* One reading has come. */
void ui_take(struct ui *u, size_t idx, const struct reading *r);
/* Says it above the key bar, for a while. */
void ui_say(struct ui *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
