#include "diagram.h"

#include <math.h>

#define DEGREES (M_PI / 180)
#define NEAR 1e-9
#define LEAST 0.02	/* of the longest: shorter ones are a dot without a direction */

static double diagram_longest(const struct doctor_vector *v)
{
	double most = 0;

	for (int x = 0; x < 3; x++)
		if (v[x].length > most)
			most = v[x].length;
	return most;
}

static bool meet(const struct diagram_names *n, double x, double y,
		 const struct diagram_arrow *other)
{
	return fabs(x - other->name_x) < n->width - NEAR && fabs(y - other->name_y) < n->height - NEAR;
}

/* How far along DX,DY two names are clear of each other. */
static double clear(const struct diagram_names *n, double dx, double dy)
{
	return fmin(n->width / fmax(fabs(dx), 1e-6), n->height / fmax(fabs(dy), 1e-6));
}

/* The name of arrow A beyond its tip, or as near to that as those before leave
 * room for: to both sides, farther out, farther in. */
static void place_name(const struct diagram *d, const struct diagram_names *names,
		       struct diagram_arrow *a)
{
	static const struct { double out, aside; } tries[] = {
		{ 0, 0 }, { 0, 1 }, { 0, -1 }, { 1, 0 }, { -1, 0 }, { -1, 1 }, { -1, -1 },
		{ 0, 2 }, { 0, -2 }, { -2, 0 },
	};
	double out_x = sin(a->lag * DEGREES), out_y = -cos(a->lag * DEGREES);
	double out = clear(names, out_x, out_y), aside = clear(names, out_y, out_x);

	for (size_t t = 0; t < sizeof(tries) / sizeof(tries[0]); t++) {
		double away = names->beyond + tries[t].out * out, side = tries[t].aside * aside;
		double x = a->x + out_x * away - out_y * side;
		double y = a->y + out_y * away + out_x * side;
		bool free = true;

		for (size_t i = 0; i < d->n; i++)
			free &= !meet(names, x, y, &d->arrow[i]);
		if (t > 0 && !free)
			continue;
		a->name_x = x;
		a->name_y = y;
		if (free)
			return;
	}
}

static void diagram_add(struct diagram *d, const struct diagram_names *names,
			const struct doctor_vector *v, double scale, bool current, unsigned input)
{
	struct diagram_arrow a = { .current = current, .input = input, .lag = v->lag };
	double length = v->length * scale;

	if (isnan(v->lag) || !(length > LEAST))
		return;
	a.x = length * sin(v->lag * DEGREES);
	a.y = -length * cos(v->lag * DEGREES);
	place_name(d, names, &a);
	d->arrow[d->n++] = a;
}

void diagram_make(const struct doctor_phasors *p, const struct diagram_names *names,
		  struct diagram *d)
{
	double u = diagram_longest(p->u), i = diagram_longest(p->i);

	d->n = 0;
	for (unsigned x = 0; x < 3 && u > 0; x++)
		diagram_add(d, names, &p->u[x], 1 / u, false, x);
	for (unsigned x = 0; x < 3 && i > 0; x++)
		diagram_add(d, names, &p->i[x], DIAGRAM_CURRENT / i, true, x);
}
