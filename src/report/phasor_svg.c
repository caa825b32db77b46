/*
 * phasor_svg.c - the phasor diagram.
 */
#include <math.h>

#include "diagram.h"
#include "drawing.h"

#define RADIUS 120.0
#define MARGIN 26.0
#define SIZE (2 * (RADIUS + MARGIN))
#define HEAD 9.0		/* length of an arrow's head */

static const struct {
	const char *color, *dashes;
} looks[3] = {
	{ "#0060a8", "" }, { "#c05000", " stroke-dasharray=\"7 4\"" },
	{ "#8a2a7a", " stroke-dasharray=\"1.5 3.5\"" },
};

static void arrow(FILE *f, const struct diagram_arrow *a)
{
	double x = a->x * RADIUS, y = a->y * RADIUS, length = hypot(x, y);
	double wide = a->current ? 3.4 : 1.5, dx = x / length, dy = y / length;
	double head = length > 2 * HEAD ? HEAD : length / 2, side = head * (a->current ? 0.5 : 0.38);
	double bx = x - dx * head, by = y - dy * head;

	fprintf(f, "<path d=\"M0 0L%.1f %.1f\" stroke=\"%s\" stroke-width=\"%.1f\"%s/>\n", bx, by,
		looks[a->input].color, wide, looks[a->input].dashes);
	fprintf(f, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\" fill=\"%s\" stroke=\"none\"/>\n", x, y,
		bx - dy * side, by + dx * side, bx + dy * side, by - dx * side, looks[a->input].color);
}

static void name(FILE *f, const struct diagram_arrow *a)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\"%s>%c%c</text>\n", a->name_x * RADIUS,
		a->name_y * RADIUS + 4.5, looks[a->input].color,
		a->current ? " font-weight=\"bold\"" : "", a->current ? 'I' : 'U', 'A' + (int)a->input);
}

/* The circle, with a tick every 30 degrees. */
static void dial(FILE *f)
{
	fprintf(f, "<circle r=\"%.0f\" stroke=\"#bbb\"/>\n", RADIUS);
	for (int lag = 0; lag < 360; lag += 30) {
		double x = sin(lag * M_PI / 180), y = -cos(lag * M_PI / 180);

		fprintf(f, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#bbb\"/>\n", x * (RADIUS - 4),
			y * (RADIUS - 4), x * (RADIUS + 4), y * (RADIUS + 4));
	}
}

void drawing_phasors(FILE *f, const struct doctor_phasors *p)
{
	static const struct diagram_names names = { 24 / RADIUS, 16 / RADIUS, 14 / RADIUS };
	struct diagram d;

	diagram_make(p, &names, &d);
	fprintf(f, "<svg class=\"phasors\" viewBox=\"%.0f %.0f %.0f %.0f\" role=\"img\" fill=\"none\" "
		"font-size=\"14\" text-anchor=\"middle\">\n<title>Phasor diagram</title>\n",
		-SIZE / 2, -SIZE / 2, SIZE, SIZE);
	dial(f);
	for (size_t i = 0; i < d.n; i++)
		arrow(f, &d.arrow[i]);
	for (size_t i = 0; i < d.n; i++)
		name(f, &d.arrow[i]);
	fputs("</svg>\n", f);
}
