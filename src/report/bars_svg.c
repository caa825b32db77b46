/*
 * bars_svg.c - the harmonics of three phases as bars side by side.
 */
#include <math.h>

#include "profile/limits.h"
#include "drawing.h"

#define LEFT 34.0
#define TOP 18.0
#define HEIGHT 96.0
#define GROUP 22.0		/* an order */
#define BAR 5.6
#define WIDTH (LEFT + GROUP * DRAWING_ORDERS + 4)

/* Filled, hatched, hollow: still three on a grey printer. */
static const char *const fills[3] = {
	"fill=\"#0060a8\"", "fill=\"url(#hatch)\" stroke=\"#c05000\"", "fill=\"#fff\" stroke=\"#8a2a7a\"",
};

/* The least round number that is not below V. */
static double round_up(double v)
{
	double ten = pow(10, floor(log10(v)));

	return v <= ten ? ten : v <= 2 * ten ? 2 * ten : v <= 5 * ten ? 5 * ten : 10 * ten;
}

static double top_of(double percent[3][DRAWING_ORDERS])
{
	double most = 0.5;

	for (int x = 0; x < 3; x++)
		for (int i = 0; i < DRAWING_ORDERS; i++)
			if (percent[x][i] > most)
				most = percent[x][i];
	return round_up(fmin(most, 100));
}

static double y_of(double percent, double top)
{
	return TOP + HEIGHT * (1 - fmin(percent, top) / top);
}

static void axes(FILE *f, const char *title, double top)
{
	fprintf(f, "<text x=\"%.0f\" y=\"11\" font-weight=\"bold\">%s</text>\n", LEFT, title);
	for (int i = 0; i <= 2; i++) {
		double y = y_of(top * i / 2, top);

		fprintf(f, "<path d=\"M%.0f %.1fH%.0f\" stroke=\"%s\"/>\n", LEFT, y, WIDTH, i ? "#ddd" : "#555");
		fprintf(f, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%g %%</text>\n", LEFT - 4, y + 3.5,
			top * i / 2);
	}
	for (int i = 0; i < DRAWING_ORDERS; i++)
		fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\"%s>%d</text>\n",
			LEFT + GROUP * (i + 0.5), TOP + HEIGHT + 12, i % 2 ? "" : " fill=\"#777\"",
			i + DRAWING_FIRST);
}

/* What A, B and C look like, and the limits. */
static void legend(FILE *f, bool voltage)
{
	double x = WIDTH - (voltage ? 236 : 100);

	for (int i = 0; i < 3; i++, x += 32) {
		fprintf(f, "<rect x=\"%.1f\" y=\"3\" width=\"9\" height=\"9\" %s/>\n", x, fills[i]);
		fprintf(f, "<text x=\"%.1f\" y=\"11\">%c</text>\n", x + 13, 'A' + i);
	}
	if (!voltage)
		return;
	fprintf(f, "<path d=\"M%.1f 8h16\" stroke=\"#a00\" stroke-dasharray=\"3 2\"/>\n", x + 4);
	fprintf(f, "<text x=\"%.1f\" y=\"11\">limit of EN 50160</text>\n", x + 25);
}

void drawing_harmonics(FILE *f, const char *title, double percent[3][DRAWING_ORDERS], bool voltage)
{
	double top = top_of(percent);

	fprintf(f, "<svg class=\"bars\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" fill=\"none\" font-size=\"10\">\n"
		"<title>%s</title>\n<defs><pattern id=\"hatch\" width=\"3\" height=\"3\" "
		"patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		"<path d=\"M0 0V3\" stroke=\"#c05000\" stroke-width=\"2.2\"/></pattern></defs>\n<g fill=\"#222\">\n",
		WIDTH, TOP + HEIGHT + 18, title);
	axes(f, title, top);
	legend(f, voltage);
	for (int x = 0; x < 3; x++)
		for (int i = 0; i < DRAWING_ORDERS; i++) {
			double y = y_of(percent[x][i], top);

			if (percent[x][i] > 0)
				fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
					"stroke-width=\".7\" %s/>\n", LEFT + GROUP * i + 1.6 + x * 6.4, y, BAR,
					TOP + HEIGHT - y, fills[x]);
		}
	for (int i = 0; voltage && i < DRAWING_ORDERS; i++) {
		double limit = limits_voltage_harmonic(i + DRAWING_FIRST);

		if (limit <= top)
			fprintf(f, "<path d=\"M%.1f %.1fh%.0f\" stroke=\"#a00\" stroke-dasharray=\"3 2\"/>\n",
				LEFT + GROUP * i, y_of(limit, top), GROUP);
	}
	fputs("</g>\n</svg>\n", f);
}
