#include "plan_link.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "profile/codec.h"

#define FOLLOW_US 8000000	/* no effect time is printed (ambiguity A11) */
#define LOOK_AGAIN_US 200000

/* The target the meter should answer at when it holds WANT. */
static struct target changed(const struct target *t, const struct point *p,
			     const uint16_t *want)
{
	struct target to = *t;
	char text[VALUE_TEXT];
	struct value v;

	if (codec_decode(p, want, &v, NULL) == 0)
		target_change(&to, p->key, codec_format(p, &v, text, sizeof(text)));
	return to;
}

static bool plan_link_answers(struct meter *m, const struct target *at, const struct point *p,
			      uint16_t *after, bool *interrupted)
{
	struct err e = { 0 };

	if (link_retarget(m->link, at, &e))
		return false;
	if (link_raw_read(m->link, p->space, p->addr, p->words, after, &e) == 0)
		return true;
	/* what has been sent is seen through before a cancel takes effect */
	if (e.code == ERR_INTERRUPTED) {
		*interrupted = true;
		link_uncancel(m->link);
	}
	return false;
}

int plan_probe(struct meter *m, const struct point *p, const uint16_t *want, struct err *e)
{
	struct target old = m->link->target, new = changed(&old, p, want);
	uint16_t regs[VALUE_WORDS];
	struct err found = { 0 }, back;
	int rc;

	if (new.unit == old.unit || target_frames_tcp(&old))
		return 0;
	if (link_retarget(m->link, &new, e))
		return -1;
	rc = link_raw_read(m->link, p->space, p->addr, p->words, regs, &found);
	if (link_retarget(m->link, &old, &back)) {
		*e = back;
		return -1;
	}
	if (rc && found.code == ERR_SILENT)
		return 0;
	if (found.code == ERR_INTERRUPTED) {
		*e = found;
		return -1;
	}
	/* a damaged answer is an answer, too */
	return err_set(e, ERR_DENIED, "unit %d is taken: another meter answers there%s", new.unit,
		       found.code == ERR_FOREIGN ? " (damaged)" : "");
}

static void plan_link_rest(void)
{
	struct timespec ts = { 0, LOOK_AGAIN_US * 1000 };

	ppoll(NULL, 0, &ts, NULL);
}

enum step_state plan_follow(struct meter *m, const struct point *p,
			    const uint16_t *want, uint16_t *after, bool *interrupted,
			    struct err *e)
{
	struct target old = m->link->target, new = changed(&old, p, want);
	size_t size = p->words * sizeof(*want);
	int64_t end = time_mono_us() + FOLLOW_US;
	bool on_old = false;
	char where[48], was[48];

	target_line(&new, where, sizeof(where));
	target_line(&old, was, sizeof(was));
	do {
		if (plan_link_answers(m, &new, p, after, interrupted) && memcmp(after, want, size) == 0)
			return STEP_VERIFIED;
		on_old = plan_link_answers(m, &old, p, after, interrupted);
		if (on_old && memcmp(after, want, size) == 0) {
			err_set(e, ERR_NONE, "the meter holds it and still answers at unit %d, %s: it takes effect later", old.unit, was);
			return STEP_VERIFIED;
		}
		plan_link_rest();
	} while (time_mono_us() < end);
	if (on_old) {
		err_set(e, ERR_UNVERIFIED, "'%s' was not taken over: the meter still answers at unit %d, %s", p->key, old.unit, was);
		return STEP_FAILED;
	}
	err_set(e, ERR_UNVERIFIED, "the meter answers neither at unit %d, %s nor at unit %d, %s: look at its own menu for address and speed, then connect there",
		new.unit, where, old.unit, was);
	return STEP_UNKNOWN;
}
