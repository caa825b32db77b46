/*
 * raw_write.c - `meterctl raw write`: registers by address, past every check a
 * profile would make. So it wants --yes; the way of the write is that of every
 * other (write/plan.h).
 */
#include "raw.h"

#include <stdio.h>
#include <string.h>

#include "output/output.h"
#include "steps.h"
#include "write/journal.h"
#include "write/plan.h"
#include "base/text.h"
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

/* What is shown of a register; ABSENT when it has not been read. */
static const char *content(const struct plan *p, const struct step *s, const struct value *v,
			   const char *absent, char *buf, size_t size)
{
	return v->kind == VALUE_NONE ? absent : output_text(plan_point(p, s), v, buf, size);
}

static void raw_write_show(const struct app *a, const struct plan *p)
{
	char key[128], before[VALUE_TEXT], want[VALUE_TEXT];

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		raw_write_key(p, s, key, sizeof(key));
		app_say(a, "0x%04X  %s -> %s%s%s", plan_point(p, s)->addr,
			content(p, s, &s->before, "", before, sizeof(before)),
			content(p, s, &s->want, "", want, sizeof(want)), *key ? "  " : "", key);
	}
}

/* What was not reached, as the line failed before, has failed. */
static const char *raw_write_result(const struct plan *p)
{
	const char *result = steps_result(p);

	return strcmp(result, step_state_names[STEP_PLANNED]) == 0 ? step_state_names[STEP_FAILED] : result;
}

static json_t *raw_write_register_json(const struct plan *p, const struct step *s)
{
	const struct point *pt = plan_point(p, s);
	char hex[8], key[128];
	json_t *j;

	snprintf(hex, sizeof(hex), "0x%04X", pt->addr);
	raw_write_key(p, s, key, sizeof(key));
	j = json_pack("{s:i, s:s, s:o, s:o, s:o, s:s}", "address", pt->addr,
		      "address_hex", hex, "before", output_value_json(pt, &s->before),
		      "want", output_value_json(pt, &s->want),
		      "after", output_value_json(pt, &s->after),
		      "state", step_state_names[s->state]);
	json_object_set_new(j, "key", *key ? json_string(key) : json_null());
	return j;
}

static int raw_write_print_json(const struct app *a, const struct meter *m, const struct plan *p,
				struct err *e)
{
	json_t *list = json_array();
	char at[48];

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(list, raw_write_register_json(p, &p->steps[i]));
	return output_json(a->out, json_pack("{s:s, s:o, s:s, s:s, s:o, s:s}",
		"schema", "meterctl.raw/1", "meter", output_meter_json(m),
		"time", output_time(time_wall_us(), at, sizeof(at)),
		"space", "holding", "registers", list, "result", raw_write_result(p)), e);
}

static void raw_write_print_row(const struct app *a, const struct plan *p, const struct step *s)
{
	bool csv = a->format == FORMAT_CSV;
	const char *state = step_state_names[s->state];
	unsigned addr = plan_point(p, s)->addr;
	char key[128], text[3][VALUE_TEXT];
	const char *before = content(p, s, &s->before, "", text[0], sizeof(text[0]));
	const char *want = content(p, s, &s->want, "", text[1], sizeof(text[1]));
	const char *after = content(p, s, &s->after, csv ? "" : "--", text[2], sizeof(text[2]));

	raw_write_key(p, s, key, sizeof(key));
	if (csv) {
		fprintf(a->out, "%u,0x%04X,%s,%s,%s,%s,", addr, addr, before, want, after, state);
		output_csv_cell(a->out, key);
		fputs("\r\n", a->out);
	} else {
		fprintf(a->out, "%5u  0x%04X  %8s -> %-8s  now %-8s  %s%s%s\n", addr, addr,
		       before, want, after, state, *key ? "  " : "", key);
	}
}

static int raw_write_print(const struct app *a, const struct meter *m, const struct plan *p, struct err *e)
{
	if (a->format == FORMAT_JSON)
		return raw_write_print_json(a, m, p, e);
	if (a->format == FORMAT_CSV)
		fputs("address,address_hex,before,want,after,state,key\r\n", a->out);
	for (size_t i = 0; i < p->n; i++) {
		if (a->format != FORMAT_JSONL)
			raw_write_print_row(a, p, &p->steps[i]);
		else if (output_json(a->out, raw_write_register_json(p, &p->steps[i]), e))
			return -1;
	}
	return 0;
}

/* ---- the whole of it ------------------------------------------------------- */

/* On an open meter. The worst of write, journal and output is the result. */
static int raw_write_all(struct app *a, struct meter *m, struct plan *p, struct journal *j, struct err *e)
{
	struct err print = { 0 };
	int rc;

	if (write_settle(a, m, j, e) || plan_look(p, m, e))
		return -1;
	raw_write_show(a, p);
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
	const struct profile *profile = profile_open(a->profile, e);
	struct journal *j = NULL;
	struct plan p = { 0 };
	struct meter m;
	int rc = -1;

	if (!profile || raw_write_plan(a, profile, &p, n, words, e))
		goto out;
	if (!yes) {
		err_set(e, ERR_DENIED, "not confirmed: nothing was written ('raw write' wants --yes)");
		goto out;
	}
	j = journal_open(a->journal, e);
	if (!j || app_open_meter(a, profile, &m, e))
		goto out;
	profile = NULL;		/* the meter's now */
	rc = raw_write_all(a, &m, &p, j, e);
	app_close_meter(a, &m);
out:
	plan_release(&p);
	journal_close(j);
	profile_free(profile);
	return rc;
}
