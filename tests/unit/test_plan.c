/*
 * The way of a write against a meter whose every answer is scripted: what is
 * refused before the wire, what is written, how often, and what is said of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../../src/codec.h"
#include "../../src/plan.h"
#include "unit.h"

#define ENERGY 0x3F	/* low word of energy.active.import.total */
#define CLOCK 0x11

/* What happens to the next writes. */
enum fate {
	FINE,
	LOST_REQUEST,		/* nothing lands, nothing comes back */
	LOST_REPLY,		/* it lands, nothing comes back */
	IGNORED,		/* acknowledged, not stored */
	MANGLED,		/* acknowledged, something else is stored */
	REFUSED_BY_METER,	/* exception 04 */
	MUTE_AFTER,		/* lands, and the meter never answers again */
	NOT_SENT,		/* the port was gone before */
	LATE_STORE,		/* acknowledged, there at the second look */
	SUMMER_TIME		/* acknowledged, and an hour is added to a clock */
};

static struct {
	struct link link;
	struct meter m;
	uint16_t regs[65536];
	enum fate fate[8];
	int writes, reads;
	unsigned long reopened;	/* how often the port was lost and found */
	bool lost_by_write;	/* that is what the next write does to it; then ratio.ct and */
	uint16_t after_loss[2];	/* the counter are these */
	int unit;		/* the meter answers this one only */
	int neighbour;		/* another meter on the line; 0: none */
	bool mute;
	uint16_t late_addr, late_value;
	int late;
	struct journal *j;
	char path[64];
} fake;

static int fake_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
			 uint16_t *out, struct err *e)
{
	(void)space;
	fake.reads++;
	if (l->target.unit == fake.neighbour)
		return 0;
	if (fake.mute || l->target.unit != fake.unit)
		return err_set(e, ERR_SILENT, "no reply");
	if (fake.late && --fake.late == 0)
		fake.regs[fake.late_addr] = fake.late_value;
	memcpy(out, &fake.regs[addr], n * sizeof(*out));
	return 0;
}

static int fake_read(struct link *l, const struct profile *p, const uint16_t *idx, size_t n,
		     link_sink *sink, void *arg, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct point *pt = &p->points[idx[i]];
		struct reading r = { .quality = QUALITY_OK, .words = (uint8_t)pt->words,
				     .at_us = 1, .mono_us = 1 };

		if (fake_raw_read(l, pt->space, pt->addr, pt->words, r.raw, e))
			return -1;
		if (codec_decode(pt, r.raw, &r.value, &r.err))
			r.quality = QUALITY_FAILED;
		sink(arg, idx[i], &r);
	}
	return 0;
}

static void store(uint16_t addr, uint16_t n, const uint16_t *regs)
{
	memcpy(&fake.regs[addr], regs, n * sizeof(*regs));
	if (addr == 0)
		fake.unit = regs[0];
}

static int fake_write(struct link *l, uint16_t addr, uint16_t n, const uint16_t *regs,
		      bool *sent, struct err *e)
{
	enum fate f = fake.fate[fake.writes < 7 ? fake.writes : 7];

	(void)l;
	fake.writes++;
	*sent = f != NOT_SENT;
	if (fake.lost_by_write) {
		fake.lost_by_write = false;
		fake.reopened++;
		fake.regs[15] = fake.after_loss[0];
		fake.regs[ENERGY] = fake.after_loss[1];
		return f == FINE ? 0 : err_set(e, ERR_SILENT, "adapter is gone");
	}
	switch (f) {
	case FINE:
		store(addr, n, regs);
		return 0;
	case LATE_STORE:
		fake.late_addr = addr;
		fake.late_value = regs[0];
		fake.late = 2;
		return 0;
	case IGNORED:
		return 0;
	case SUMMER_TIME:
		store(addr, n, regs);
		/* no matter of the date */
		fake.regs[addr + 1] = (uint16_t)(fake.regs[addr + 1] + (regs[1] >> 8 < 23 ? 0x100 : -0x100));
		return 0;
	case MANGLED:
		fake.regs[addr] = 0x4242;
		return 0;
	case REFUSED_BY_METER:
		return err_set(e, ERR_REFUSED, "exception 04");
	case MUTE_AFTER:
		store(addr, n, regs);
		fake.mute = true;
		return err_set(e, ERR_SILENT, "no reply");
	case LOST_REPLY:
		store(addr, n, regs);
		break;
	default:
		break;
	}
	return err_set(e, ERR_SILENT, "no reply");
}

static int fake_retarget(struct link *l, const struct target *t, struct err *e)
{
	(void)e;
	l->target = *t;
	return 0;
}

static void fake_stats(const struct link *l, struct link_stats *out)
{
	(void)l;
	*out = (struct link_stats){ .reopened = fake.reopened };
}

static const struct link_ops fake_ops = {
	.name = "fake", .read = fake_read, .raw_read = fake_raw_read,
	.write = fake_write, .retarget = fake_retarget, .stats = fake_stats,
};

static int setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.link.ops = &fake_ops;
	fake.link.cancel_fd = eventfd(0, EFD_NONBLOCK);
	target_parse("rtu:/dev/fake?unit=1", &fake.link.target, &e);
	fake.unit = 1;
	fake.m.link = &fake.link;
	fake.m.profile = profile_builtin_named("adw300");
	fake.m.readings = calloc(fake.m.profile->npoints, sizeof(*fake.m.readings));
	fake.regs[0] = 1;
	fake.regs[1] = 4;
	fake.regs[15] = 40;
	fake.regs[0x1C4] = 1;
	fake.regs[ENERGY] = 0x1234;
	snprintf(fake.path, sizeof(fake.path), "/tmp/test_plan.%d.db", getpid());
	fake.j = journal_open(fake.path, &e);
	if (!fake.j)
		print_error("%s\n", e.text);
	return fake.j && fake.m.readings ? 0 : -1;
}

static int teardown(void **state)
{
	char wal[80];

	(void)state;
	journal_close(fake.j);
	unlink(fake.path);
	snprintf(wal, sizeof(wal), "%s-wal", fake.path);
	unlink(wal);
	snprintf(wal, sizeof(wal), "%s-shm", fake.path);
	unlink(wal);
	free(fake.m.readings);
	close(fake.link.cancel_fd);
	return 0;
}

static int wish_code(const char *key, const char *text, struct plan_policy policy)
{
	struct plan p;
	struct err e = { 0 };
	int rc;

	plan_init(&p, fake.m.profile, &policy);
	rc = plan_wish(&p, key, text, &e) ? (int)e.code : 0;
	plan_release(&p);
	return rc;
}

static void refused_before_the_wire(void **state)
{
	const struct plan_policy plain = { 0 }, read_only = { .read_only = true },
		consent = { .switching = true }, sim = { .simulated = true };

	(void)state;
	assert_int_equal(wish_code("ratio.ct", "60", plain), 0);
	assert_int_equal(wish_code("ratio.ct", "0", plain), ERR_DENIED);
	assert_int_equal(wish_code("comm.address", "300", plain), ERR_DENIED);
	assert_int_equal(wish_code("nosuch", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("voltage.a", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("voltage", "1", plain), ERR_USAGE);
	assert_int_equal(wish_code("reserved.0005", "0000 0000", plain), ERR_USAGE);
	assert_int_equal(wish_code("ratio.ct", "many", plain), ERR_USAGE);
	assert_int_equal(wish_code("ratio.ct", "60", read_only), ERR_DENIED);
	assert_int_equal(wish_code("do.1", "1", plain), ERR_DENIED);
	assert_int_equal(wish_code("do.1", "1", consent), 0);
	assert_int_equal(wish_code("tou.table1", "00:00 flat", plain), ERR_DENIED);
	assert_int_equal(wish_code("tou.table1", "00:00 flat", sim), 0);
	assert_int_equal(wish_code("network.apn", "internet", plain), ERR_DENIED);
	assert_int_equal(wish_code("network.apn", "internet", sim), 0);
	assert_int_equal(fake.reads + fake.writes, 0);
}

static void wishes_that_collide(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "alarm1.enable.undervoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable", "3", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "0", &e), -1);
	assert_non_null(strstr(e.text, "twice"));
	assert_int_equal(p.n, 2);
	plan_release(&p);
}

/* Wishes KEY=TEXT, looks and applies; the step's state, E filled. */
static enum step_state run(const char *key, const char *text, struct step *out, struct err *e)
{
	const struct plan_policy all = { .switching = true, .simulated = true };
	struct plan p;
	struct step s;

	*e = (struct err){ 0 };
	plan_init(&p, fake.m.profile, &all);
	if (plan_wish(&p, key, text, e) || plan_look(&p, &fake.m, e))
		fail_msg("%s", e->text);
	(void)!plan_apply(&p, &fake.m, fake.j, NULL, NULL, e);
	s = p.steps[0];
	if (out)
		*out = s;
	plan_release(&p);
	return s.state;
}

static int newest(void *arg, const struct journal_row *r)
{
	*(struct journal_row *)arg = *r;
	return 0;
}

/* The journal's last row says STATE. */
static void journal_says(const char *state, const char *want, const char *after)
{
	struct journal_filter f = { .most = 1 };
	struct journal_row r = { 0 };
	struct err e;

	assert_int_equal(journal_each(fake.j, &f, newest, &r, &e), 0);
	assert_string_equal(r.state, state);
	assert_string_equal(r.want, want);
	assert_string_equal(r.after, after);
}

static void written_and_verified(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_VERIFIED);
	assert_int_equal(fake.regs[15], 60);
	assert_int_equal(fake.writes, 1);
	assert_true(s.before.num == 40 && s.want.num == 60 && s.after.num == 60);
	journal_says("verified", "60", "60");
	/* a second time writes nothing */
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_UNCHANGED);
	assert_int_equal(fake.writes, 1);
}

static void lost_request_is_repeated(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LOST_REQUEST;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 2);
	journal_says("verified", "60", "60");
}

static void lost_reply_is_not_repeated(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LOST_REPLY;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 1);
}

static void never_reached(void **state)
{
	struct err e;

	(void)state;
	for (int i = 0; i < 8; i++)
		fake.fate[i] = LOST_REQUEST;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 3);
	journal_says("failed", "60", "40");
}

static void ignored_is_failed(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	fake.fate[0] = IGNORED;
	assert_int_equal(run("ratio.ct", "60", &s, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_true(s.after.num == 40);
	assert_int_equal(fake.writes, 1);
	journal_says("failed", "60", "40");
}

static void mangled_is_failed(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = MANGLED;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_FAILED);
	journal_says("failed", "60", "16962");
}

static void late_store_is_waited_for(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = LATE_STORE;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 1);
}

static void refusal_is_the_meters(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = REFUSED_BY_METER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_REFUSED);
	journal_says("refused", "60", "40");
}

static void not_sent_is_refused(void **state)
{
	struct err e;

	(void)state;
	fake.fate[0] = NOT_SENT;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_SILENT);
	journal_says("refused", "60", "");
}

static void mute_is_unknown_until_read(void **state)
{
	struct err e;
	struct plan_settled n;

	(void)state;
	fake.fate[0] = MUTE_AFTER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 1);
	journal_says("unknown", "60", "");
	fake.mute = false;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	assert_int_equal(fake.writes, 1);
	journal_says("verified", "60", "60");
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 0);
}

/* An intent without a result: what a kill -9 before the write leaves. */
static void an_open_intent_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "ratio.ct", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("failed", "60", "40");
}

/* ... also one of `raw write`. */
static void an_open_register_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "raw:0x000F", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[15] = 60;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("verified", "60", "60");
}

/* ... also when it moved the meter to where it is found now. */
static void a_move_is_settled_at_its_end(void **state)
{
	struct journal_row r = { .run = 1, .key = "comm.address", .profile = "adw300",
				 .before = "1", .want = "7" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[0] = 7;
	fake.unit = fake.link.target.unit = 7;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("verified", "7", "7");
}

/* The adapter goes between the write and its read-back; what answers then? */
static enum step_state replugged(uint16_t ct, uint16_t energy, enum fate fate, struct err *e)
{
	fake.fate[0] = fate;
	fake.lost_by_write = true;
	fake.after_loss[0] = ct;
	fake.after_loss[1] = energy;
	return run("ratio.ct", "60", NULL, e);
}

static void the_same_meter_is_read_back(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(replugged(60, 0x1235, FINE, &e), STEP_VERIFIED);
	assert_int_equal(fake.reopened, 1);
	journal_says("verified", "60", "60");
}

static void another_meter_is_none(void **state)
{
	struct plan_settled n;
	struct err e;

	(void)state;
	/* it holds what was wished, and has counted less */
	assert_int_equal(replugged(60, 0x1000, FINE, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "energy.active.import.total is 40.96, and was 46.60"));
	journal_says("unknown", "60", "");
	/* it settles nothing */
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 0);
	assert_int_equal(n.others, 1);
	journal_says("unknown", "60", "");
	/* the one that was written does */
	fake.regs[ENERGY] = 0x1236;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	assert_int_equal(n.others, 0);
	journal_says("verified", "60", "60");
}

static void a_new_meter_proves_nothing(void **state)
{
	struct plan_settled n;
	struct err e;

	(void)state;
	fake.regs[ENERGY] = 0;
	assert_int_equal(replugged(60, 0, FINE, &e), STEP_UNKNOWN);
	assert_non_null(strstr(e.text, "no energy counter tells"));
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.others, 1);
}

/* It looks like the same one, but what it acknowledged is not there: nobody knows, and
 * nothing is sent to it again. */
static void what_did_not_land_is_unknown(void **state)
{
	static const enum fate fates[] = { FINE, LOST_REPLY, LOST_REQUEST };
	struct err e;

	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++) {
		if (i) {
			teardown(state);
			setup(state);
		}
		assert_int_equal(replugged(40, 0x1234, fates[i], &e), STEP_UNKNOWN);
		assert_int_equal(fake.writes, 1);
		journal_says("unknown", "60", "");
	}
}

/* The same through a gateway: the connection was lost, and leads where it led. */
static void a_gateway_is_no_cable(void **state)
{
	struct err e;

	(void)state;
	target_parse("tcp:host?unit=1", &fake.link.target, &e);
	assert_int_equal(replugged(40, 0x1234, LOST_REQUEST, &e), STEP_VERIFIED);
	assert_int_equal(fake.writes, 2);
}

static void another_one_behind_it_is_seen(void **state)
{
	struct err e;

	(void)state;
	target_parse("tcp:host?unit=1", &fake.link.target, &e);
	assert_int_equal(replugged(60, 0x1000, FINE, &e), STEP_UNKNOWN);
}

/* The cable was out between the look and the consent. */
static void a_port_lost_since_shown(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake.reopened++;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.writes, 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), 0);
	plan_release(&p);
}

static void changed_since_shown(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake.regs[15] = 50;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(p.steps[0].state, STEP_REFUSED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

static void nothing_unseen(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

/* Bits of one word go in one frame and leave the others as they stand;
 * thresholds come before them. */
static void bits_and_order(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	fake.regs[0x1D0] = 0x8004;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.enable.overcurrent", "0", &e), 0);
	assert_int_equal(plan_wish(&p, "comm.address", "7", &e), 0);
	assert_int_equal(plan_wish(&p, "alarm1.voltage.over.threshold", "253.0", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_string_equal(p.profile->points[p.steps[0].idx].key, "alarm1.voltage.over.threshold");
	assert_string_equal(p.profile->points[p.steps[3].idx].key, "comm.address");
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), 0);
	assert_int_equal(fake.writes, 3);
	assert_int_equal(fake.regs[0x1D0], 0x8001);
	assert_int_equal(fake.regs[0x1D1], 2530);
	assert_int_equal(fake.link.target.unit, 7);
	plan_release(&p);
}

static void address_follows(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_VERIFIED);
	assert_int_equal(fake.link.target.unit, 7);
	assert_int_equal(fake.writes, 1);
}

static void a_taken_address_is_refused(void **state)
{
	struct err e;

	(void)state;
	fake.neighbour = 7;
	assert_int_equal(run("comm.address", "7", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, "taken"));
	assert_int_equal(fake.writes, 0);
	assert_int_equal(fake.link.target.unit, 1);
}

static void clock_is_set_and_verified(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(run("clock", "now", &s, &e), STEP_VERIFIED);
	assert_int_equal(s.want.kind, VALUE_STRING);
	assert_int_equal(strncmp(s.want.text, "20", 2), 0);
	assert_int_equal(fake.writes, 1);
}

/* A date that is one in binary, too, but nearer to today in BCD. */
/* An hour is no drift: what it is stands in the remark. */
static void an_hour_is_summer_time(void **state)
{
	struct step s;
	struct err e;

	(void)state;
	assert_int_equal(codec_clock_encode(CLOCK_BINARY, time_local_s(time_wall_us()) - 3600, &fake.regs[CLOCK]), 0);
	assert_int_equal(run("clock", "now", &s, &e), STEP_VERIFIED);
	assert_non_null(strstr(s.err.text, "clock before: only one of the two clocks is on summer time"));
	fake.fate[1] = SUMMER_TIME;
	assert_int_equal(run("clock", "now", &s, &e), STEP_FAILED);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_non_null(strstr(e.text, "60 minutes off: only one of the two clocks is on summer time"));
}

static void bcd_clock_stays_bcd(void **state)
{
	struct step s;
	struct err e;
	time_t t = (time_t)(time_wall_us() / 1000000);
	struct tm tm;
	char now[32];

	(void)state;
	localtime_r(&t, &tm);
	fake.regs[0x11] = 0x0506;
	fake.regs[0x12] = 0x0708;
	fake.regs[0x13] = (uint16_t)(0x0100 | (tm.tm_year % 100 / 10 * 16 + tm.tm_year % 10));
	snprintf(now, sizeof(now), "20%02d-02-03 04:05:06", tm.tm_year % 100);
	assert_int_equal(run("clock", now, &s, &e), STEP_VERIFIED);
	assert_int_equal(fake.regs[0x12], 0x0403);
	assert_int_equal(strncmp(s.before.text, now, 5), 0);
	assert_string_equal(s.want.text, now);
	assert_int_equal(strncmp(s.after.text, now, 16), 0);
}

/* Ctrl-C while the second's beginning is waited for: nothing has been sent yet. */
static void interrupted_before_sending(void **state)
{
	struct err e;

	(void)state;
	cancel_raise(fake.link.cancel_fd);
	assert_int_equal(run("clock", "now", NULL, &e), STEP_REFUSED);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	assert_int_equal(fake.writes, 0);
}

static void no_journal_no_write(void **state)
{
	struct err e;

	(void)state;
	journal_close(fake.j);
	fake.j = journal_open("/proc/no/such/journal.db", &e);
	assert_null(fake.j);
	assert_int_equal(e.code, ERR_DENIED);
	fake.j = journal_open(fake.path, &e);
	assert_non_null(fake.j);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused_before_the_wire), TEST(wishes_that_collide),
		TEST(written_and_verified), TEST(lost_request_is_repeated),
		TEST(lost_reply_is_not_repeated), TEST(never_reached),
		TEST(ignored_is_failed), TEST(mangled_is_failed),
		TEST(late_store_is_waited_for), TEST(refusal_is_the_meters),
		TEST(not_sent_is_refused), TEST(mute_is_unknown_until_read),
		TEST(an_open_intent_is_settled), TEST(an_open_register_is_settled),
		TEST(a_move_is_settled_at_its_end), TEST(the_same_meter_is_read_back),
		TEST(another_meter_is_none), TEST(a_new_meter_proves_nothing),
		TEST(what_did_not_land_is_unknown), TEST(a_gateway_is_no_cable),
		TEST(another_one_behind_it_is_seen), TEST(a_port_lost_since_shown),
		TEST(changed_since_shown),
		TEST(nothing_unseen), TEST(bits_and_order), TEST(address_follows),
		TEST(a_taken_address_is_refused),
		TEST(clock_is_set_and_verified), TEST(an_hour_is_summer_time), TEST(bcd_clock_stays_bcd),
		TEST(interrupted_before_sending), TEST(no_journal_no_write),
	};

	return UNIT_RUN(tests);
}
