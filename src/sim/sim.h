/*
 * sim.h - the simulated meter: an electrical model whose registers are the
 * profile's, served as a real Modbus slave.
 *
 * SCENARIO is a comma-separated list, every part optional, empty is a healthy
 * consumer site. `sim:` targets and `meterctl simulate` take the same words:
 *
 *   wiring  ct-reversed=PHASES  ct-swapped=XY  ct-rotated (inputs a b c have the
 *           currents of b c a)  ct-missing=PHASES  ct-shorted=PHASES (4 % arrive)
 *           phase-order=XYZ  voltage-missing=PHASES  voltage-duplicated=XY (input
 *           Y has the voltage of X too)  voltage-low=PHASES (80 %)
 *   site    exporting  no-load  lag=DEGREES (of the loads; default 21)
 *           step=KIND/PHASES/nA[/ns] (heater or motor: a load that is switched on and
 *           off twice, on one conductor after the other; 5 s apart)
 *   line    pace=BAUD (answer as slowly as a line of that rate; default as fast
 *           as it goes), turnaround=MS (default 5 with pace, 0 without),
 *           drop=PERCENT (half of them the request, half the answer)
 *           flip=PERCENT  late=MS[/PERCENT]  echo  exception=CODE[/PERCENT]
 *           garbage=PERCENT  foreign=PERCENT (wrong unit answers first)  dead
 *   writes  ignore-writes (acknowledged, and the old value kept)
 *           refuse-writes (exception 04)  write-lost=request|reply|
 *           first-request|first-reply (of each write, or of the first)
 *           mute-after-write=MS (it restarts: deaf so long after a write)
 *   meter   unit=N (first address, default 1)  ct=N  pt=N  seed=N
 *           start=RFC3339 (its clock and the model's; default now, and for
 *           sim_meter_new() 2026-07-15T14:45:00)  clock-off=SECONDS (its clock is
 *           ahead, in uploads, too)  frozen (time stands still)
 *           state=FILE (settings survive, as in a meter)
 *   uplink  sn=BASE (14 digits; of the first meter, the next count on)
 *           heart=S (default 60, 0 none)  no-login  no-time  no-para
 *           wait-login (uploads nothing before its login has been answered)
 *           refuse-para (acknowledged with res 0)  ignore-para (acknowledged with
 *           res 1, and the old interval kept)  lose-para (never heard)
 *           mqtt-interval=S (uploads so often, whatever it says its interval is)
 *           mqtt-jump=S[/N] (its clock jumps by S after N uploads, 3 by default)
 *           mqtt-stuck (the stamp of the first upload in all)
 *           mqtt-backlog=N[/S] (on air, it first sends N uploads of before, S from one
 *           to the next, its interval by default)
 *           mqtt-no-stamp  mqtt-no-sn (no time, no serial number in its messages)
 *           mqtt-late=S[/PERCENT]  mqtt-drop=PERCENT  mqtt-duplicate=PERCENT
 *           mqtt-disorder=PERCENT (comes after the next one)
 *           mqtt-garbage=PERCENT (a damaged payload instead)
 *           mqtt-silent (never uploads)  mqtt-silent-after=N uploads
 *           mqtt-retained  mqtt-scale=FACTOR (of the values uploaded)
 *
 * On the pty a meter hears a master of its own speed only (and, without a pace,
 * one at 115200: as fast as it goes). Parity cannot be told there.
 */
#ifndef METERCTL_SIM_SIM_H
#define METERCTL_SIM_SIM_H

#include "base/err.h"
#include "profile/profile.h"
#include "scenario.h"
#include "uplink.h"

struct sim;

struct sim_opts {
	const struct profile *profile;	/* outlives the simulator */
	const char *scenario;		/* NULL: healthy */
	const char *pty_link;		/* NULL: only the pty's own name */
	int no_pty;			/* 1: TCP or a broker only */
	int tcp_port;			/* Modbus TCP on 127.0.0.1; -1 none, 0 any free */
	int rtutcp_port;		/* RTU frames over TCP on 127.0.0.1; likewise */
	int count;			/* meters on one line, addresses unit, unit+1 ... */
	const struct scenario_own *fleet;	/* COUNT of them; NULL: one SCENARIO for all */
	const struct uplink_opts *uplink;	/* NULL: at no broker */
};

/* Starts a thread that serves until sim_stop(). NULL and E on failure (ERR_USAGE
 * for a scenario word it does not know, naming the nearest). */
struct sim *sim_start(const struct sim_opts *o, struct err *e);
void sim_stop(struct sim *s);

/* Path of the pty's slave side, or NULL; the link's path when one was asked for. */
const char *sim_pty(const struct sim *s);
int sim_tcp_port(const struct sim *s);		/* -1: none */
int sim_rtutcp_port(const struct sim *s);	/* -1: none */

/* Targets as `-c` takes them, one a line: every meter over every way there was at
 * the start. Freed by sim_stop(). */
const char *sim_targets(const struct sim *s);

/*
 * One simulated meter without a line, for tests and golden screens: the model
 * at a moment. READ copies registers as the meter would answer; returns 0 or a
 * Modbus exception code (2 for an address no point covers).
 */
struct sim_meter;
struct sim_meter *sim_meter_new(const struct profile *p, const char *scenario,
				struct err *e);
void sim_meter_free(struct sim_meter *m);
void sim_meter_advance(struct sim_meter *m, double seconds);
int sim_meter_read(struct sim_meter *m, enum space space, uint16_t addr,
		   uint16_t n, uint16_t *out);
int sim_meter_write(struct sim_meter *m, uint16_t addr, uint16_t n,
		    const uint16_t *in);

#endif
