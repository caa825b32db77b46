#include "chart.h"

#include <math.h>

/* Eighths of a cell; index 0 is empty. */
static const char *const from_below[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
/* ASCII twins: a bar's last cell in three heights, a sparkline in four. */
static const char *const bar_ascii[] = { " ", ".", ".", ".", ":", ":", ":", "#", "#" };
static const char *const spark_ascii[] = { "_", ".", "-", "'" };
static const char *const steps[] = { "▂", "▄", "▆", "█" };

/* Steps of 1/8 cell in CELLS. Something that is not nothing shows as such. */
static int eighths(int cells, double fraction)
{
	int n;

	if (!(fraction > 0))	/* also NAN */
		return 0;
	if (fraction >= 1)
		return cells * 8;
	n = (int)lround(fraction * cells * 8);
	return n > 0 ? n : 1;
}

void chart_vbar(WINDOW *w, int y, int x, int height, double fraction, bool ascii)
{
	int n = eighths(height, fraction);

	for (int i = 0; i < height && n > 0; i++, n -= 8) {
		int part = n < 8 ? n : 8;

		mvwaddstr(w, y - i, x, ascii ? bar_ascii[part] : from_below[part]);
	}
}

/* Which of LEVELS steps V stands on; a flat line stands in the middle. */
static int chart_level(double v, double min, double max, int levels)
{
	double f;

	if (!(max > min))
		return levels / 2;
	f = (v - min) / (max - min);
	if (f <= 0)
		return 0;
	return f >= 1 ? levels - 1 : (int)lround(f * (levels - 1));
}

void chart_spark(WINDOW *w, int y, int x, int width, const double *v, size_t n,
		 double min, double max, bool ascii)
{
	size_t shown = n < (size_t)width ? n : (size_t)width;
	const double *from = v + (n - shown);

	x += width - (int)shown;
	for (size_t i = 0; i < shown; i++) {
		if (isnan(from[i]))
			continue;
		mvwaddstr(w, y, x + (int)i, ascii
			  ? spark_ascii[chart_level(from[i], min, max, 4)]
			  : from_below[1 + chart_level(from[i], min, max, 8)]);
	}
}

void chart_signal(WINDOW *w, int y, int x, int lit, bool ascii)
{
	for (int i = 0; i < 4; i++) {
		const char *s = i < lit ? steps[i] : "·";

		if (ascii)
			s = i < lit ? "|" : ".";
		mvwaddstr(w, y, x + i, s);
	}
}
