/*
 * screens.h - every screen: one row here, one file in ui/screens/, which defines
 * `screen_ID` (screen.h). Tabs, help, what the prompt calls it and what completes that
 * follow from the row.
 */
#ifndef METERCTL_UI_SCREENS_H
#define METERCTL_UI_SCREENS_H

#include <stddef.h>

#include "screen.h"

/* What others need to know of a screen. */
enum screen_flag {
	SCREEN_HOME = 1 << 0,		/* the one to begin with: of a meter or, with SCREEN_FLEET, a broker */
	SCREEN_FLEET = 1 << 1,		/* of all meters of a broker, and of nothing else */
	SCREEN_BROKER = 1 << 2,		/* also of a broker of which no meter is chosen */
	SCREEN_ALWAYS = 1 << 3,		/* needs no meter */
	SCREEN_UPLOADS = 1 << 4,	/* its key is shown for a meter that uploads */
	SCREEN_KEPT = 1 << 5,		/* its state outlives the meter */
	SCREEN_OVERLAY = 1 << 6,	/* empty until a key or command fills it: not opened by name */
	SCREEN_OUTCOME = 1 << 7,	/* shows itself what became of a write */
	SCREEN_ALLOWED = 1 << 8,	/* comes by itself when writing is allowed on the home screen of a meter */
};

/*
 * In the order of the tab line: X(ID, KEY, NAME, SHORT, FLAGS, HELP). ID is its name at the
 * prompt. KEY opens it and puts it in the tab line; 0: it stands there only while it is
 * shown, and is reached by its name, or by a key of keys.c.
 */
#define SCREENS(X) \
	X(live, '1', "Live", "Live", SCREEN_HOME, "what the meter measures now, phase by phase") \
	X(phasor, '2', "Phasor", "Phasor", 0, "is it wired right: the phasors, and a verdict") \
	X(harmonics, '3', "Harmonics", "Harm", 0, "harmonics of three phases, 2nd to 31st, voltage or current") \
	X(energy, '4', "Energy", "Energy", 0, "energies by phase, tariff and quadrant; demands and when") \
	X(trend, '5', "Trend", "Trend", 0, "any points over the last minutes, up to an hour") \
	X(settings, '6', "Settings", "Set", 0, "what the meter is set to, and to set it otherwise") \
	X(alarms, '7', "Alarms", "Alarm", 0, "alarms of the meter by name: active, watched or off") \
	X(registers, '8', "Registers", "Regs", 0, "every register, raw and decoded; * marks what just changed") \
	X(trace, '9', "Trace", "Trace", SCREEN_BROKER, "every frame on the line, live") \
	X(big, 0, "Big", "Big", 0, "the few numbers that are read from two metres, in big digits") \
	X(history, 0, "History", "History", 0, "energies and extremes of past months (y on Energy, or :history)") \
	X(fleet, '0', "Fleet", "Fleet", SCREEN_HOME | SCREEN_FLEET | SCREEN_KEPT, "every meter that a broker shows") \
	X(review, 0, "Review", "Review", SCREEN_OVERLAY | SCREEN_OUTCOME, \
	  "what is to be written, and what became of it") \
	X(journal, 0, "Journal", "Journal", SCREEN_ALWAYS, \
	  "what has been written, what became of it, and how to put it back") \
	X(checklist, 0, "Checks", "Checks", SCREEN_ALLOWED, \
	  "what of the commissioning is done, and what is not (K)") \
	X(uplink, 0, "Uplink", "Uplink", SCREEN_UPLOADS, \
	  "a meter behind a broker: is it on air, how regularly, what was dropped") \
	X(connect, 0, "Connect", "Connect", SCREEN_ALWAYS | SCREEN_KEPT, \
	  "where the meter is: a port, the network, or a simulated one") \
	X(find, 0, "Find", "Find", SCREEN_OVERLAY | SCREEN_ALWAYS | SCREEN_KEPT, \
	  "meters found on serial lines and behind gateways (f on Connect)") \
	X(hear, 0, "Listen", "Listen", SCREEN_OVERLAY | SCREEN_ALWAYS | SCREEN_KEPT, \
	  "what others say on a line; nothing is sent (l on Trace, or :listen)") \
	X(lesson, 0, "Learn", "Learn", SCREEN_OVERLAY | SCREEN_ALWAYS | SCREEN_KEPT, \
	  "where a maker's tool puts what is typed into it (:learn)") \
	X(coach, 0, "Ratio", "Ratio", SCREEN_OVERLAY, \
	  "what a transformer ratio does, and whether a clamp meter agrees (:ratio)") \
	X(step, 0, "Step", "Step", SCREEN_OVERLAY, \
	  "the guided load step: a heater, switched on each phase (S on Phasor)") \
	X(values, 0, "Values", "Values", SCREEN_OVERLAY, "the readings named with :read") \
	X(output, 0, "Output", "Output", SCREEN_ALWAYS | SCREEN_KEPT, "what a command printed")

#define SCREEN_EXTERN(id, key, name, short, flags, help) extern const struct screen_ops screen_##id;
SCREENS(SCREEN_EXTERN)

/* Where a screen stands in the table. */
#define SCREEN_AT(id) screen_at_##id
#define SCREEN_PLACE(id, key, name, short, flags, help) SCREEN_AT(id),
enum screen_place { SCREENS(SCREEN_PLACE) SCREEN_COUNT };

struct screen {
	const char *id;
	int key;		/* 0: none */
	const char *name;	/* in the tab line */
	const char *short_name;	/* ... where there is no room for all the names */
	unsigned flags;		/* enum screen_flag */
	const char *help;	/* one line for the help page */
	const struct screen_ops *ops;
};

extern const struct screen screen_table[SCREEN_COUNT];

/* The place of OPS in the table. */
size_t screen_place(const struct screen_ops *ops);
/* What S is called at the prompt; NULL: it cannot be opened there. */
const char *screen_word(const struct screen *s);
/* The screen that WORD opens at the prompt, or NULL. */
const struct screen *screen_named(const char *word);

#endif
