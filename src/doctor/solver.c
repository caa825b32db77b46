#include "solver.h"

#include <string.h>

#include "angle.h"
#include "angles.h"
#include "odds.h"

static const unsigned orders[6][3] = {
	{ 0, 1, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
};

/* Lags of the currents behind the first voltage if the loads had none. With three wires
 * the first voltage is that between a and b, and a conductor's current belongs to its own
 * star voltage, b's too. */
static void resistive(const struct doctor_options *o, enum doctor_rotation r,
		      const double u_lag[3], double lag[3])
{
	bool back = r == DOCTOR_ROTATION_ACB;

	memcpy(lag, u_lag, 3 * sizeof(*lag));
	if (o->wires == DOCTOR_3WIRE) {
		lag[0] = back ? -30 : 30;
		lag[1] = back ? 210 : 150;
		lag[2] = back ? 90 : 270;
	}
}

/* What the load of a conductor lags by if the CT of an input is on it. */
struct loads {
	double lag[3][3];	/* input, conductor */
};

static void solver_loads(const struct puzzle *p, const struct doctor_options *o, enum doctor_rotation r,
			 struct loads *l)
{
	double u[3], i[3];

	if (p->rotation == DOCTOR_ROTATION_UNKNOWN)
		angles_grid(o, r, u);
	else
		memcpy(u, p->u_lag, sizeof(u));
	resistive(o, r, u, i);
	for (unsigned x = 0; x < 3; x++)
		for (unsigned of = 0; of < 3; of++)
			l->lag[x][of] = u[x] + p->lag[x] - i[of];
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

/* Mean and spread of N loads, those that do not feed in where there are any. */
static void solver_describe(const double *lag, unsigned n, unsigned out, struct doctor_hypothesis *h)
{
	unsigned set = (1U << n) - 1;
	double x = 0, y = 0, low = 0, high = 0;

	if (out != set)
		set &= ~out;
	for (unsigned k = 0; k < n; k++)
		if (set >> k & 1) {
			x += cos(lag[k] * DEGREE);
			y += sin(lag[k] * DEGREE);
		}
	h->lag = angle_lag(x, y);
	for (unsigned k = 0; k < n; k++)
		if (set >> k & 1) {
			low = fmin(low, angle_wrap(lag[k] - h->lag));
			high = fmax(high, angle_wrap(lag[k] - h->lag));
		}
	h->spread = high - low;
}

/* H->wiring with the loads L: fills in the rest. */
static void try_wiring(const struct puzzle *p, const struct doctor_options *o, const struct loads *l,
		       struct doctor_hypothesis *h)
{
	double lag[3];
	unsigned n = 0, out, conductor[3] = { 0 };

	for (unsigned x = 0; x < 3; x++)
		if (p->inputs >> x & 1) {
			conductor[n] = h->wiring.of[x];
			lag[n++] = angle_wrap(l->lag[x][h->wiring.of[x]] + (h->wiring.reversed[x] ? 180 : 0));
		}
	h->changes = count_changes(&h->wiring);
	h->probability = odds_wiring(o, &h->wiring) * odds_loads(o, lag, n, &out);
	if (p->rotation == DOCTOR_ROTATION_UNKNOWN)
		h->probability *= odds_rotation(h->rotation);
	h->feeds_in = 0;
	for (unsigned k = 0; k < n; k++)
		h->feeds_in |= (out >> k & 1) << conductor[k];
	solver_describe(lag, n, out, h);
}

/* Of the wirings that differ only at inputs that are not looked at, the one with the
 * least wrong stands for all. */
static bool stands_for_others(const struct puzzle *p, const struct doctor_wiring *w)
{
	unsigned looked_at = 0, moved = 0, moved_seen = 0;

	for (unsigned x = 0; x < 3; x++) {
		bool seen = p->inputs >> x & 1, away = w->of[x] != x;

		looked_at += seen;
		moved += away;
		moved_seen += seen && away;
		if ((!seen && w->reversed[x]) || (seen && !(p->conductors >> w->of[x] & 1)))
			return false;
	}
	/* one input sees its phase in two orders: as it is, or exchanged with it */
	return looked_at > 1 || moved == 0 || (moved == 2 && moved_seen == 1);
}

/* The same wiring under the other rotation, by the likelier of the two. */
static void solver_merge(struct doctor_hypothesis *into, const struct doctor_hypothesis *h)
{
	double both = into->probability + h->probability;

	if (h->probability > into->probability)
		*into = *h;
	into->probability = both;
}

static void solver_try_all(const struct puzzle *p, const struct doctor_options *o, enum doctor_rotation r,
			   struct solution *s)
{
	bool again = s->all > 0;
	size_t n = 0;
	struct loads l;

	solver_loads(p, o, r, &l);
	for (unsigned k = 0; k < 48; k++) {
		struct doctor_hypothesis h = { .rotation = r };

		memcpy(h.wiring.of, orders[k >> 3], sizeof(h.wiring.of));
		for (unsigned x = 0; x < 3; x++)
			h.wiring.reversed[x] = k >> x & 1;
		if (!stands_for_others(p, &h.wiring))
			continue;
		try_wiring(p, o, &l, &h);
		if (again)
			solver_merge(&s->list[n++], &h);
		else
			s->list[n++] = h;
	}
	s->all = n;
}

static void solver_sort(struct doctor_hypothesis *h, size_t n)
{
	for (size_t k = 1; k < n; k++)
		for (size_t at = k; at > 0 && h[at].probability > h[at - 1].probability; at--) {
			struct doctor_hypothesis keep = h[at];

			h[at] = h[at - 1];
			h[at - 1] = keep;
		}
}

static void solver_normalise(struct solution *s, unsigned inputs)
{
	double sum = s->anything = odds_anything((inputs & 1) + (inputs >> 1 & 1) + (inputs >> 2 & 1));

	for (size_t k = 0; k < s->all; k++)
		sum += s->list[k].probability;
	s->anything /= sum;
	for (size_t k = 0; k < s->all; k++)
		s->list[k].probability /= sum;
}

void solver_run(const struct puzzle *p, const struct doctor_options *o, struct solution *s)
{
	s->all = s->n = 0;
	if (p->rotation != DOCTOR_ROTATION_ACB)
		solver_try_all(p, o, DOCTOR_ROTATION_ABC, s);
	if (p->rotation != DOCTOR_ROTATION_ABC)
		solver_try_all(p, o, DOCTOR_ROTATION_ACB, s);
	solver_normalise(s, p->inputs);
	solver_sort(s->list, s->all);
	while (s->n < s->all && s->list[s->n].probability >= SOLVER_RIVAL)
		s->n++;
}
