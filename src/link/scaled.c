#include "scaled.h"

#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"

/* What a read has brought of one point. */
struct scaled_part {
	uint16_t idx;
	bool wanted;		/* by the caller, not only as what scales another */
	bool came;
	struct reading r;
};

struct scaled_parts {
	const struct profile *profile;
	struct scaled_part *list;
	size_t n;
	link_sink *sink;	/* what is wanted and not scaled goes on at once; NULL: nothing does */
	void *arg;
};

bool scaled_any(const struct profile *p, const uint16_t *idx, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (codec_is_scaled(&p->points[idx[i]]))
			return true;
	return false;
}

static struct scaled_part *scaled_find(const struct scaled_parts *s, size_t idx)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].idx == idx)
			return &s->list[i];
	return NULL;
}

static void scaled_add(struct scaled_parts *s, uint16_t idx, bool wanted)
{
	struct scaled_part *known = scaled_find(s, idx);

	if (known)
		known->wanted = known->wanted || wanted;
	else
		s->list[s->n++] = (struct scaled_part){ .idx = idx, .wanted = wanted };
}

static void scaled_take(void *arg, size_t idx, const struct reading *r)
{
	struct scaled_parts *s = arg;
	struct scaled_part *part = scaled_find(s, idx);

	if (!part) {
		/* of the read before, which this one has proved */
		if (s->sink)
			s->sink(s->arg, idx, r);
		return;
	}
	part->came = true;
	part->r = *r;
	if (s->sink && part->wanted && !codec_is_scaled(&s->profile->points[idx]))
		s->sink(s->arg, idx, r);
}

/* One read of what is in S. */
static int scaled_fetch(struct link *l, struct scaled_parts *s, struct err *e)
{
	uint16_t *idx = calloc(s->n + 1, sizeof(*idx));
	int rc;

	if (!idx)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < s->n; i++) {
		idx[i] = s->list[i].idx;
		s->list[i].came = false;
	}
	rc = l->ops->read(l, s->profile, idx, s->n, scaled_take, s, e);
	free(idx);
	return rc;
}

/* PART by the reading BY of what scales it. */
static void scaled_give(const struct scaled_parts *s, const struct scaled_part *part, const struct reading *by)
{
	const struct point *p = &s->profile->points[part->idx];
	struct reading r = part->r;

	r.err = (struct err){ 0 };
	r.quality = QUALITY_OK;
	if (part->r.words == 0 || by->quality == QUALITY_FAILED) {
		/* refused by the meter, this one or the other */
		r.quality = QUALITY_FAILED;
		r.err = part->r.words == 0 ? part->r.err : by->err;
		if (part->r.words > 0)
			err_prefix(&r.err, "what scales '%s'", p->key);
	} else if (codec_decode_by(p, part->r.raw, &by->value, &r.value, &r.err)) {
		r.quality = QUALITY_FAILED;
	} else if (r.value.kind == VALUE_NONE) {
		r.quality = QUALITY_ABSENT;
	}
	s->sink(s->arg, part->idx, &r);
}

static bool scaled_same_answer(const struct profile *p, const struct scaled_part *a, const struct scaled_part *b)
{
	return a->r.mono_us == b->r.mono_us && p->points[a->idx].space == p->points[b->idx].space;
}

/* Parts of S that have not been given: what scales them stood in another answer. */
static int scaled_around(struct link *l, struct scaled_parts *s, const bool *apart, struct err *e)
{
	struct scaled_parts by = { .profile = s->profile, .list = calloc(s->n + 1, sizeof(*by.list)) };
	struct scaled_parts after = { .profile = s->profile, .list = calloc(s->n + 1, sizeof(*after.list)) };
	struct scaled_parts far = { .profile = s->profile, .sink = s->sink, .arg = s->arg,
				    .list = calloc(s->n + 1, sizeof(*far.list)) };
	int rc = -1;

	if (!by.list || !after.list || !far.list) {
		err_set(e, ERR_NO, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < s->n; i++)
		if (apart[i]) {
			uint16_t scaler = (uint16_t)profile_scaler(s->profile, &s->profile->points[s->list[i].idx]);

			scaled_add(&far, s->list[i].idx, true);
			scaled_add(&by, scaler, false);
			scaled_add(&after, scaler, false);
		}
	rc = scaled_fetch(l, &by, e) || scaled_fetch(l, &far, e) || scaled_fetch(l, &after, e) ? -1 : 0;
	for (size_t i = 0; i < far.n && rc == 0; i++) {
		size_t scaler = (size_t)profile_scaler(s->profile, &s->profile->points[far.list[i].idx]);
		struct reading before = scaled_find(&by, scaler)->r;
		const struct reading *now = &scaled_find(&after, scaler)->r;

		if (memcmp(before.raw, now->raw, sizeof(now->raw)) != 0) {
			before.quality = QUALITY_FAILED;
			err_set(&before.err, ERR_FOREIGN, "it changed while it was read: read again");
		}
		scaled_give(&far, &far.list[i], &before);
	}
out:
	free(by.list);
	free(after.list);
	free(far.list);
	return rc;
}

/* Gives what stood in one answer with what scales it. True: something did not. */
static bool scaled_give_near(const struct scaled_parts *s, bool *apart)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct scaled_part *part = &s->list[i], *by;
		int scaler = profile_scaler(s->profile, &s->profile->points[part->idx]);

		if (!part->wanted || !part->came || scaler < 0)
			continue;
		by = scaled_find(s, (size_t)scaler);
		if (!by->came || (part->r.words > 0 && by->r.words > 0 && !scaled_same_answer(s->profile, part, by)))
			any = apart[i] = true;
		else
			scaled_give(s, part, &by->r);
	}
	return any;
}

int scaled_read(struct link *l, const struct profile *p, const uint16_t *idx, size_t n,
		link_sink *sink, void *arg, struct err *e)
{
	struct scaled_parts s = { .profile = p, .sink = sink, .arg = arg, .list = calloc(2 * n + 1, sizeof(*s.list)) };
	bool *apart = calloc(2 * n + 1, sizeof(*apart));
	int rc = -1;

	/* the values of this read wait for no other one: what they are made of is kept here */
	l->more = false;
	if (!s.list || !apart) {
		err_set(e, ERR_NO, "out of memory");
	} else {
		for (size_t i = 0; i < n; i++)
			scaled_add(&s, idx[i], true);
		for (size_t i = 0; i < n; i++)
			if (codec_is_scaled(&p->points[idx[i]]))
				scaled_add(&s, (uint16_t)profile_scaler(p, &p->points[idx[i]]), false);
		rc = scaled_fetch(l, &s, e);
		if (scaled_give_near(&s, apart) && rc == 0)
			rc = scaled_around(l, &s, apart, e);
	}
	free(s.list);
	free(apart);
	return rc;
}
