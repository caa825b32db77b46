/*
 * plan_bench.h - a meter whose every answer is scripted, a journal, and a plan that is
 * carried out on them.
 */
#ifndef METERCTL_PLAN_BENCH_H
#define METERCTL_PLAN_BENCH_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_link.h"
#include "write/plan.h"
#include "temp.h"
#include "unit.h"

static const struct point the_clock = { .type = TYPE_CLOCK };

#define CLOCK 0x11
#define ENERGY 0x3F	/* low word of energy.active.import.total */

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
	OTHER_WRITES,		/* lost, and another master has written something else */
	CLOCK_OFF,		/* acknowledged, and stored so many seconds off: clock_off */
	JOURNAL_FAILS,		/* stored, and then the journal cannot be written any more */
	MOVES_LATER		/* acknowledged and stored, takes effect some other time */
};

static struct {
	struct link link;
	struct meter m;
	uint16_t regs[65536];
	enum fate fate[8];
	int writes, reads;
	uint16_t wrote[8];	/* where the first of them went */
	bool lost_by_write;	/* that is what the next write does to it; then ratio.ct and */
	uint16_t after_loss[2];	/* the counter are these */
	int unit;		/* the meter answers this one only */
	int neighbour;		/* another meter on the line; 0: none */
	bool garbled;		/* ... whose answers are damaged */
	bool mute;
	int clock_off;
	uint16_t late_addr, late_n, late_regs[VALUE_WORDS];
	int late;
	int ticks;		/* seconds that its clock goes on at each look */
	struct journal *j;
	char path[TEMP_PATH];
} fake;

/* The clock in REGS goes on. */
static void set_clock(uint16_t *regs, int by_s)
{
	int64_t s = 0;

	if (codec_clock_decode(&the_clock, CLOCK_BINARY, regs, &s) == 0)
		assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, s + by_s, regs), 0);
}

static int fake_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
			 uint16_t *out, struct err *e)
{
	(void)space;
	fake.reads++;
	if (l->target.unit == fake.neighbour)
		return fake.garbled ? err_set(e, ERR_FOREIGN, "bad CRC") : 0;
	if (fake.mute || l->target.unit != fake.unit)
		return err_set(e, ERR_SILENT, "no reply");
	if (fake.late && --fake.late == 0)
		memcpy(&fake.regs[fake.late_addr], fake.late_regs, fake.late_n * sizeof(*fake.late_regs));
	if (addr == CLOCK && fake.ticks)
		set_clock(&fake.regs[addr], fake.ticks);
	memcpy(out, &fake.regs[addr], n * sizeof(*out));
	return 0;
}

static void store(uint16_t addr, uint16_t n, const uint16_t *regs)
{
	memcpy(&fake.regs[addr], regs, n * sizeof(*regs));
	if (addr == 0)
		fake.unit = regs[0];
}

/* Another program takes away what the journal writes into. */
static void lose_journal(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(fake.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE entry RENAME TO lost", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int fake_write(struct link *l, uint16_t addr, uint16_t n, const uint16_t *regs,
		      bool *sent, struct err *e)
{
	enum fate f = fake.fate[fake.writes < 7 ? fake.writes : 7];

	(void)l;
	if (fake.writes < 8)
		fake.wrote[fake.writes] = addr;
	fake.writes++;
	*sent = f != NOT_SENT;
	if (fake.lost_by_write) {
		fake.lost_by_write = false;
		fake_link.reopened++;
		fake.regs[15] = fake.after_loss[0];
		fake.regs[ENERGY] = fake.after_loss[1];
		return f == FINE ? 0 : err_set(e, ERR_SILENT, "adapter is gone");
	}
	switch (f) {
	case JOURNAL_FAILS:
		lose_journal();
		/* fall through */
	case FINE:
		store(addr, n, regs);
		return 0;
	case LATE_STORE:
		fake.late_addr = addr;
		fake.late_n = n;
		memcpy(fake.late_regs, regs, n * sizeof(*regs));
		fake.late = 2;
		return 0;
	case IGNORED:
		return 0;
	case MANGLED:
		fake.regs[addr] = 0x4242;
		return 0;
	case REFUSED_BY_METER:
		return err_set(e, ERR_REFUSED, "exception 04");
	case OTHER_WRITES:
		fake.regs[addr] = 50;
		break;
	case CLOCK_OFF:
		store(addr, n, regs);
		set_clock(&fake.regs[addr], fake.clock_off);
		return 0;
	case MOVES_LATER:
		fake.regs[addr] = regs[0];
		return 0;
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

static const struct link_ops fake_ops = {
	FAKE_LINK_OPS, .raw_read = fake_raw_read, .write = fake_write,
};

static int setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake_link.reopened = 0;
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
	fake.regs[ENERGY] = 0x1234;	/* what tells this meter from another */
	fake.j = journal_open(temp_path(fake.path, "journal.db"), &e);
	if (!fake.j)
		print_error("%s\n", e.text);
	return fake.j && fake.m.readings ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	journal_close(fake.j);
	temp_remove();
	free(fake.m.readings);
	close(fake.link.cancel_fd);
	return 0;
}

/* New values KEY=TEXT, looks and applies; the step's state, E filled. */
static enum step_state run(const char *key, const char *text, struct step *out, struct err *e)
{
	const struct plan_policy all = { .switching = true, .simulated = true };
	struct plan p;
	struct step s;

	*e = (struct err){ 0 };
	plan_init(&p, fake.m.profile, &all);
	if (plan_add(&p, key, text, e) || plan_look(&p, &fake.m, e))
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
