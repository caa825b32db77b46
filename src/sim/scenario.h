/*
 * scenario.h - what a simulated meter is to play: the words of sim.h, parsed.
 */
#ifndef METERCTL_SIM_SCENARIO_H
#define METERCTL_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What of a write gets lost on the line. */
enum lost { LOST_NOTHING, LOST_REQUEST, LOST_REPLY };

/* How often something happens, in percent of the requests. */
struct chance {
	double percent;
};

/* Serial numbers are made up: counted from this one, which public payload examples
 * of the ADW300 use. */
#define SERIAL_DIGITS 14
#define SERIAL_FIRST "20201998111433"

/* What of its uplink goes wrong; see device.h. */
struct scenario_uplink {
	char sn[SERIAL_DIGITS + 1];	/* of the first meter */
	int heartbeat_s;		/* 0: none */
	bool no_login, no_time, no_para;
	bool wait_login;	/* uploads nothing before its login has been answered */
	bool refuse_para, ignore_para, lose_para;
	int interval_s;		/* of uploads, whatever it says it is; 0: as it says */
	double clock_off;	/* s, added to the meter's clock, which registers show, too */
	int jump_s;		/* ... added to it when it has uploaded JUMP_AFTER times */
	int jump_after;
	bool stuck;		/* every time stamp is the first one */
	int backlog;		/* uploads of before, sent as soon as it is on air */
	int backlog_s;		/* ... from one to the next; 0: its interval */
	bool no_stamp, no_sn;	/* in its messages */
	int late_s;
	struct chance late, drop, duplicate, disorder, garbage;
	int silent_after;	/* uploads; -1: never */
	bool retained;
	double scale;		/* of every value uploaded */
};

/* A load that somebody switches on and off twice, on one conductor after the other, again and
 * again. */
struct scenario_step {
	double amperes, lag;	/* at the meter's input; 0 A: none */
	unsigned phase[3], phases;
	double seconds;		/* between two switchings; a pause is three times that */
};

struct scenario {
	/* wiring: which of the site's phases (0 a, 1 b, 2 c) each input of the
	 * meter is connected to */
	unsigned voltage_of[3], current_of[3];
	bool reversed[3];	/* the CT of that input */
	bool missing[3];	/* the voltage of that input */
	double voltage_share[3], current_share[3];	/* what reaches that input, 1: all */
	bool exporting, no_load;
	double lag;		/* degrees of the loads' currents behind the voltages */
	bool direct;		/* direct current; no word says so, the profile does */
	struct scenario_step step;

	/* line */
	int pace;		/* baud; 0: as fast as it goes */
	int turnaround_us;
	struct chance drop, flip, garbage, foreign;
	int late_ms;
	struct chance late;
	int exception;		/* Modbus exception code; 0 none */
	struct chance exceptions;
	bool echo, dead;

	/* writes */
	bool ignore_writes, refuse_writes;
	enum lost write_lost;
	bool first_write_only;	/* is lost */
	int mute_ms;		/* silent so long after a write */
	bool only_06;		/* knows function 06, and not 10H */

	struct scenario_uplink uplink;

	/* meter */
	int unit;		/* first address */
	int ct, pt;		/* 0: the meter's own default */
	uint64_t seed;
	bool has_start;
	double start;		/* s since 1970-01-01 on the meter's own clock */
	bool frozen;
	char state[256];	/* file; "": nothing survives */
};

/* What one meter of several has of its own. */
struct scenario_own {
	const char *sn;		/* at a broker */
	const char *scenario;
	const char *topic;	/* of its uploads, {sn} is filled in; "": as the others */
	int interval_s;		/* of its uploads; 0: as the others */
};

/* TEXT as in sim.h, NULL or "" for a healthy site. ERR_USAGE names the word and
 * what would be right. */
int scenario_parse(const char *text, struct scenario *s, struct err *e);

#endif
