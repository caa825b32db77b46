/*
 * model.h - a meter at a site: what it measures, adds up and remembers.
 *
 * Time only passes in model_advance(); no clock is read here. The past, some
 * fifteen months of it, is lived through in hours when a model is made, so that
 * energies, history, maxima and extremes belong together.
 */
#ifndef METERCTL_SIM_MODEL_H
#define METERCTL_SIM_MODEL_H

#include "alarm.h"
#include "calendar.h"
#include "site.h"

#define HISTORY_MONTHS 12
#define EXTREME_MONTHS 4	/* this one and three before */
#define EXTREMES 22

/* kWh and kvarh. Arrays of four are phases a b c and total. The total follows the
 * sum of the phases' powers, as in a meter that nets them every moment; a
 * phase turned round therefore exports while the total imports. Combined is
 * import plus export. */
struct energies {
	double active_combined[4], active_import[4], active_export[4];
	double reactive_combined[4], reactive_import[4], reactive_export[4];
	double tou_active_combined[TARIFFS], tou_active_import[TARIFFS],
		tou_active_export[TARIFFS];
	double tou_reactive_combined[TARIFFS], tou_reactive_import[TARIFFS],
		tou_reactive_export[TARIFFS];
	double quadrant[4];	/* reactive, by the signs of the totals */
	double apparent, charge;	/* kVAh, Ah: totals */
};

struct frozen {
	double at;
	struct energies energy;
};

/* Means over a window that slides on with every full minute, and the highest of
 * this month. */
struct demand {
	double present[DEMANDS];
	double max[DEMANDS], max_at[DEMANDS];
	double minutes[60][DEMANDS];	/* a ring of means */
	unsigned next;
	double sum[DEMANDS], seconds;	/* of the minute under way */
};

struct extreme {
	double value, at;
};

struct month {
	struct extreme max[EXTREMES], min[EXTREMES];
};

/* What a person may set, as far as the model follows it. */
struct settings {
	double demand_window;	/* min, 1 to 60 */
	struct calendar calendar;
	struct alarm_settings alarm;
};

struct model {
	struct site site;
	struct settings set;
	double t;		/* s since 1970 at the site */
	double clock_ahead;	/* s the meter's clock is ahead of that */
	bool past;
	struct moment now;
	struct energies energy;
	struct demand demand;
	struct alarm alarm;
	struct month months[EXTREME_MONTHS];	/* [0] is this one */
	struct frozen history[HISTORY_MONTHS];	/* [0] is the latest */
	int month;		/* number of the month under way */
};

/* SCENARIO and SET as they are at the moment START. SCENARIO stays the
 * caller's and must live on. */
void model_init(struct model *m, const struct scenario *scenario,
		const struct settings *set, double start);

void model_advance(struct model *m, double seconds);

/* After a change of settings: outputs, demand and the month follow at once. */
void model_settle(struct model *m);

double model_clock(const struct model *m);
void model_set_clock(struct model *m, double clock);

/* Which extreme watches the quantity that stands OFFSET bytes into struct
 * moment, or -1. */
int model_extreme(size_t offset);

#endif
