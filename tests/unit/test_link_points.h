/*
 * test_link_points.h - points of the misbehaving meter, and reads of them that
 * look at every value delivered.
 */
#ifndef METERCTL_TEST_LINK_POINTS_H
#define METERCTL_TEST_LINK_POINTS_H

#include "base/time.h"
#include "test_link_slave.h"

#define POINTS 40

static struct point points[POINTS];
static char keys[POINTS][8];
static struct profile profile = { .name = "test", .points = points, .npoints = POINTS, .read_most = 125 };

/* Points 0..29 at registers 0..29, 30..39 at 40, 42, 44 ...: with holes. */
static inline int prepare(void **state)
{
	(void)state;
	for (unsigned i = 0; i < POINTS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "p%u", i);
		points[i] = (struct point){
			.key = keys[i], .name = "", .group = "", .unit = "", .note = "",
			.section = "", .type = TYPE_U16, .words = 1, .scale = 1,
			.addr = (uint16_t)(i < 30 ? i : 40 + (i - 30) * 2),
			.min = 1, .max = 0,
		};
	}
	return 0;
}

struct got {
	unsigned ok, failed;
	struct reading last[POINTS];
};

/* Every value that is delivered is checked here: the heartbeat of these tests. */
static inline void take(void *arg, size_t idx, const struct reading *r)
{
	struct got *g = arg;

	g->last[idx] = *r;
	if (r->quality == QUALITY_FAILED) {
		g->failed++;
		return;
	}
	assert_int_equal(r->quality, QUALITY_OK);
	assert_int_equal(r->raw[0], register_value(points[idx].addr));
	assert_true(r->value.num == (double)register_value(points[idx].addr));
	assert_int_equal(r->words, 1);
	assert_true(r->mono_us > 0 && r->mono_us <= time_mono_us());
	g->ok++;
}

/* How long to wait for a meter that says nothing; that answers, however late on a busy
 * machine; that says something, but no answer; that does the one after the other. */
static const struct link_opts quick = { .timeout_ms = 60, .retries = 2 };
static const struct link_opts patient = { .timeout_ms = UNIT_PATIENCE_MS, .retries = 2 };
static const struct link_opts once = { .timeout_ms = 500, .retries = 0 };
static const struct link_opts steady = { .timeout_ms = 1000, .retries = 2 };

static inline int read_range(struct link *l, unsigned first, unsigned n, struct got *g, struct err *e)
{
	uint16_t idx[POINTS];

	for (unsigned i = 0; i < n; i++)
		idx[i] = (uint16_t)(first + i);
	*g = (struct got){ 0 };
	*e = (struct err){ 0 };
	return link_read(l, &profile, idx, n, take, g, e);
}

static inline void expect_text(const struct err *e, const char *words)
{
	char copy[200], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(e->text, w))
			fail_msg("no '%s' in: %s", w, e->text);
}

#endif
