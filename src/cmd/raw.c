/*
 * raw.c - `meterctl raw`: registers as they stand, whatever a profile says
 * about them. `raw write` is in raw_write.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/output.h"
#include "base/text.h"
#include "cmd.h"
#include "raw.h"
#include "write.h"

struct raw_own {
	bool input;
	struct write_opts write;
};

static const struct opt raw_opts[] = {
	OPT_FLAG(0, "input", struct raw_own, input, "input registers (function 04), not holding ones"),
	WRITE_YES_ROW(struct raw_own, write),
};

static enum space raw_space(const struct app *a)
{
	return ((const struct raw_own *)a->own)->input ? SPACE_INPUT : SPACE_HOLDING;
}

int raw_address(const char *word, long *addr, struct err *e)
{
	if (!text_long(word, 0, 65535, addr))
		return err_set(e, ERR_USAGE, "'%.20s' is no register address (0 to 65535, or 0x0000 to 0xFFFF)", word);
	return 0;
}

/* ADDR or ADDR:N. */
static int parse_range(const char *word, long *addr, long *n, struct err *e)
{
	char text[32];
	char *colon;

	*n = 1;
	if (snprintf(text, sizeof(text), "%s", word) >= (int)sizeof(text))
		return err_set(e, ERR_USAGE, "'%.20s...' is no register address", word);
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	if (raw_address(text, addr, e))
		return -1;
	if (colon && !text_long(colon + 1, 1, 65536, n))
		return err_set(e, ERR_USAGE, "'%s' is no number of registers (1 to 65536)", colon + 1);
	if (*addr + *n > 65536)
		return err_set(e, ERR_USAGE, "'%s' goes beyond register 0xFFFF", word);
	return 0;
}

const char *raw_key(const struct profile *p, enum space where, long addr,
		    char *buf, size_t size)
{
	const struct point *pt = profile_at(p, where, addr);

	if (!pt)
		buf[0] = '\0';
	else if (addr == pt->addr)
		snprintf(buf, size, "%s", pt->key);
	else
		snprintf(buf, size, "%s+%ld", pt->key, addr - pt->addr);
	return buf;
}

/* On a screen, where others look on, a secret stays one. */
static bool raw_hides(const struct app *a, const struct profile *p, long addr)
{
	const struct point *pt = profile_at(p, raw_space(a), addr);

	return a->host && pt && pt->flags & POINT_SECRET;
}

/* The register in hexadecimal and decimal digits, or asterisks. */
struct raw_text {
	char hex[8], number[8];
};

static struct raw_text raw_digits(const struct app *a, const struct profile *p, long addr, uint16_t value)
{
	struct raw_text t = { "****", "*****" };

	if (!raw_hides(a, p, addr)) {
		snprintf(t.hex, sizeof(t.hex), "%04X", value);
		snprintf(t.number, sizeof(t.number), "%u", value);
	}
	return t;
}

static json_t *raw_register_json(const struct app *a, const struct profile *p, long addr, uint16_t value)
{
	const struct raw_text t = raw_digits(a, p, addr, value);
	char hex[8], key[128];
	json_t *j;

	snprintf(hex, sizeof(hex), "0x%04lX", addr);
	raw_key(p, raw_space(a), addr, key, sizeof(key));
	j = json_pack("{s:I, s:s, s:s, s:o}", "address", (json_int_t)addr,
		      "address_hex", hex, "raw", t.hex,
		      "value", raw_hides(a, p, addr) ? json_null() : json_integer(value));
	json_object_set_new(j, "key", *key ? json_string(key) : json_null());
	return j;
}

static int raw_print_json(const struct app *a, const struct meter *m, int64_t at_us, long addr,
			  const uint16_t *regs, long n, struct err *e)
{
	json_t *list = json_array();
	char at[48];

	for (long i = 0; i < n; i++)
		json_array_append_new(list, raw_register_json(a, m->profile, addr + i, regs[i]));
	return output_json(a->out, json_pack("{s:s, s:o, s:s, s:s, s:o}",
		"schema", "meterctl.raw/1", "meter", output_meter_json(m),
		"time", output_time(at_us, at, sizeof(at)),
		"space", raw_space(a) == SPACE_INPUT ? "input" : "holding",
		"registers", list), e);
}

static void print_rows(const struct app *a, const struct profile *p, long addr,
		       const uint16_t *regs, long n)
{
	char key[128];

	if (a->format == FORMAT_CSV)
		fputs("address,address_hex,raw,value,key\r\n", a->out);
	for (long i = 0; i < n; i++) {
		const struct raw_text t = raw_digits(a, p, addr + i, regs[i]);

		raw_key(p, raw_space(a), addr + i, key, sizeof(key));
		if (a->format == FORMAT_CSV) {
			fprintf(a->out, "%ld,0x%04lX,%s,%s,", addr + i, addr + i, t.hex, t.number);
			output_csv_cell(a->out, key);
			fputs("\r\n", a->out);
		} else {
			fprintf(a->out, "%5ld  0x%04lX  %s  %5s%s%s\n", addr + i, addr + i,
			       t.hex, t.number, *key ? "  " : "", key);
		}
	}
}

static int raw_print(const struct app *a, const struct meter *m, int64_t at_us,
		     long addr, const uint16_t *regs, long n, struct err *e)
{
	if (a->format == FORMAT_JSON)
		return raw_print_json(a, m, at_us, addr, regs, n, e);
	if (a->format != FORMAT_JSONL) {
		print_rows(a, m->profile, addr, regs, n);
		return 0;
	}
	for (long i = 0; i < n; i++)
		if (output_json(a->out, raw_register_json(a, m->profile, addr + i, regs[i]), e))
			return -1;
	return 0;
}

static int raw_run_read(struct app *a, const char *word, struct err *e)
{
	const struct profile *p;
	struct meter m;
	uint16_t *regs;
	long addr, n;
	int rc;

	if (parse_range(word, &addr, &n, e))
		return -1;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	if (app_open_meter(a, p, &m, e)) {
		profile_free(p);
		return -1;
	}
	regs = calloc((size_t)n, sizeof(*regs));
	rc = regs ? meter_read_registers(&m, raw_space(a), addr, n, regs, e) : err_set(e, ERR_NO, "out of memory");
	if (!rc)
		rc = raw_print(a, &m, time_wall_us(), addr, regs, n, e);
	free(regs);
	app_close_meter(a, &m);
	return rc;
}

static bool raw_writes(const struct app *a, int argc, char **argv)
{
	(void)a;
	return argc > 0 && strcmp(argv[0], "write") == 0;
}

static int raw_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct raw_own *own = a->own;
	bool writes = argc > 0 && strcmp(argv[0], "write") == 0;

	if (cmd_words(&cmd_raw, argc, writes ? 3 : 2, writes ? -1 : 2, e))
		return -1;
	if (writes && own->input)
		return err_set(e, ERR_USAGE, "input registers cannot be written");
	if (writes)
		return raw_write(a, own->write.yes, argc - 1, argv + 1, e);
	if (strcmp(argv[0], "read") != 0)
		return err_set(e, ERR_USAGE, "'raw %s' is no command; there is 'raw read' and 'raw write'", argv[0]);
	return raw_run_read(a, argv[1], e);
}

const struct cmd cmd_raw = {
	.name = "raw",
	.args = "read ADDR[:N] | write ADDR VALUE ...",
	.complete = "read write",
	.help = "registers as they stand, by address (zero-based, decimal or 0x...)",
	.opts = raw_opts,
	.nopts = sizeof(raw_opts) / sizeof(*raw_opts),
	.own_size = sizeof(struct raw_own),
	.writes = raw_writes,
	.run = raw_run,
};
