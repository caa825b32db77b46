/*
 * uplink.h - the proof that a meter's wireless uplink works, as the broker sees it:
 * broker reached, meter logged in and answered, time asked, first data, that they are this
 * meter's and its clock is right, a second upload at the interval that is set, values as in
 * the registers. Pure: fed with what came.
 *
 * A step that a dialect does not have is NONE. A login that lies before we began to
 * listen cannot be seen: data, heartbeats or alarms imply it, unless FROM_START demands to see
 * everything (the meter is switched on after the proof has begun).
 */
#ifndef METERCTL_MQTT_UPLINK_H
#define METERCTL_MQTT_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqtt/dialects/dialect.h"
#include "profile/profile.h"
#include "link/rhythm.h"

enum uplink_step {
	UPLINK_BROKER,		/* connected and subscribed */
	UPLINK_LOGIN,		/* the meter has logged in */
	UPLINK_ANSWER,		/* ... and a platform has answered */
	UPLINK_TIME,		/* it has asked for the time */
	UPLINK_FIRST,		/* its first data */
	UPLINK_IDENTITY,	/* ... which name it, or came on a topic that does */
	UPLINK_CLOCK,		/* ... and bear the time at which they came */
	UPLINK_SECOND,		/* two uploads one interval apart */
	UPLINK_REGISTERS,	/* uploaded values and registers agree */
	UPLINK_STEPS
};
/* "broker", "login", "answer", "time", "first-data", "identity", "clock", "second-data",
 * "registers" */
extern const char *const uplink_step_names[UPLINK_STEPS];

enum uplink_state {
	UPLINK_WAITING,
	UPLINK_PASSED,
	UPLINK_FAILED,
	UPLINK_IMPLIED,		/* by what came after it */
	UPLINK_NONE,		/* not in this dialect, or not asked for */
	UPLINK_UNDECIDED,	/* what would show it was not sent */
	UPLINK_STATES
};
/* "waiting", "passed", "failed", "implied", "none", "undecided" */
extern const char *const uplink_state_names[UPLINK_STATES];

struct uplink_options {
	int interval_s;		/* how often it should upload; 0: as the meter says itself */
	const struct dialect *dialect;	/* what it is said to speak; NULL: to be seen */
	bool from_start;
	bool registers;		/* there is a second way to the meter to compare with */
	bool nameless;		/* its topic does not name it: see mqtt_names() */
	bool assume_identity;	/* what comes there is its, also when it does not say so */
	int clock_tolerance_s;	/* what its clock may be off; 0: MOMENT_TOLERANCE_S */
};

#define UPLINK_WHAT 240

struct uplink_check {
	enum uplink_state state;
	int64_t at_us;		/* wall clock; 0: not yet */
	char what[UPLINK_WHAT];		/* what was seen, or why it failed; "" */
};

/* One value over both ways. */
struct uplink_pair {
	uint16_t idx;		/* point */
	double uploaded, held;	/* in the point's unit */
	bool agrees;
};
#define UPLINK_PAIRS 96

struct uplink {
	struct uplink_options opts;
	struct uplink_check steps[UPLINK_STEPS];
	const struct dialect *dialect;	/* NULL: not known yet */
	int64_t login_us, last_us;	/* monotonic; 0: none */
	double gap_s;			/* between the last two uploads; 0: none */
	int set_s;			/* the interval it says it has; 0: not said */
	unsigned long uploads, retained, duplicates, old, refused;
	unsigned long late;		/* measured long before they came */
	unsigned long again;		/* after the last new one: with its stamp and values, later than
					   a message is sent again */
	int64_t sent_us;		/* stamp of the last; 0: none */
	double delay_s;			/* arrival less the meter's time stamp, of the last; NAN */
	struct reasons drops;		/* those messages, and values that were no good */
	struct uplink_pair pairs[UPLINK_PAIRS];
	size_t npairs;
	unsigned differed;	/* comparisons in a row that did not agree */
	double skew_s;			/* between upload and registers read */
};

void uplink_init(struct uplink *u, const struct uplink_options *o);

/* The broker is connected and we are subscribed; or it is not, or no longer, and WHY. Both
 * may be said as often as one likes. */
void uplink_connected(struct uplink *u, int64_t wall_us);
void uplink_lost(struct uplink *u, const char *why, int64_t wall_us);
/* A message of the meter, or (up->down) of a platform to it. VERDICT is that of
 * rhythm_take() for data, else RHYTHM_ON_TIME (RHYTHM_RETAINED when it was kept). */
void uplink_take(struct uplink *u, const struct upload *up, enum rhythm_verdict verdict,
		 int64_t mono_us, int64_t wall_us);
/* A message on its topics that could not be understood. */
void uplink_refused(struct uplink *u, const char *why);

/*
 * Compares what was uploaded with what the registers hold, SKEW_S seconds apart: the
 * N points IDX, both sides by profile index. Settings must be equal; measured values
 * may differ by 5 % and three units of the last digit. Passes UPLINK_REGISTERS, or fails
 * it when the one before did not agree either: a load may have changed between the two.
 */
void uplink_compare(struct uplink *u, const struct profile *profile, const uint16_t *idx,
		    size_t n, const struct reading *uploaded, const struct reading *held,
		    double skew_s, int64_t wall_us);
/* Nothing has come until MONO_US: fails UPLINK_SECOND when two uploads in a row are missed. */
void uplink_tick(struct uplink *u, int64_t mono_us, int64_t wall_us);
/* Is the answer certain? A clock that is off or an identity that is assumed leaves the
 * next upload to be waited for: what else is wrong is of use, too. */
bool uplink_over(const struct uplink *u);

/* The second way failed. */
void uplink_no_registers(struct uplink *u, const char *why, int64_t wall_us);

/* PASSED, FAILED, or WAITING; *STEP (may be NULL) is the first step that failed or is
 * waited for. */
enum uplink_state uplink_verdict(const struct uplink *u, enum uplink_step *step);
/* The deadline: what is waited for has failed, and says so. True: only for want of
 * time, nothing was wrong. Of a meter whose dialect nobody knows the first data are
 * what did not come: not all dialects have a login. */
bool uplink_end(struct uplink *u, int64_t wall_us, double waited_s);

#endif
