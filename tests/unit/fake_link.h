/*
 * fake_link.h - a link without a line. A test says what the registers hold (raw_read) and
 * what becomes of a write; points are read through them, one by one.
 */
#ifndef METERCTL_FAKE_LINK_H
#define METERCTL_FAKE_LINK_H

#include "link/link.h"
#include "profile/codec.h"

/* When its readings are of, and how often its port was lost and found. */
static struct {
	int64_t mono_us, wall_us;
	unsigned long reopened;
} fake_link = { 1, 1, 0 };

/* What the meter refuses is a reading that failed; anything else is the line's failure. */
static inline int fake_link_read(struct link *l, const struct profile *p, const uint16_t *idx, size_t n,
				 link_sink *sink, void *arg, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct point *pt = &p->points[idx[i]];
		struct reading r = { .quality = QUALITY_OK, .words = (uint8_t)pt->words,
				     .at_us = fake_link.wall_us, .mono_us = fake_link.mono_us };

		if (l->ops->raw_read(l, pt->space, pt->addr, pt->words, r.raw, &r.err)) {
			if (r.err.code != ERR_REFUSED) {
				*e = r.err;
				return -1;
			}
			r.quality = QUALITY_FAILED;
		} else if (codec_decode(pt, r.raw, &r.value, &r.err)) {
			r.quality = QUALITY_FAILED;
		}
		sink(arg, idx[i], &r);
	}
	return 0;
}

static inline int fake_link_retarget(struct link *l, const struct target *t, struct err *e)
{
	(void)e;
	l->target = *t;
	return 0;
}

static inline void fake_link_stats(const struct link *l, struct link_stats *out)
{
	(void)l;
	*out = (struct link_stats){ .reopened = fake_link.reopened };
}

static inline void fake_link_close(struct link *l)
{
	(void)l;
}

/* Beside these a test gives .raw_read, and .write or .set. */
#define FAKE_LINK_OPS .name = "fake", .read = fake_link_read, .retarget = fake_link_retarget, \
	.stats = fake_link_stats, .close = fake_link_close

#endif
