#include "coach.h"
#include "history.h"
#include "page.h"
#include "ui/screen.h"
#include "values.h"

/* In the order of the tab line; one without a key stands in it only while it
 * is shown. */
const struct screen_ops *const screen_table[] = {
	&screen_live,
	&screen_phasor,
	&screen_harmonics,
	&screen_energy,
	&screen_trend,
	&screen_settings,
	&screen_alarms,
	&screen_registers,
	&screen_trace,
	&screen_history,
	&screen_fleet,
	&screen_review,
	&screen_journal,
	&screen_uplink,
	&screen_connect,
	&screen_coach,
	&screen_values,
	&screen_page,
	NULL
};
