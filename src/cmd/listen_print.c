#include "listen.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "modbus/diagnosis.h"
#include "modbus/function.h"
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

/* ---- a frame in words ---------------------------------------------------------- */

static const char *cut_kind(const struct cut *c)
{
	static const char *const names[CUT_KINDS] = { "request", "reply", "unknown", "garbage" };

	return c->kind == CUT_REPLY && c->function & 0x80 ? "exception" : names[c->kind];
}

static const char *cut_mark(const struct cut *c)
{
	if (c->kind == CUT_GARBAGE)
		return "!";
	return c->kind == CUT_REPLY || c->paired ? "<" : ">";
}

static const char *cut_note(const struct cut *c)
{
	if (c->kind == CUT_GARBAGE)
		return "not a frame";
	if (c->ambiguous)
		return "two requests wait for such a reply: registers unknown";
	if (c->kind == CUT_UNKNOWN)
		return c->paired ? "reply of an unknown function" : "unknown function";
	if (c->kind == CUT_REPLY && !c->paired)
		return "request not heard";
	if (c->late)
		return "another request was sent before";
	if (c->early)
		return "sent while the reply to another request was due";
	return c->repeated ? "repeated" : "";
}

static void say_registers(unsigned addr, unsigned count, char *buf, size_t size, size_t *at)
{
	if (count == 1)
		text_append(buf, size, at, "0x%04X", addr);
	else
		text_append(buf, size, at, "0x%04X-0x%04X", addr, addr + count - 1);
}

static void say_item(const struct named *i, bool written, char *buf, size_t size, size_t *at)
{
	char value[VALUE_TEXT];

	if (i->point)
		text_append(buf, size, at, "%s", i->point->key);
	else
		say_registers(i->addr, i->words, buf, size, at);
	if (!i->regs)
		return;
	/* what stood there before, nobody has told */
	text_append(buf, size, at, written ? ": ? ->" : "=");
	if (i->point && i->value.kind != VALUE_NONE) {
		text_append(buf, size, at, "%s%s", written ? " " : "", output_text(i->point, &i->value, value, sizeof(value)));
		if (*i->point->unit)
			text_append(buf, size, at, " %s", i->point->unit);
		return;
	}
	for (size_t k = 0; k < i->words; k++)
		text_append(buf, size, at, "%s%04X", k || written ? " " : "", i->point && i->point->flags & POINT_SECRET
			    ? 0U : i->regs[k]);
}

static void say_bytes(const uint8_t *bytes, size_t n, size_t most, char *buf, size_t size, size_t *at)
{
	for (size_t i = 0; i < n && i < most; i++)
		text_append(buf, size, at, "%s%02X", i ? " " : "", bytes[i]);
	if (n > most)
		text_append(buf, size, at, " ... (%zu bytes)", n);
}

/* N items in P->text, of which at most MOST are named. */
static void say_items(struct listen_print *p, const struct cut *c, size_t n, size_t most, size_t *at)
{
	bool written = c->kind == CUT_REQUEST && function_writes(c->function);

	for (size_t i = 0; i < n && i < most; i++) {
		text_append(p->text, sizeof(p->text), at, i ? ", " : "");
		say_item(&p->items[i], written, p->text, sizeof(p->text), at);
	}
	if (n > most)
		text_append(p->text, sizeof(p->text), at, ", %zu more", n - most);
}

/* What C says, into P->text; N: of P->items. */
static void say_cut(struct listen_print *p, const struct cut *c, const uint8_t *bytes, size_t n)
{
	bool person = printer_prose(&p->out) != NULL;
	size_t most = person && !p->app->verbose ? SHOWN : READ_MAX, at = 0;
	const struct function *fn = function_find(c->function & 0x7F);

	p->text[0] = '\0';
	if (c->kind == CUT_GARBAGE || c->kind == CUT_UNKNOWN) {
		if (person)
			say_bytes(bytes, c->n, p->app->verbose ? c->n : HEX_SHOWN, p->text, sizeof(p->text), &at);
		return;
	}
	if (c->function & 0x80) {
		text_append(p->text, sizeof(p->text), &at, "exception %02X, %s", bytes[2], diagnosis_exception_name(bytes[2]));
		return;
	}
	if (c->kind == CUT_REPLY && function_writes(c->function))
		text_append(p->text, sizeof(p->text), &at, "written ");
	else if (person && c->kind == CUT_REQUEST && fn && !function_writes(c->function))
		text_append(p->text, sizeof(p->text), &at, "%s ", fn->verb);
	say_items(p, c, n, most, &at);
	if (n == 0 && fn && c->addressed && c->about.count) {
		say_registers(c->about.addr, c->about.count, p->text, sizeof(p->text), &at);
		text_append(p->text, sizeof(p->text), &at, "%s%s", fn->kind ? " " : "", fn->kind ? fn->kind : "");
	}
}

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

static void fill_frame(struct listen_print *p, const struct cut *c, const uint8_t *bytes, size_t n,
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
	if (n && printer_nests(&p->out))
		cells[POINTS] = cell_json(items_json(p->items, n));
}

int listen_print_cut(struct listen_print *p, const struct cut *c, const uint8_t *bytes, int64_t at_us, struct err *e)
{
	char at[48], clock[16], function[8], ms[24], hex[3 * 2 * SPLITTER_LUMP + 3 * FRAME_MAX + 1] = "";
	size_t len = 0, n = c->kind == CUT_GARBAGE || c->kind == CUT_UNKNOWN ? 0 : named_of(p->profile, c, p->regs, p->items);
	struct cell cells[COLUMNS] = {
		[AT] = cell_text(time_text(at_us, at, sizeof(at))), [CLOCK] = cell_text(clock),
		[KIND] = cell_text(cut_kind(c)), [MARK] = cell_text(cut_mark(c)), [NOTE] = cell_some(cut_note(c)),
		[BYTES] = cell_text(hex),
	};

	snprintf(clock, sizeof(clock), "%.12s", at + 11);
	if (c->kind != CUT_GARBAGE)
		fill_frame(p, c, bytes, n, function, sizeof(function), cells);
	if (c->paired) {
		snprintf(ms, sizeof(ms), "%.1f ms", (double)c->wait_us / 1e3);
		cells[MS] = cell_real((double)c->wait_us / 1e3, 3);
		cells[MS].shown = ms;
	}
	say_cut(p, c, bytes, n);
	cells[VALUES] = cell_text(p->text);
	say_bytes(bytes, c->n, c->n, hex, sizeof(hex), &len);
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
