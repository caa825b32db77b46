#include "solver.h"

#include <limits.h>
#include <string.h>

#include "angle.h"
#include "angles.h"

/* The loads of the three phases are alike within some 25 degrees; a heater beside
 * a motor is 50 apart. No two wirings are nearer to each other than 120, or 60
 * with two inputs to go by. */
#define ALIKE_LEAST 60.0
#define LESS_ALIKE 25.0
#define EACH_BEYOND 15.0	/* one phase may lie so far outside the window */

/* At an edge of the window noise decides. Of a window that is only our guess: loads
 * that are resistive in every phase are heaters, and not PF 0.5 upside down, though
 * they are 60 degrees from it; else a site without mistakes may lie beyond the lagging
 * edge, and beyond the leading one (too many capacitors) one with far fewer. */
#define EDGE 2.0
#define EDGE_OUTSIDE 6.0
#define RESISTIVE 2.5
#define HEATERS_REACH 1.25
#define LAGS_MORE 4.0	/* each more costs 0.1 % of what is plain at unity to PF 0.85 */
#define LEADS_MORE 8.0
#define FAR_FEWER 2

/* Where power factors of consumers mostly are: 0.98 lead to 0.81 lag. */
#define USUAL_LEAD -12.0
#define USUAL_LAG 36.0
#define LITTLE_LESS_USUAL 6.0

static const unsigned orders[6][3] = {
	{ 0, 1, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
};

/* Lags of the currents behind the first voltage if the loads had none. */
static void resistive(const struct doctor_options *o, enum doctor_rotation r,
		      const double u_lag[3], double lag[3])
{
	bool back = r == DOCTOR_ROTATION_ACB;

	memcpy(lag, u_lag, 3 * sizeof(*lag));
	if (o->wires == DOCTOR_3WIRE) {
		lag[0] = back ? -30 : 30;
		lag[2] = back ? 90 : 270;
	}
}

double solver_load_lag(const struct puzzle *p, const struct doctor_options *o,
		       enum doctor_rotation r, const struct doctor_wiring *w, unsigned x)
{
	double u[3], i[3];

	if (p->rotation == DOCTOR_ROTATION_UNKNOWN)
		angles_grid(o, r, u);
	else
		memcpy(u, p->u_lag, sizeof(u));
	resistive(o, r, u, i);
	return angle_wrap(u[x] + p->lag[x] - i[w->of[x]] + (w->reversed[x] ? 180 : 0));
}

/* The same leads put right, not counting those that cannot be seen. */
static int count_changes(const struct doctor_wiring *w)
{
	int moved = 0, reversed = 0;

	for (unsigned x = 0; x < 3; x++) {
		moved += w->of[x] != x;
		reversed += w->reversed[x];
	}
	return (moved > 0 ? moved - 1 : 0) + reversed;
}

struct fit {
	struct doctor_hypothesis h;
	double outside;		/* of the window, degrees */
	double unusual;		/* of what consumers mostly have, degrees */
	bool resistive;		/* every phase */
	bool kept;
};

static double beyond(double v, double low, double high)
{
	return fmax(0, fmax(low - v, v - high));
}

/* False when the loads would be too different or one far outside the window. */
static bool try_wiring(const struct puzzle *p, const struct doctor_options *o, struct fit *f)
{
	double lag[3], x = 0, y = 0, low = 0, high = 0;
	double lead = -o->window_lead, most = o->window_lag;

	for (unsigned k = 0; k < 3; k++) {
		if (!(p->inputs >> k & 1))
			continue;
		lag[k] = solver_load_lag(p, o, f->h.rotation, &f->h.wiring, k);
		x += cos(lag[k] * DEGREE);
		y += sin(lag[k] * DEGREE);
	}
	f->h.lag = angle_lag(x, y);
	for (unsigned k = 0; k < 3; k++) {
		if (!(p->inputs >> k & 1))
			continue;
		low = fmin(low, angle_wrap(lag[k] - f->h.lag));
		high = fmax(high, angle_wrap(lag[k] - f->h.lag));
	}
	f->resistive = fmax(fabs(f->h.lag + low), fabs(f->h.lag + high)) <= RESISTIVE;
	f->h.spread = high - low;
	f->h.changes = count_changes(&f->h.wiring);
	f->unusual = beyond(f->h.lag, USUAL_LEAD, USUAL_LAG);
	f->outside = beyond(f->h.lag, lead - EDGE, most + (o->window_said ? EDGE : 0));
	return f->h.spread <= ALIKE_LEAST
	    && beyond(f->h.lag + low, lead, most) <= EACH_BEYOND
	    && beyond(f->h.lag + high, lead, most) <= EACH_BEYOND;
}

/* Of the wirings that differ only at inputs that are not looked at, the one with the
 * least wrong stands for all. */
static bool stands_for_others(const struct puzzle *p, const struct doctor_options *o,
			      const struct doctor_wiring *w)
{
	unsigned looked_at = 0, moved = 0, moved_seen = 0;

	for (unsigned x = 0; x < 3; x++) {
		bool seen = p->inputs >> x & 1, away = w->of[x] != x;

		looked_at += seen;
		moved += away;
		moved_seen += seen && away;
		if (!seen && (w->reversed[x] || (o->wires == DOCTOR_3WIRE && away)))
			return false;
	}
	/* one input sees its phase in two orders: as it is, or exchanged with it */
	return looked_at > 1 || moved == 0 || (moved == 2 && moved_seen == 1);
}

static size_t try_all(const struct puzzle *p, const struct doctor_options *o,
		      struct fit out[SOLVER_MAX])
{
	enum doctor_rotation first = p->rotation, last = p->rotation;
	size_t n = 0;

	if (p->rotation == DOCTOR_ROTATION_UNKNOWN) {
		first = DOCTOR_ROTATION_ABC;
		last = DOCTOR_ROTATION_ACB;
	}
	for (unsigned r = first; r <= last; r++)
		for (unsigned k = 0; k < 48; k++) {
			struct fit *f = &out[n];

			*f = (struct fit){ .h.rotation = r };
			memcpy(f->h.wiring.of, orders[k >> 3], sizeof(f->h.wiring.of));
			for (unsigned x = 0; x < 3; x++)
				f->h.wiring.reversed[x] = k >> x & 1;
			/* with four wires what is in order is so whichever way they turn */
			if (r != first && k < 8 && o->wires == DOCTOR_4WIRE)
				continue;
			n += stands_for_others(p, o, &f->h.wiring) && try_wiring(p, o, f);
		}
	return n;
}

/*
 * Fewer mistakes prove nothing: A beats B when it has as few and its loads are more
 * alike, which needs no mistakes to become unlike. But where nobody has said what the
 * loads can be, none at all is believed rather than the five that a shift by 60 degrees
 * takes, if the loads are not much less usual; and exchanged CTs of three wires rather
 * than voltages that turn the other way and two more mistakes with the same loads.
 */
static bool beats(const struct doctor_options *o, const struct fit *a, const struct fit *b)
{
	int fewer = b->h.changes - a->h.changes;

	if (a->outside > b->outside)
		return false;
	if (b->h.spread > a->h.spread + LESS_ALIKE && fewer >= 0)
		return true;
	if (o->wires == DOCTOR_3WIRE && a->h.rotation != b->h.rotation && fewer >= FAR_FEWER
	    && angle_between(a->h.lag, b->h.lag) < EDGE)
		return true;
	return !o->window_said && a->h.changes == 0 && fewer > 0
	    && a->h.spread <= b->h.spread + LESS_ALIKE && a->unusual <= b->unusual + LITTLE_LESS_USUAL;
}

static bool likelier(const struct fit *a, const struct fit *b)
{
	if (a->h.changes != b->h.changes)
		return a->h.changes < b->h.changes;
	return a->unusual + a->h.spread < b->unusual + b->h.spread;
}

static void solver_sort(struct fit *f, size_t n)
{
	for (size_t k = 1; k < n; k++)
		for (size_t at = k; at > 0 && likelier(&f[at], &f[at - 1]); at--) {
			struct fit keep = f[at];

			f[at] = f[at - 1];
			f[at - 1] = keep;
		}
}

/* What a window that nobody has given leaves out or lets in at its edges. */
static void soften(const struct doctor_options *o, struct fit *f, size_t n)
{
	bool heaters = false;
	int fewest = INT_MAX;

	for (size_t k = 0; k < n; k++) {
		heaters = heaters || (f[k].kept && f[k].resistive);
		if (f[k].kept && f[k].h.changes < fewest)
			fewest = f[k].h.changes;
	}
	for (size_t k = 0; k < n && fewest != INT_MAX; k++) {
		double lags = f[k].h.lag - o->window_lag, leads = -o->window_lead - f[k].h.lag;

		if (heaters && lags > -HEATERS_REACH)
			f[k].kept = false;
		else if (lags > 0 && lags <= LAGS_MORE && f[k].h.changes == 0)
			f[k].kept = true;
		else if (leads > 0 && leads <= LEADS_MORE && f[k].h.changes + FAR_FEWER <= fewest)
			f[k].kept = true;
	}
}

/* Keeps what lies inside the window, or, where nothing does, hardly outside. */
static void keep_inside(const struct doctor_options *o, struct fit *f, size_t n)
{
	double least = EDGE_OUTSIDE;

	for (size_t k = 0; k < n; k++)
		least = fmin(least, f[k].outside);
	if (least > 0)
		least = fmin(least + EDGE, EDGE_OUTSIDE);
	for (size_t k = 0; k < n; k++)
		f[k].kept = f[k].outside <= least;
	if (!o->window_said)
		soften(o, f, n);
}

void solver_run(const struct puzzle *p, const struct doctor_options *o, struct solution *s)
{
	struct fit f[SOLVER_MAX];
	size_t n = try_all(p, o, f);

	s->n = s->rivals = 0;
	s->has_other = false;
	s->other = (struct doctor_hypothesis){ 0 };
	solver_sort(f, n);
	keep_inside(o, f, n);
	for (size_t k = 0; k < n; k++) {
		bool beaten = false;

		for (size_t j = 0; j < n && f[k].kept && !beaten; j++)
			beaten = j != k && f[j].kept && beats(o, &f[j], &f[k]) && !beats(o, &f[k], &f[j]);
		if (f[k].kept && !beaten) {
			s->list[s->n++] = f[k].h;
			continue;
		}
		s->rivals += beaten;
		if (!s->has_other)
			s->other = f[k].h;
		s->has_other = true;
	}
}
