#include "ratio.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

/* One side: a number and perhaps its unit. KIND is 'A', 'V' or 0. */
static bool side(const char *text, size_t len, double *value, char *kind)
{
	char number[32];
	double factor = 1;

	while (len && ascii_blank(*text))
		text++, len--;
	while (len && ascii_blank(text[len - 1]))
		len--;
	*kind = 0;
	if (len && strchr("aAvV", text[len - 1])) {
		*kind = ascii_upper(text[--len]);
		if (len && (text[len - 1] == 'k' || text[len - 1] == 'K')) {
			factor = 1000;
			len--;
		}
		while (len && ascii_blank(text[len - 1]))
			len--;
	}
	if (!len || len >= sizeof(number))
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	/* as many a nameplate writes it: 12,5/5 */
	for (char *c = number; *c; c++)
		if (*c == ',')
			*c = '.';
	if (!text_double(number, value))
		return false;
	*value *= factor;
	return isfinite(*value) && *value > 0;
}

int ratio_sides(const char *text, double *primary, double *secondary, struct err *e)
{
	const char *slash = text + strcspn(text, "/:");
	char a, b = 0;

	*secondary = 0;
	if (!side(text, (size_t)(slash - text), primary, &a)
	    || (*slash && !side(slash + 1, strlen(slash + 1), secondary, &b))
	    || (!*slash && a))
		return err_set(e, ERR_USAGE, "'%s' is no ratio (like 200/5, 10kV/100V or 40)", text);
	if (a && b && a != b)
		return err_set(e, ERR_USAGE, "'%s' is no ratio: %s over %s", text,
			       a == 'A' ? "amperes" : "volts", b == 'A' ? "amperes" : "volts");
	return 0;
}

int ratio_parse(const char *text, double *ratio, struct err *e)
{
	double primary, secondary;

	if (ratio_sides(text, &primary, &secondary, e))
		return -1;
	*ratio = secondary > 0 ? primary / secondary : primary;
	return 0;
}

#define SAME 0.001

bool ratio_same(double ratio, double held)
{
	return fabs(held / ratio - 1) < SAME;
}

double ratio_full_load(const char *text)
{
	double primary, secondary;
	struct err none;

	if (!text || ratio_sides(text, &primary, &secondary, &none))
		return 0;
	return fabs(secondary - 5) < 1e-9 || fabs(secondary - 1) < 1e-9 ? secondary : 0;
}
