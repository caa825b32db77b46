#include "cut_text.h"

#include "base/text.h"
#include "modbus/diagnosis.h"
#include "modbus/function.h"
#include "output.h"

const char *cut_kind(const struct cut *c)
{
	static const char *const names[CUT_KINDS] = { "request", "reply", "unknown", "garbage" };

	return c->kind == CUT_REPLY && c->function & 0x80 ? "exception" : names[c->kind];
}

const char *cut_mark(const struct cut *c)
{
	if (c->kind == CUT_GARBAGE)
		return "!";
	return c->kind == CUT_REPLY || c->paired ? "<" : ">";
}

const char *cut_note(const struct cut *c)
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

static void cut_say_registers(unsigned addr, unsigned count, char *buf, size_t size, size_t *at)
{
	if (count == 1)
		text_append(buf, size, at, "0x%04X", addr);
	else
		text_append(buf, size, at, "0x%04X-0x%04X", addr, addr + count - 1);
}

static void cut_say_item(const struct named *i, bool written, char *buf, size_t size, size_t *at)
{
	char value[VALUE_TEXT];

	if (i->point)
		text_append(buf, size, at, "%s", i->point->key);
	else
		cut_say_registers(i->addr, i->words, buf, size, at);
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

const char *cut_bytes(const uint8_t *bytes, size_t n, size_t most, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && i < most; i++)
		text_append(buf, size, &at, "%s%02X", i ? " " : "", bytes[i]);
	if (n > most)
		text_append(buf, size, &at, " ... (%zu bytes)", n);
	return buf;
}

/* At most MOST of them are named. */
static void cut_say_items(struct cut_text *t, const struct cut *c, size_t most, size_t *at)
{
	bool written = c->kind == CUT_REQUEST && function_writes(c->function);

	for (size_t i = 0; i < t->n && i < most; i++) {
		text_append(t->text, sizeof(t->text), at, i ? ", " : "");
		cut_say_item(&t->items[i], written, t->text, sizeof(t->text), at);
	}
	if (t->n > most)
		text_append(t->text, sizeof(t->text), at, ", %zu more", t->n - most);
}

void cut_text_make(struct cut_text *t, const struct profile *p, const struct cut *c, const uint8_t *bytes,
		   const struct cut_words *w)
{
	const struct function *fn = function_find(c->function & 0x7F);
	bool whole = c->kind != CUT_GARBAGE && c->kind != CUT_UNKNOWN;
	size_t at = 0;

	t->text[0] = '\0';
	t->n = whole ? named_of(p, c, t->regs, t->items) : 0;
	if (!whole) {
		if (w->prose)
			cut_bytes(bytes, c->n, w->bytes, t->text, sizeof(t->text));
		return;
	}
	if (c->function & 0x80) {
		text_append(t->text, sizeof(t->text), &at, "exception %02X, %s", bytes[2], diagnosis_exception_name(bytes[2]));
		return;
	}
	if (c->kind == CUT_REPLY && function_writes(c->function))
		text_append(t->text, sizeof(t->text), &at, "written ");
	else if (w->prose && c->kind == CUT_REQUEST && fn && !function_writes(c->function))
		text_append(t->text, sizeof(t->text), &at, "%s ", fn->verb);
	cut_say_items(t, c, w->items, &at);
	if (t->n == 0 && fn && c->addressed && c->about.count) {
		cut_say_registers(c->about.addr, c->about.count, t->text, sizeof(t->text), &at);
		text_append(t->text, sizeof(t->text), &at, "%s%s", fn->kind ? " " : "", fn->kind ? fn->kind : "");
	}
}
