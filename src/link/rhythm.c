#include "rhythm.h"

#include <math.h>
#include <string.h>

#include "mqtt/dialects/dialect.h"

/* A gap is late after half an interval and this: a modem takes its time. */
#define FORGIVEN_S 2.0
/* No meter uploads that often: what a broker had kept comes in a burst. */
#define BURST_S 0.25
/* The same stamp after this is of a clock that is stuck: one may count whole seconds. */
#define STUCK_S 1.5

static double rhythm_seconds(int64_t us)
{
	return (double)us / 1e6;
}

/* Is an old stamp that of a clock set back? Stragglers come in a burst; a clock
 * goes on between two uploads as fast as ours. */
static bool set_back(const struct rhythm *r, int64_t mono_us, int64_t sent_us)
{
	double ours, its;

	if (!r->old_sent_us || sent_us <= r->old_sent_us)
		return false;
	ours = rhythm_seconds(mono_us - r->old_us);
	its = rhythm_seconds(sent_us - r->old_sent_us);
	return ours >= 0.5 && fabs(its - ours) <= ours / 2 + FORGIVEN_S;
}

/* Has somebody begun to listen again since the last upload? */
static bool rhythm_interrupted(const struct rhythm *r)
{
	return r->resumed_us && r->resumed_us > r->last_us;
}

static void take_gap(struct rhythm *r, double gap, enum rhythm_verdict *verdict)
{
	double expected = rhythm_expected_s(r);

	*verdict = RHYTHM_ON_TIME;
	if (gap < BURST_S)
		return;
	if (expected > 0 && gap > expected * 1.5 + FORGIVEN_S) {
		*verdict = RHYTHM_LATE;
		r->missed += (unsigned long)fmax(round(gap / expected) - 1, 1);
	}
	/* also a late one: after an interval made longer the median follows */
	r->gaps[r->next] = (float)gap;
	r->next = (r->next + 1) % RHYTHM_SAMPLES;
	if (r->ngaps < RHYTHM_SAMPLES)
		r->ngaps++;
}

enum rhythm_verdict rhythm_take(struct rhythm *r, int64_t mono_us, int64_t wall_us,
				int64_t sent_us, bool retained, bool dup)
{
	enum rhythm_verdict verdict = RHYTHM_FIRST;

	if (retained) {
		r->retained++;
		return RHYTHM_RETAINED;
	}
	if (r->uploads > 0 && (sent_us ? sent_us == r->sent_us : dup)) {
		r->duplicates++;
		return RHYTHM_DUPLICATE;
	}
	if (sent_us && sent_us < r->sent_us && !set_back(r, mono_us, sent_us)) {
		r->old_us = mono_us;
		r->old_sent_us = sent_us;
		r->old++;
		return RHYTHM_OLD;
	}
	if (r->uploads == 0)
		r->first_us = mono_us;
	else if (rhythm_interrupted(r))
		verdict = RHYTHM_ON_TIME;	/* how long the gap was nobody knows */
	else
		take_gap(r, rhythm_seconds(mono_us - r->last_us), &verdict);
	r->uploads++;
	r->last_us = mono_us;
	r->last_wall_us = wall_us;
	if (sent_us)
		r->sent_us = sent_us;
	r->old_us = r->old_sent_us = 0;
	return verdict;
}

/* Notes the items of UP; true when one is new among those with its stamp. */
static bool note_items(struct rhythm *r, const struct upload *up)
{
	bool more = false;

	for (size_t i = 0; i < up->n; i++) {
		size_t item = up->values[i].item;
		uint64_t *word = &r->brought[item / 64 % 2], bit = 1ULL << item % 64;

		more = more || !(*word & bit);
		*word |= bit;
	}
	return more;
}

/* What UP holds, as a number: FNV-1a by values. */
static uint64_t rhythm_print(const struct upload *up)
{
	uint64_t h = 14695981039346656037U;

	for (size_t i = 0; i < up->n; i++) {
		uint64_t bits = 0;

		memcpy(&bits, &up->values[i].num, sizeof(bits));
		h = ((h ^ up->values[i].item) * 1099511628211U ^ bits) * 1099511628211U;
	}
	return h;
}

static void rhythm_keep_print(struct rhythm *r, uint64_t print)
{
	r->prints[1] = r->prints[0];
	r->prints[0] = print;
}

/* UP is what comes first with its stamp. */
static void rhythm_begin(struct rhythm *r, const struct upload *up, uint64_t print)
{
	memset(r->brought, 0, sizeof(r->brought));
	note_items(r, up);
	r->prints[1] = 0;
	r->prints[0] = print;
}

/* The stamp of UP has come before. */
static enum rhythm_verdict rhythm_again(struct rhythm *r, const struct upload *up, int64_t mono_us,
					int64_t wall_us, bool dup, uint64_t print)
{
	if (note_items(r, up)) {
		rhythm_keep_print(r, print);
		return RHYTHM_PART;
	}
	if (dup || print == r->prints[0] || print == r->prints[1]
	    || rhythm_seconds(mono_us - r->moment.mono_us) < STUCK_S) {
		r->duplicates++;
		return RHYTHM_DUPLICATE;
	}
	moment_stuck(&r->moment, mono_us, wall_us);
	rhythm_keep_print(r, print);
	return rhythm_take(r, mono_us, wall_us, 0, false, false);
}

static enum rhythm_verdict rhythm_new(struct rhythm *r, const struct upload *up, int64_t mono_us,
				      int64_t wall_us, bool dup, uint64_t print)
{
	enum rhythm_verdict v;
	int64_t off_us = r->moment.sent_us ? (int64_t)(r->moment.off_s * 1e6) : 0;

	moment_take(&r->moment, up->sent_us, mono_us, wall_us, rhythm_expected_s(r), up->history);
	if (r->moment.late) {
		r->backlog++;
		if (up->sent_us > r->sent_us) {
			r->sent_us = up->sent_us;
			rhythm_begin(r, up, print);
		}
		return RHYTHM_BACKLOG;
	}
	/* a clock that was ahead and no longer is: what it said before is no measure */
	if (off_us < -(int64_t)(MOMENT_TOLERANCE_S * 1e6) && up->sent_us < r->sent_us)
		r->sent_us = 0;
	v = rhythm_take(r, mono_us, wall_us, up->sent_us, false, dup);
	if (v != RHYTHM_DUPLICATE && v != RHYTHM_OLD)
		rhythm_begin(r, up, print);
	return v;
}

enum rhythm_verdict rhythm_upload(struct rhythm *r, struct upload *up, int64_t mono_us,
				  int64_t wall_us, bool retained, bool dup)
{
	enum rhythm_verdict v;
	uint64_t print;

	if (up->kind != UPLOAD_DATA || up->down)
		return retained ? RHYTHM_RETAINED : RHYTHM_ON_TIME;
	if (retained) {
		struct moment kept = { 0 };

		moment_take(&kept, up->sent_us, mono_us, wall_us, 0, true);
		up->late = true;
		up->measured_us = kept.measured_us;
		return rhythm_take(r, mono_us, wall_us, up->sent_us, true, dup);
	}
	print = rhythm_print(up);
	if (up->sent_us && up->sent_us == r->sent_us)
		v = rhythm_again(r, up, mono_us, wall_us, dup, print);
	else
		v = rhythm_new(r, up, mono_us, wall_us, dup, print);
	up->late = r->moment.late;
	up->measured_us = r->moment.measured_us;
	return v;
}

void rhythm_change(struct rhythm *r, int s)
{
	r->ngaps = r->next = 0;
	r->set_s = s;
}

void rhythm_set(struct rhythm *r, int s)
{
	/* said for the first time, it need not be new */
	if (r->set_s > 0 && s != r->set_s)
		rhythm_change(r, s);
	r->set_s = s;
}

void rhythm_resume(struct rhythm *r, int64_t now_us)
{
	r->resumed_us = now_us;
}

double rhythm_seen_s(const struct rhythm *r)
{
	float sorted[RHYTHM_SAMPLES];
	unsigned n = 0;

	for (unsigned i = 0; i < r->ngaps; i++) {
		unsigned at = n++;

		for (; at > 0 && sorted[at - 1] > r->gaps[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = r->gaps[i];
	}
	if (n == 0)
		return 0;
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double rhythm_expected_s(const struct rhythm *r)
{
	double seen = rhythm_seen_s(r);

	return seen > 0 ? seen : r->set_s;
}

unsigned rhythm_overdue(const struct rhythm *r, int64_t now_us)
{
	int64_t since_us = rhythm_interrupted(r) ? r->resumed_us : r->last_us;
	double expected = rhythm_expected_s(r), late;

	if (expected <= 0 || since_us == 0)
		return 0;
	late = rhythm_seconds(now_us - since_us) - FORGIVEN_S - expected / 2;
	return late < expected ? 0 : (unsigned)fmin(late / expected, 1e9);
}
