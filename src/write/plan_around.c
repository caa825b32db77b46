#include "plan_around.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "profile/codec.h"

#define DONE_AGAIN_US 200000	/* between two looks at whether a commit is done */

bool plan_asks_password(const struct plan *p)
{
	if (p->profile->unlock_password.n != CODE_ASKED || p->password.n)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].state == STEP_PLANNED && plan_point(p, &p->steps[i])->flags & POINT_UNLOCK)
			return true;
	return false;
}

int plan_give_password(struct plan *p, const char *text, struct err *e)
{
	const struct point pt = {
		.key = "unlock", .name = "", .group = "", .unit = "", .note = "", .section = "", .source = "",
		.exponent = "", .factor = "", .type = p->profile->unlock_type, .order = p->profile->order,
		.words = (uint16_t)codec_words(p->profile->unlock_type), .scale = 1, .min = 1, .max = 0,
		.flags = POINT_WRITABLE | POINT_SECRET,
	};
	struct value v = { 0 };
	int rc = codec_parse(&pt, text, &v, e) || codec_encode(&pt, &v, p->password.v, e) ? -1 : 0;

	explicit_bzero(&v, sizeof(v));
	if (rc)
		/* no word of it: it may be right for something else */
		return err_set(e, ERR_USAGE, "the unlock password is not a number of type %s (see 'profile show')",
			       point_type_names[pt.type]);
	p->password.n = (uint8_t)pt.words;
	return 0;
}

uint16_t around_most(const struct profile *p)
{
	return p->write_most ? p->write_most : PLAN_REGISTERS_MAX;
}

uint16_t plan_write_count(const struct profile *p, uint16_t words)
{
	return (uint16_t)((words + around_most(p) - 1) / around_most(p));
}

bool around_rest(struct link *l, int64_t us)
{
	struct pollfd p = { .fd = l->cancel_fd, .events = POLLIN };
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	if (us <= 0 || ppoll(&p, 1, &ts, NULL) <= 0)
		return false;
	link_uncancel(l);
	return true;
}

int around_write(const struct plan *p, struct meter *m, uint16_t at, uint16_t n, const uint16_t *regs,
		 uint16_t *done, bool *sent, struct err *e)
{
	uint16_t most = around_most(p->profile), piece;
	bool one;

	*sent = false;
	for (*done = 0; *done < n; *done = (uint16_t)(*done + piece)) {
		piece = (uint16_t)(n - *done < most ? n - *done : most);
		one = false;
		if (link_write(m->link, (uint16_t)(at + *done), piece, regs + *done, &one, e)) {
			*sent |= one;
			return -1;
		}
		*sent = true;
	}
	return 0;
}

/* What has to be sent: a cancel makes it be sent once more. */
static int around_surely(const struct plan *p, struct meter *m, uint16_t at, const struct code *code, bool *interrupted,
			 struct err *e)
{
	uint16_t done;
	bool sent;

	if (around_write(p, m, at, code->n, code->v, &done, &sent, e) == 0)
		return 0;
	if (e->code != ERR_INTERRUPTED)
		return -1;
	*interrupted = true;
	link_uncancel(m->link);
	return around_write(p, m, at, code->n, code->v, &done, &sent, e);
}

/* Is the meter unlocked, where that can be read? */
static int around_check(struct plan *p, struct meter *m, struct err *e)
{
	const struct profile *f = p->profile;
	uint16_t now[CODE_MAX];

	if (!f->unlock_check.n)
		return 0;
	if (link_raw_read(m->link, SPACE_HOLDING, f->unlock_check_at, f->unlock_check.n, now, e))
		return -1;
	if (memcmp(now, f->unlock_check.v, f->unlock_check.n * sizeof(*now)) == 0)
		return 0;
	p->unlocked = false;
	return err_set(e, ERR_REFUSED, "the meter is still locked (register 0x%04X; check the password)", f->unlock_check_at);
}

int around_unlock(struct plan *p, struct meter *m, struct err *e)
{
	const struct profile *f = p->profile;
	const struct code *password = f->unlock_password.n == CODE_ASKED ? &p->password : &f->unlock_password;
	uint16_t done;
	bool sent = false;

	if (p->unlocked && time_mono_us() < p->unlocked_until_us)
		return 0;
	if (!password->n)
		return err_set(e, ERR_DENIED, "no unlock password (--unlock @ask, @env:NAME or @file:PATH)");
	/* a quarter is left for the write itself */
	p->unlocked_until_us = time_mono_us() + (int64_t)f->unlock_holds_ms * 750;
	if (around_write(p, m, f->unlock_at, password->n, password->v, &done, &sent, e)) {
		p->unlocked = p->unlocked || (sent && e->code != ERR_REFUSED);
		p->unlocked_until_us = 0;
		return -1;
	}
	p->unlocked = true;
	return around_check(p, m, e);
}

int around_lock(struct plan *p, struct meter *m, bool *interrupted, struct err *e)
{
	const struct profile *f = p->profile;

	if (!p->unlocked || !f->unlock_lock.n)
		return 0;
	p->unlocked = false;
	return around_surely(p, m, f->unlock_lock_at, &f->unlock_lock, interrupted, e);
}

/* Waits until the register of the done holds what it should. What cannot be read may be a meter
 * that is busy with it, or restarts. */
static int around_done(const struct profile *f, struct meter *m, bool *interrupted, struct err *e)
{
	unsigned within = f->commit_within_ms ? f->commit_within_ms : COMMIT_WITHIN_MS;
	int64_t end = time_mono_us() + (int64_t)within * 1000;
	uint16_t now[CODE_MAX];
	struct err unread;

	do {
		unread = (struct err){ 0 };
		if (link_raw_read(m->link, SPACE_HOLDING, f->commit_done_at, f->commit_done.n, now, &unread) == 0
		    && memcmp(now, f->commit_done.v, f->commit_done.n * sizeof(*now)) == 0)
			return 0;
		if (unread.code == ERR_INTERRUPTED) {
			*interrupted = true;
			link_uncancel(m->link);
		}
		*interrupted |= around_rest(m->link, DONE_AGAIN_US);
	} while (time_mono_us() < end);
	if (*unread.text)
		return err_set(e, ERR_UNVERIFIED, "not finished within %.1f s: %s", within / 1e3, unread.text);
	return err_set(e, ERR_UNVERIFIED, "not finished within %.1f s (register 0x%04X is %u, expected %u)", within / 1e3,
		       f->commit_done_at, now[0], f->commit_done.v[0]);
}

int around_commit(struct plan *p, struct meter *m, bool *interrupted, struct err *e)
{
	const struct profile *f = p->profile;

	if (around_surely(p, m, f->commit_at, &f->commit_value, interrupted, e))
		return -1;
	return f->commit_done.n ? around_done(f, m, interrupted, e) : 0;
}
