/* Whose a proof is, and what of the journal a checklist goes by. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "checklist/gather.h"
#include "checklist/record.h"
#include "checklist/same.h"

#define NOW 1790000000000000LL
#define HOUR 3600000000LL
#define TTY "rtu:/dev/ttyUSB0"	/* canonical: at its defaults */

static char path[TEMP_PATH];

static int set_up(void **state)
{
	(void)state;
	temp_path(path, "journal.db");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_remove();
	return 0;
}

static struct target target_of(const char *text)
{
	struct target t;
	struct err e;

	if (target_parse(text, &t, &e))
		fail_msg("%s", e.text);
	return t;
}

/* ---- whose ------------------------------------------------------------------------ */

static void assert_whose(const char *now, const char *identity, const char *then, const char *was,
			 enum same_whose whose)
{
	struct target t = target_of(now);
	const struct same_meter s = { .target = &t, .identity = identity, .now_us = NOW };

	if (same_whose(&s, then, was, NOW - HOUR) != whose)
		fail_msg("%s %s / %s %s: %d", now, identity, then, was, same_whose(&s, then, was, NOW - HOUR));
}

static void whose(void **state)
{
	static const char counted[] = "energy.active.import.total=100.00", on[] = "energy.active.import.total=105.00",
			  back[] = "energy.active.import.total=3.00", new[] = "energy.active.import.total=0.00",
			  serial[] = "meter.serial=4711", other[] = "meter.serial=4712";

	(void)state;
	/* on a line: the target and what goes on */
	assert_whose(TTY, on, TTY, counted, SAME_YES);
	assert_whose(TTY, back, TTY, counted, SAME_NO);
	assert_whose(TTY, "", TTY, "", SAME_BY_TARGET);
	assert_whose(TTY, new, TTY, new, SAME_BY_TARGET);
	assert_whose(TTY "?unit=2", on, TTY, counted, SAME_NO);
	/* a serial number goes along */
	assert_whose(TTY, serial, TTY, serial, SAME_YES);
	assert_whose(TTY, serial, TTY, other, SAME_NO);
	assert_whose("tcp:192.0.2.1", serial, TTY, serial, SAME_YES);
	assert_whose("tcp:192.0.2.1", serial, TTY, other, SAME_NO);
	assert_whose("tcp:192.0.2.1", serial, TTY, "", SAME_NO);
	/* behind a broker it is the serial of the target */
	assert_whose("mqtt://one/2020", "", "mqtt://one/2020", "", SAME_YES);
	assert_whose("mqtt://one/2020", "", "mqtts://two/2020?user=me", "", SAME_YES);
	assert_whose("mqtt://one/2020", "", "mqtt://one/2021", "", SAME_NO);
	assert_whose("mqtt://one/2020", serial, TTY, serial, SAME_NO);
	/* a simulated meter is what its target says, and never a real one */
	assert_whose("sim:", back, "sim:", counted, SAME_YES);
	assert_whose("sim:ct=60", serial, "sim:", serial, SAME_NO);
	assert_whose("sim:", serial, TTY, serial, SAME_NO);
	assert_whose(TTY, serial, "sim:", serial, SAME_NO);
	/* what is no target any more */
	assert_whose(TTY, serial, "nonsense:", serial, SAME_NO);
}

/* A meter that was given another address had its proofs under the one before; of the meter
 * that has that address since they are not. */
static void aliases(void **state)
{
	struct target t = target_of(TTY "?unit=7");
	struct same_meter s = { .target = &t, .identity = "", .now_us = NOW };

	(void)state;
	assert_int_equal(same_whose(&s, TTY, "", NOW - 3 * HOUR), SAME_NO);
	same_note_alias(&s, TTY, NOW - 2 * HOUR);
	same_note_alias(&s, TTY, NOW - 4 * HOUR);
	assert_int_equal(same_whose(&s, TTY, "", NOW - 3 * HOUR), SAME_BY_TARGET);
	assert_int_equal(same_whose(&s, TTY, "", NOW - HOUR), SAME_NO);
	for (int i = 0; i < 20; i++) {
		char text[32];

		snprintf(text, sizeof(text), "rtu:/dev/ttyUSB%d", i);
		same_note_alias(&s, text, NOW);
	}
	assert_int_equal(s.naliases, SAME_ALIASES);
	assert_int_equal(same_whose(&s, TTY, "", NOW - HOUR), SAME_BY_TARGET);
}

/* ---- from the journal ---------------------------------------------------------------- */

static struct journal *open_one(void)
{
	struct err e = { 0 };
	struct journal *j = journal_open(path, &e);

	if (!j)
		fail_msg("%s", e.text);
	return j;
}

static void wrote(struct journal *j, const char *target, const char *identity, const char *key, const char *want,
		  const char *state)
{
	struct journal_row r = { .run = 1, .profile = "adw300" };
	struct err e = { 0 };

	snprintf(r.target, sizeof(r.target), "%s", target);
	snprintf(r.identity, sizeof(r.identity), "%s", identity);
	snprintf(r.key, sizeof(r.key), "%s", key);
	snprintf(r.want, sizeof(r.want), "%s", want);
	if (journal_intent(j, &r, &e) || (*state && journal_result(j, r.id, state, want, "", &e)))
		fail_msg("%s", e.text);
}

static void prove(const char *target, const char *identity, const char *ct)
{
	struct record_whose w;
	struct record r;
	struct err e = { 0 };

	snprintf(w.target, sizeof(w.target), "%s", target);
	snprintf(w.identity, sizeof(w.identity), "%s", identity);
	record_nameplate(&r, ct, NULL);
	if (record_keep(path, &w, &r, &e))
		fail_msg("%s", e.text);
}

static struct checklist_facts gathered(const struct target *t, const char *identity)
{
	struct checklist_facts f = { .target = t, .now_us = NOW };
	struct err e = { 0 };

	snprintf(f.identity, sizeof(f.identity), "%s", identity);
	if (gather_journal(&f, path, &e))
		fail_msg("%s", e.text);
	return f;
}

static const char *plate(const struct checklist_facts *f)
{
	const char *ct = json_string_value(json_object_get(f->proofs[PROOF_NAMEPLATE].what, "ct"));

	return ct ? ct : "";
}

/* The newest of each key that was not refused, and of this meter alone. */
static void writes(void **state)
{
	struct target t = target_of(TTY);
	struct journal *j = open_one();
	struct checklist_facts f;

	(void)state;
	wrote(j, TTY, "meter.serial=1", "ratio.ct", "40", "verified");
	wrote(j, TTY, "meter.serial=1", "ratio.ct", "60", "verified");
	wrote(j, TTY, "meter.serial=1", "ratio.ct", "80", "refused");
	wrote(j, TTY, "meter.serial=1", "ratio.pt", "2", "");
	wrote(j, TTY, "meter.serial=2", "demand.cycle", "15min", "verified");
	wrote(j, TTY "?unit=2", "", "demand.window", "1", "verified");
	wrote(j, "sim:", "", "network.apn", "iot", "verified");
	journal_close(j);
	f = gathered(&t, "meter.serial=1");
	assert_int_equal(f.nwrites, 2);
	assert_string_equal(checklist_written(&f, "ratio.ct")->after, "60");
	assert_string_equal(checklist_written(&f, "ratio.ct")->state, "verified");
	assert_string_equal(checklist_written(&f, "ratio.pt")->state, "intent");
	assert_true(checklist_written(&f, "ratio.pt")->at_us > 0);
	checklist_facts_release(&f);
	/* behind a broker rows come the other way round */
	t = target_of("mqtt://one/2020");
	j = open_one();
	wrote(j, "mqtt://one/2020", "", "network.apn", "first", "verified");
	wrote(j, "mqtt://one/2020", "", "network.apn", "second", "verified");
	wrote(j, "mqtt://one/2021", "", "network.apn", "third", "verified");
	journal_close(j);
	f = gathered(&t, "");
	assert_int_equal(f.nwrites, 1);
	assert_string_equal(f.writes[0].after, "second");
	checklist_facts_release(&f);
}

/* The newest proof that is this meter's, though newer ones are there of others. */
static void proofs(void **state)
{
	struct target t = target_of(TTY), moved = target_of(TTY "?unit=7");
	struct checklist_facts f;
	struct journal *j;

	(void)state;
	f = gathered(&t, "");
	assert_false(f.proofs[PROOF_NAMEPLATE].there);
	prove(TTY, "meter.serial=1", "200/5");
	prove(TTY, "meter.serial=1", "300/5");
	prove(TTY, "meter.serial=2", "400/5");
	prove("sim:", "meter.serial=1", "500/5");
	f = gathered(&t, "meter.serial=1");
	assert_string_equal(plate(&f), "300/5");
	assert_false(f.proofs[PROOF_NAMEPLATE].by_target);
	assert_string_equal(f.proofs[PROOF_NAMEPLATE].outcome, "entered");
	assert_false(f.proofs[PROOF_WIRING].there);
	checklist_facts_release(&f);
	assert_false(f.proofs[PROOF_NAMEPLATE].what != NULL);
	prove(TTY, "", "600/5");
	f = gathered(&t, "");
	assert_string_equal(plate(&f), "600/5");
	assert_true(f.proofs[PROOF_NAMEPLATE].by_target);
	checklist_facts_release(&f);
	/* it is given another address, and is known there */
	j = open_one();
	wrote(j, TTY, "", "comm.address", "7", "verified");
	journal_close(j);
	f = gathered(&moved, "");
	assert_string_equal(plate(&f), "600/5");
	checklist_facts_release(&f);
}

/* What proves nothing does not take the place of what does; what cannot be kept is said. */
static void not_kept(void **state)
{
	struct doctor_verdict v = { .outcome = DOCTOR_INSUFFICIENT };
	struct record_whose w = { .target = TTY };
	struct target t = target_of(TTY);
	struct doctor_options o;
	struct checklist_facts f;
	struct err e = { 0 };
	struct record r;

	(void)state;
	doctor_options_init(&o);
	record_wiring(&r, &o, &v);
	assert_int_equal(record_keep("/dev/null/journal.db", &w, &r, &e), 0);
	v.outcome = DOCTOR_FAIL;
	record_wiring(&r, &o, &v);
	assert_int_equal(record_keep("/dev/null/journal.db", &w, &r, &e), -1);
	assert_non_null(strstr(e.text, "proof 'wiring' not recorded: "));
	record_wiring(&r, &o, &v);
	assert_int_equal(record_keep(path, &w, &r, &e), 0);
	f = gathered(&t, "");
	assert_string_equal(f.proofs[PROOF_WIRING].outcome, "fail");
	checklist_facts_release(&f);
	f = (struct checklist_facts){ .target = &t, .now_us = NOW };
	assert_int_equal(gather_journal(&f, "/dev/null", &e), -1);
	assert_false(f.proofs[PROOF_WIRING].there);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whose), TEST(aliases), TEST(writes), TEST(proofs), TEST(not_kept),
	};

	return UNIT_RUN(tests);
}
