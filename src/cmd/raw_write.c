/*
 * raw_write.c - `meterctl raw write`: registers by address, past every check a
 * profile would make. So it wants --yes; the way of the write is that of every
 * other (write/plan.h).
 */
#include "raw.h"

#include <stdio.h>
#include <string.h>

#include "output/output.h"
#include "output/printer.h"
#include "steps.h"
#include "write/journal.h"
#include "write/plan.h"
#include "base/text.h"
#include "auto.h"
#include "write.h"

static int parse_values(int n, char **words, uint16_t *values, struct err *e)
{
	if (n > PLAN_REGISTERS_MAX)
		return err_set(e, ERR_USAGE, "%d values are more than one write carries (%d)", n, PLAN_REGISTERS_MAX);
	for (int i = 0; i < n; i++) {
		long v;

		if (!text_long(words[i], 0, 65535, &v))
			return err_set(e, ERR_USAGE, "'%.20s' is no value of a register (0 to 65535, or 0x0000 to 0xFFFF)", words[i]);
		values[i] = (uint16_t)v;
	}
	return 0;
}

/* ---- output ---------------------------------------------------------------- */

static const char *raw_write_key(const struct plan *p, const struct step *s, char *buf, size_t size)
{
	return raw_key(p->profile, SPACE_HOLDING, plan_point(p, s)->addr, buf, size);
}

static void raw_write_show(const struct app *a, const struct plan *p)
{
	char key[128], before[VALUE_TEXT], want[VALUE_TEXT];

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		const struct point *pt = plan_point(p, s);

		raw_write_key(p, s, key, sizeof(key));
		app_say(a, "0x%04X  %s -> %s%s%s", pt->addr,
			output_text(pt, &s->before, before, sizeof(before)),
			output_text(pt, &s->want, want, sizeof(want)), *key ? "  " : "", key);
	}
}

/* What was not reached, as the line failed before, has failed. */
static const char *raw_write_result(const struct plan *p)
{
	const char *result = steps_result(p);

	return strcmp(result, step_state_names[STEP_PLANNED]) == 0 ? step_state_names[STEP_FAILED] : result;
}

enum { ADDRESS, HEX, BEFORE, WANT, AFTER, STATE, KEY, COLUMNS };

static const struct column columns[COLUMNS] = {
	[ADDRESS] = { "address", .in = IN_ALL, .width = 5 },
	[HEX] = { "address_hex", .in = IN_ALL, .before = "  " },
	[BEFORE] = { "before", .in = IN_ALL, .width = 8, .before = "  " },
	[WANT] = { "want", .in = IN_ALL, .width = -8, .before = " -> " },
	[AFTER] = { "after", .in = IN_ALL, .width = -8, .before = "  now ", .none = "--" },
	[STATE] = { "state", .in = IN_ALL, .before = "  " },
	[KEY] = { "key", .in = IN_ALL, .before = "  " },
};
static const struct listing listing = {
	.schema = "meterctl.raw/1", .name = "registers", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

static int raw_write_row(struct printer *out, const struct plan *p, const struct step *s, struct err *e)
{
	const struct point *pt = plan_point(p, s);
	char hex[8], key[128];
	const struct cell cells[COLUMNS] = {
		[ADDRESS] = cell_integer(pt->addr), [HEX] = cell_text(hex),
		[BEFORE] = cell_value(pt, &s->before), [WANT] = cell_value(pt, &s->want),
		[AFTER] = cell_value(pt, &s->after), [STATE] = cell_text(step_state_names[s->state]),
		[KEY] = cell_some(raw_write_key(p, s, key, sizeof(key))),
	};

	snprintf(hex, sizeof(hex), "0x%04X", pt->addr);
	return printer_row(out, cells, e);
}

static int raw_write_print(const struct app *a, const struct meter *m, const struct plan *p, struct err *e)
{
	struct printer out = app_printer(a);
	int rc = printer_begin(&out, &listing, raw_head_json(m, SPACE_HOLDING, time_wall_us()), e);

	for (size_t i = 0; i < p->n && !rc; i++)
		rc = raw_write_row(&out, p, &p->steps[i], e);
	if (!rc)
		rc = printer_end(&out, json_pack("{s:s}", "result", raw_write_result(p)), e);
	printer_drop(&out);
	return rc;
}

/* ---- the whole of it ------------------------------------------------------- */

/* On an open meter. The worst of write, journal and output is the result. */
static int raw_write_all(struct app *a, struct meter *m, struct plan *p, struct journal *j, bool yes,
			 struct err *e)
{
	struct err print = { 0 };
	int rc;

	if (write_settle(a, m, j, e) || plan_look(p, m, e))
		return -1;
	raw_write_show(a, p);
	if (!yes && write_confirm(a, m->link->cancel_fd, p->n == 1 ? "write this register?" : "write these registers?",
				  "yes", e))
		return -1;
	rc = plan_apply(p, m, j, NULL, NULL, e);
	if (raw_write_print(a, m, p, &print) && !rc) {
		*e = print;
		rc = -1;
	}
	if (!rc && *p->steps[0].err.text)
		app_say(a, "%s", p->steps[0].err.text);
	return rc;
}

static int raw_write_plan(struct app *a, const struct profile *profile, struct plan *p, int n, char **words,
			  struct err *e)
{
	static const struct write_opts none;
	uint16_t values[PLAN_REGISTERS_MAX];
	struct plan_policy policy;
	struct target t;
	long addr;

	if (raw_address(words[0], &addr, e) || parse_values(n - 1, words + 1, values, e) || app_target(a, &t, e))
		return -1;
	policy = write_policy(a, &t, &none);
	plan_init(p, profile, &policy);
	return plan_add_registers(p, addr, n - 1, values, e);
}

int raw_write(struct app *a, bool yes, int n, char **words, struct err *e)
{
	const struct profile *profile = app_profile(a, e);
	struct journal *j = NULL;
	struct plan p = { 0 };
	struct meter m;
	int rc = -1;

	if (!profile || raw_write_plan(a, profile, &p, n, words, e))
		goto out;
	/* on the command line nobody is asked */
	if (!yes && !(a->host && a->host->confirm)) {
		err_set(e, ERR_DENIED, "not confirmed: nothing was written ('raw write' wants --yes)");
		goto out;
	}
	j = journal_open(a->journal, e);
	if (!j || app_open_meter(a, profile, &m, e))
		goto out;
	profile = NULL;		/* the meter's now */
	rc = raw_write_all(a, &m, &p, j, yes, e);
	app_close_meter(a, &m);
out:
	plan_release(&p);
	journal_close(j);
	profile_free(profile);
	return rc;
}
