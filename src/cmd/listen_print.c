#include "listen.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "output/output.h"

#define SHOWN 6			/* items of a frame in a table, without -v */
#define HEX_SHOWN 16		/* bytes of what is no frame, likewise */

enum {
	AT, CLOCK, KIND, MARK, UNIT, FUNCTION, REGISTER, COUNT, MS, POINTS, VALUES, EXCEPTION, NOTE, BYTES,
	REQUESTS, REPLIES, EXCEPTIONS, SILENT, REPEATED, RATE, WAIT, COLUMNS
};

static const struct column columns[COLUMNS] = {
	[AT] = { "at", .in = IN_DATA, .optional = true },
	[CLOCK] = { NULL, .in = IN_TABLE },
	[KIND] = { "kind", .in = IN_DATA },
	[MARK] = { NULL, .in = IN_TABLE, .before = " " },
	[UNIT] = { "unit", .in = IN_ALL, .optional = true, .width = 3, .before = " ", .none = "" },
	[FUNCTION] = { "function", .in = IN_ALL, .optional = true, .width = 2, .before = " ", .none = "" },
	[REGISTER] = { "register", .in = IN_DATA, .optional = true },
	[COUNT] = { "count", .in = IN_DATA, .optional = true },
	[MS] = { "ms", .in = IN_ALL, .optional = true, .width = 9, .before = " ", .none = "" },
	[POINTS] = { "points", .in = IN_JSON, .optional = true },
	[VALUES] = { "values", .in = IN_CELLS | IN_TABLE, .before = "  " },
	[EXCEPTION] = { "exception", .in = IN_DATA, .optional = true },
	[NOTE] = { "note", .in = IN_ALL, .optional = true, .before = "  * " },
	[BYTES] = { "bytes", .in = IN_DATA, .optional = true },
	[REQUESTS] = { "requests", .in = IN_LINES, .optional = true },
	[REPLIES] = { "replies", .in = IN_LINES, .optional = true },
	[EXCEPTIONS] = { "exceptions", .in = IN_LINES, .optional = true },
	[SILENT] = { "silent", .in = IN_LINES, .optional = true },
	[REPEATED] = { "repeated", .in = IN_LINES, .optional = true },
	[RATE] = { "rate", .in = IN_LINES, .optional = true },
	[WAIT] = { "wait_ms", .in = IN_LINES, .optional = true },
};

const struct listing listen_list = {
	.schema = "meterctl.listen/1", .name = "frames", .columns = columns, .ncolumns = COLUMNS,
};

/* ---- a frame ------------------------------------------------------------------- */

static json_t *item_json(const struct named *i)
{
	json_t *o = json_object(), *raw;

	json_object_set_new(o, "key", i->point ? json_string(i->point->key) : json_null());
	json_object_set_new(o, "register", json_integer(i->addr));
	if (!i->regs)
		return o;
	if (i->point && i->value.kind != VALUE_NONE) {
		json_object_set_new(o, "value", output_value_json(i->point, &i->value));
		json_object_set_new(o, "unit", json_string(i->point->unit));
	}
	if (i->point && i->point->flags & POINT_SECRET)
		return o;
	raw = json_array();
	for (size_t k = 0; k < i->words; k++)
		json_array_append_new(raw, json_integer(i->regs[k]));
	json_object_set_new(o, "raw", raw);
	return o;
}

static json_t *items_json(const struct named *items, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, item_json(&items[i]));
	return list;
}

static void fill_frame(struct listen_print *p, const struct cut *c, const uint8_t *bytes,
		       char *function, size_t size, struct cell *cells)
{
	snprintf(function, size, "%02X", c->function);
	cells[UNIT] = cell_integer(c->unit);
	cells[FUNCTION] = cell_integer(c->function & 0x7F);
	cells[FUNCTION].shown = function;
	if (c->addressed) {
		cells[REGISTER] = cell_integer(c->about.addr);
		cells[COUNT] = cell_integer(c->about.count);
	}
	if (c->function & 0x80 && c->kind == CUT_REPLY)
		cells[EXCEPTION] = cell_integer(bytes[2]);
	if (p->words.n && printer_nests(&p->out))
		cells[POINTS] = cell_json(items_json(p->words.items, p->words.n));
}

int listen_print_cut(struct listen_print *p, const struct cut *c, const uint8_t *bytes, int64_t at_us, struct err *e)
{
	char at[48], clock[16], function[8], ms[24], hex[3 * 2 * SPLITTER_LUMP + 3 * FRAME_MAX + 1] = "";
	bool prose = printer_prose(&p->out) != NULL, all = !prose || p->app->verbose;
	const struct cut_words much = { .prose = prose, .items = all ? READ_MAX : SHOWN, .bytes = all ? c->n : HEX_SHOWN };
	struct cell cells[COLUMNS] = {
		[AT] = cell_text(time_text(at_us, at, sizeof(at))), [CLOCK] = cell_text(clock),
		[KIND] = cell_text(cut_kind(c)), [MARK] = cell_text(cut_mark(c)), [NOTE] = cell_some(cut_note(c)),
		[BYTES] = cell_text(hex),
	};

	cut_text_make(&p->words, p->profile, c, bytes, &much);
	snprintf(clock, sizeof(clock), "%.12s", at + 11);
	if (c->kind != CUT_GARBAGE)
		fill_frame(p, c, bytes, function, sizeof(function), cells);
	if (c->paired) {
		snprintf(ms, sizeof(ms), "%.1f ms", (double)c->wait_us / 1e3);
		cells[MS] = cell_real((double)c->wait_us / 1e3, 3);
		cells[MS].shown = ms;
	}
	cells[VALUES] = cell_text(p->words.text);
	cut_bytes(bytes, c->n, c->n, hex, sizeof(hex));
	return printer_row(&p->out, cells, e);
}

/* ---- at the end --------------------------------------------------------------------- */

static double listen_ms(int64_t us)
{
	return (double)us / 1e3;
}

static json_t *wait_json(const struct traffic_unit *u)
{
	if (u->waits == 0)
		return json_null();
	return json_pack("{s:f, s:f, s:f}", "least", listen_ms(u->wait_least_us), "mean",
			 listen_ms(u->wait_sum_us / (int64_t)u->waits), "most", listen_ms(u->wait_most_us));
}

static json_t *unit_json(const struct traffic_unit *u, size_t unit, int64_t now_us)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:o}", "unit", (json_int_t)unit,
			 "requests", (json_int_t)u->requests, "replies", (json_int_t)u->replies,
			 "exceptions", (json_int_t)u->exceptions, "silent", (json_int_t)traffic_silent(u, now_us),
			 "repeated", (json_int_t)u->repeated, "rate", traffic_rate(u), "wait_ms", wait_json(u));
}

static bool unit_heard(const struct traffic_unit *u)
{
	return u->requests + u->replies + u->exceptions > 0;
}

static void say_unit(const struct traffic_unit *u, size_t unit, int64_t now_us, char *buf, size_t size)
{
	size_t at = 0;

	text_append(buf, size, &at, "unit %zu: requests %lu, replies %lu, silent %lu, exceptions %lu, repeated %lu", unit,
		    u->requests, u->replies, traffic_silent(u, now_us), u->exceptions, u->repeated);
	if (traffic_rate(u) > 0)
		text_append(buf, size, &at, "; %.2f requests/s", traffic_rate(u));
	if (u->waits)
		text_append(buf, size, &at, "; reply after %.1f to %.1f ms, mean %.1f ms", listen_ms(u->wait_least_us),
			    listen_ms(u->wait_most_us), listen_ms(u->wait_sum_us / (int64_t)u->waits));
}

static int unit_row(struct listen_print *p, const struct traffic_unit *u, size_t unit, int64_t now_us, struct err *e)
{
	struct cell cells[COLUMNS] = {
		[KIND] = cell_text("unit"), [UNIT] = cell_integer((int64_t)unit),
		[REQUESTS] = cell_integer((int64_t)u->requests), [REPLIES] = cell_integer((int64_t)u->replies),
		[EXCEPTIONS] = cell_integer((int64_t)u->exceptions),
		[SILENT] = cell_integer((int64_t)traffic_silent(u, now_us)), [REPEATED] = cell_integer((int64_t)u->repeated),
		[RATE] = cell_real(traffic_rate(u), 3), [WAIT] = cell_json(wait_json(u)),
	};

	return printer_row_in(&p->out, IN_LINES, cells, e);
}

/* A line for a person: below a table; else beside what is printed for a script. */
static void listen_say(struct listen_print *p, const char *text)
{
	if (printer_prose(&p->out))
		printer_note(&p->out, "%s", text);
	else
		app_say(p->app, "%s", text);
}

static json_t *tail_json(const struct traffic *t, int64_t now_us, const char *line, const char *second)
{
	json_t *units = json_array();

	for (size_t i = 0; i < TRAFFIC_UNITS; i++)
		if (unit_heard(&t->units[i]))
			json_array_append_new(units, unit_json(&t->units[i], i, now_us));
	return json_pack("{s:o, s:I, s:I, s:I, s:s?, s:s?}", "units", units, "heard", (json_int_t)t->frames,
			 "garbage", (json_int_t)t->garbage, "garbage_bytes", (json_int_t)t->garbage_bytes,
			 "second_master", *second ? second : NULL, "line", *line ? line : NULL);
}

int listen_print_end(struct listen_print *p, const struct traffic *t, int64_t now_us, const char *line, struct err *e)
{
	char text[400], second[300];

	traffic_second_master(t, second, sizeof(second));
	for (size_t i = 0; i < TRAFFIC_UNITS; i++) {
		if (!unit_heard(&t->units[i]))
			continue;
		if (unit_row(p, &t->units[i], i, now_us, e))
			return -1;
		say_unit(&t->units[i], i, now_us, text, sizeof(text));
		listen_say(p, text);
	}
	snprintf(text, sizeof(text), "frames %lu, not frames %lu (%lu bytes)%s%s", t->frames, t->garbage, t->garbage_bytes,
		 *line ? "; line " : "", line);
	listen_say(p, text);
	if (*second) {
		snprintf(text, sizeof(text), "second master: %s", second);
		listen_say(p, text);
	}
	return printer_end(&p->out, tail_json(t, now_us, line, second), e);
}
