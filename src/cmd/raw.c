/*
 * raw.c - `meterctl raw`: registers as they stand, whatever a profile says
 * about them. `raw write` is in raw_write.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/output.h"
#include "output/printer.h"
#include "base/text.h"
#include "auto.h"
#include "cmd.h"
#include "raw.h"
#include "write.h"

struct raw_own {
	bool input, secrets;
	struct write_opts write;
};

static const struct opt raw_opts[] = {
	OPT_FLAG(0, "input", struct raw_own, input, "input registers (function 04), not holding ones"),
	OPT_FLAG_BY_HAND(0, "secrets", struct raw_own, secrets, "'raw read' shows registers of secrets, too"),
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

/* A secret is shown to who says so, and on a screen, where others look on, to nobody. */
static bool raw_hides(const struct app *a, const struct profile *p, long addr)
{
	const struct point *pt = profile_at(p, raw_space(a), addr);
	bool shown = ((const struct raw_own *)a->own)->secrets && !(a->host && a->host->on_screen);

	return !shown && pt && pt->flags & POINT_SECRET;
}

/* ---- output --------------------------------------------------------------------- */

enum { ADDRESS, HEX, RAW, VALUE, KEY, COLUMNS };

static const struct column columns[COLUMNS] = {
	[ADDRESS] = { "address", .in = IN_ALL, .width = 5 },
	[HEX] = { "address_hex", .in = IN_ALL, .before = "  " },
	[RAW] = { "raw", .in = IN_ALL, .before = "  " },
	[VALUE] = { "value", .in = IN_ALL, .width = 5, .before = "  " },
	[KEY] = { "key", .in = IN_ALL, .before = "  " },
};
static const struct listing listing = {
	.schema = "meterctl.raw/1", .name = "registers", .columns = columns, .ncolumns = COLUMNS,
};

static int raw_row(struct printer *out, const struct app *a, const struct profile *p, long addr,
		   uint16_t value, struct err *e)
{
	char hex[8], raw[8], key[128];
	bool hidden = raw_hides(a, p, addr);
	const struct cell cells[COLUMNS] = {
		[ADDRESS] = cell_integer(addr), [HEX] = cell_text(hex), [RAW] = cell_text(raw),
		[VALUE] = hidden ? (struct cell){ .text = "*****", .shown = "*****" } : cell_integer(value),
		[KEY] = cell_some(raw_key(p, raw_space(a), addr, key, sizeof(key))),
	};

	snprintf(hex, sizeof(hex), "0x%04lX", addr);
	snprintf(raw, sizeof(raw), hidden ? "****" : "%04X", value);
	return printer_row(out, cells, e);
}

json_t *raw_head_json(const struct meter *m, enum space space, int64_t at_us)
{
	json_t *j = output_head_json(m, at_us);

	if (j)
		json_object_set_new(j, "space", json_string(space_names[space]));
	return j;
}

static int raw_print(const struct app *a, const struct meter *m, int64_t at_us,
		     long addr, const uint16_t *regs, long n, struct err *e)
{
	struct printer out = app_printer(a);
	int rc = printer_begin(&out, &listing, raw_head_json(m, raw_space(a), at_us), e);

	for (long i = 0; i < n && !rc; i++)
		rc = raw_row(&out, a, m->profile, addr + i, regs[i], e);
	if (!rc)
		rc = printer_end(&out, json_object(), e);
	printer_drop(&out);
	return rc;
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
	p = app_profile(a, e);
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
