#include "check_opts.h"

#include <string.h>

#include "base/text.h"

static int set_site(const char *arg, struct doctor_options *given, struct err *e)
{
	if (strcmp(arg, "consumer") == 0)
		given->site = DOCTOR_SITE_CONSUMER;
	else if (strcmp(arg, "exporting") == 0)
		given->site = DOCTOR_SITE_EXPORTING;
	else
		return err_set(e, ERR_USAGE, "'%s' is no kind of site (consumer, exporting)", arg);
	return 0;
}

static int set_nominal(const char *arg, double most, const char *what, double *out, struct err *e)
{
	if (!text_double(arg, out) || !(*out > 0 && *out <= most))
		return err_set(e, ERR_USAGE, "'%s' is no nominal %s (above 0, at most %.0f)", arg, what, most);
	return 0;
}

int check_set(int id, const char *arg, struct doctor_options *given, struct err *e)
{
	switch (id) {
	case OPT_CLAMP:
		return doctor_clamp_parse(arg, given, e);
	case OPT_SITE:
		return set_site(arg, given, e);
	case OPT_WINDOW:
		return doctor_window_parse(arg, given, e);
	case OPT_WIRES:
		if (strcmp(arg, "3") != 0 && strcmp(arg, "4") != 0)
			return err_set(e, ERR_USAGE, "'%s' is no number of wires (3, 4)", arg);
		given->wires = *arg == '3' ? DOCTOR_3WIRE : DOCTOR_4WIRE;
		return 0;
	case OPT_VOLTAGE:
		return set_nominal(arg, 1000, "voltage in volts", &given->nominal_voltage, e);
	default:
		return set_nominal(arg, 10000, "current in amperes", &given->nominal_current, e);
	}
}
