#include "learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc16.h"

const char *const learn_state_names[LEARN_FOUND + 1] = { "unseen", "several", "unproven", "beyond", "found" };

#define FUNCTION_MASK 0x16
#define FUNCTION_BOTH 0x17

int learn_init(struct learn *l, struct err *e)
{
	*l = (struct learn){ 0 };
	l->writes = calloc(LEARN_WRITES, sizeof(*l->writes));
	for (int i = 0; i < 2; i++)
		l->registers[i] = calloc(65536, sizeof(*l->registers[i]));
	if (l->writes && l->registers[0] && l->registers[1])
		return 0;
	learn_release(l);
	return err_set(e, ERR_NO, "out of memory");
}

void learn_release(struct learn *l)
{
	for (size_t i = 0; i < l->nwants; i++) {
		free(l->wants[i].places);
		explicit_bzero(&l->wants[i], sizeof(l->wants[i]));
	}
	free(l->writes);
	free(l->registers[0]);
	free(l->registers[1]);
	explicit_bzero(l->due_regs, sizeof(l->due_regs));
	explicit_bzero(l->row, sizeof(l->row));
	*l = (struct learn){ 0 };
}

static struct learn_want *learn_want_of(struct learn *l, const char *key, struct err *e)
{
	struct learn_want *w;

	for (size_t i = 0; i < l->nwants; i++)
		if (strcmp(l->wants[i].key, key) == 0)
			return &l->wants[i];
	if (l->nwants == LEARN_WANTS) {
		err_set(e, ERR_USAGE, "more than %d keys", LEARN_WANTS);
		return NULL;
	}
	w = &l->wants[l->nwants];
	if (strlen(key) >= sizeof(w->key)) {
		err_set(e, ERR_USAGE, "key '%.70s' is too long", key);
		return NULL;
	}
	w->places = calloc(LEARN_PLACES, sizeof(*w->places));
	if (!w->places) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	snprintf(w->key, sizeof(w->key), "%s", key);
	l->nwants++;
	return w;
}

int learn_want(struct learn *l, const char *key, const char *value, bool seconds, double most, bool secret, struct err *e)
{
	struct learn_want *w = learn_want_of(l, key, e);
	struct form_value v;

	if (!w)
		return -1;
	if (!form_value_parse(value, &v))
		return err_set(e, ERR_USAGE, "the value of '%s' has no character, or more than %d", key, 2 * FORM_WORDS);
	for (size_t i = 0; i < w->nvalues; i++)
		if (strcmp(w->values[i].text, v.text) == 0)
			return 0;
	if (w->nvalues == LEARN_VALUES)
		return err_set(e, ERR_USAGE, "more than %d values of '%s'", LEARN_VALUES, key);
	w->values[w->nvalues++] = v;
	w->seconds = seconds;
	w->most = most;
	w->secret = w->secret || secret;
	explicit_bzero(&v, sizeof(v));
	return 0;
}

/* ---- places --------------------------------------------------------------------- */

/* Registers that were seen, and how. */
struct learn_sight {
	enum space space;
	uint16_t addr, n;
	const uint16_t *regs;
	uint8_t unit, function;
	bool write, done, refused, joined;
	size_t edge;		/* joined: only what goes over it is new */
};

static struct learn_place *learn_place_of(struct learn_want *w, const struct form *f, const struct learn_sight *s, uint16_t addr)
{
	struct learn_place *p;

	for (size_t i = 0; i < w->nplaces; i++) {
		p = &w->places[i];
		if (p->space == s->space && p->addr == addr && form_same(&p->form, f))
			return p;
	}
	/* there are always some left for what is written */
	if (!s->write && w->nread >= LEARN_PLACES / 2)
		w->read_overflow = true;
	else if (w->nplaces == LEARN_PLACES)
		w->overflow = true;
	else {
		w->nread += !s->write;
		p = &w->places[w->nplaces++];
		*p = (struct learn_place){
			.form = *f, .space = s->space, .addr = addr, .words = f->words, .exact = true,
		};
		return p;
	}
	return NULL;
}

/* Was something else read where S now has F? */
static bool learn_changed(const struct learn *l, const struct form *f, const struct learn_sight *s, size_t at)
{
	const struct learn_register *r = l->registers[s->space] + s->addr + at;

	for (size_t i = 0; i < f->words; i++)
		if (r[i].known && r[i].unit == s->unit && r[i].word != s->regs[at + i])
			return true;
	return false;
}

static void learn_place_write(struct learn_place *p, const struct form *f, const struct learn_sight *s, size_t at, unsigned bit)
{
	size_t end = at + f->words, padding = f->type == TYPE_STRING ? form_padding(f, s->regs + end, s->n - end) : 0;
	bool exact = at == 0 && end + padding == s->n && !s->joined;

	p->sent |= bit;
	if (s->refused)
		p->refused |= bit;
	if (s->done) {
		p->done |= bit;
		p->writes++;
	}
	p->function = s->function;
	p->joined = p->joined || s->joined;
	p->exact = p->exact && exact;
	if (f->type != TYPE_STRING) {
		bool text = form_looks_like_text(f);

		p->text_before = p->text_before || (text && at && form_is_text(f, s->regs[at - 1], false));
		p->text_behind = p->text_behind || (text && end < s->n && form_is_text(f, s->regs[end], true));
		return;
	}
	if (f->half || padding)
		p->form.pad = f->half ? f->pad : (char)(s->regs[end] & 0xFF);
	p->text_before = p->text_before || (at && form_is_text(f, s->regs[at - 1], false));
	p->text_behind = p->text_behind || (!f->half && end < s->n && form_is_text(f, s->regs[end], true));
	if (exact && s->n <= FORM_WORDS && s->n > p->words)
		p->words = s->n;
	if (f->words > p->words)
		p->words = f->words;
}

static void learn_place_read(const struct learn *l, struct learn_place *p, const struct form *f, const struct learn_sight *s,
			     size_t at, unsigned bit)
{
	p->read |= bit;
	if (learn_changed(l, f, s, at))
		p->changed |= bit;
	p->reads++;
	p->other_now = false;
}

/* Every place in S where F, a form of value BIT, stands. */
static bool learn_match(struct learn *l, struct learn_want *w, struct form *f, const struct learn_sight *s, unsigned bit)
{
	bool any = false;

	for (size_t at = 0; at + f->words <= s->n; at++) {
		struct learn_place *p;

		if ((s->joined && (at >= s->edge || at + f->words <= s->edge)) || !form_at(f, s->regs + at, s->n - at))
			continue;
		any = true;
		p = learn_place_of(w, f, s, (uint16_t)(s->addr + at));
		if (!p)
			continue;
		if (s->write)
			learn_place_write(p, f, s, at, bit);
		else
			learn_place_read(l, p, f, s, at, bit);
		p->unit = s->unit;
		p->first_us = p->first_us ? p->first_us : l->at_us;
		p->last_us = l->at_us;
	}
	return any;
}

/* Places that a read goes over and that have something else now: read again below when not. */
static void learn_doubt(struct learn_want *w, const struct learn_sight *s)
{
	for (size_t i = 0; i < w->nplaces; i++) {
		struct learn_place *p = &w->places[i];

		if (p->space == s->space && p->addr >= s->addr && p->addr + p->form.words <= s->addr + s->n)
			p->other_now = true;
	}
}

/* True: there was a secret among it. */
static bool learn_sight(struct learn *l, const struct learn_sight *s)
{
	bool secret = false;

	for (size_t i = 0; i < l->nwants; i++) {
		struct learn_want *w = &l->wants[i];

		if (!s->write)
			learn_doubt(w, s);
		for (size_t k = 0; k < w->nvalues; k++) {
			struct form all[FORMS_MAX];
			size_t n = form_all(&w->values[k], w->seconds, all);

			for (size_t f = 0; f < n; f++)
				if (learn_match(l, w, &all[f], s, 1U << k) && w->secret)
					secret = true;
			if (w->secret)
				explicit_bzero(all, sizeof(all));
		}
	}
	return secret;
}

/* ---- frames ---------------------------------------------------------------------- */

static unsigned learn_word(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

/* N bytes of which nobody knows what they mean. */
static bool learn_loose(struct learn *l, const uint8_t *bytes, size_t n, uint8_t function)
{
	bool secret = false;

	for (size_t i = 0; i < l->nwants; i++) {
		struct learn_want *w = &l->wants[i];

		for (size_t k = 0; k < w->nvalues; k++) {
			if (!form_in_bytes(&w->values[k], w->seconds, bytes, n))
				continue;
			secret = secret || w->secret;
			if (function) {
				w->loose |= 1U << k;
				w->loose_function = function;
			} else {
				w->damaged |= 1U << k;
			}
		}
	}
	return secret;
}

/* The registers that the request C writes: their number; 0: it writes none. */
static size_t learn_written(const struct cut *c, uint16_t *addr, uint16_t *regs)
{
	const uint8_t *b = c->bytes, *data;
	size_t n = 1;

	*addr = (uint16_t)learn_word(b + 2);
	switch (c->function) {
	case 6:
		data = b + 4;
		break;
	case 0x10:
		n = learn_word(b + 4);
		data = b + 7;
		break;
	case FUNCTION_BOTH:
		*addr = (uint16_t)learn_word(b + 6);
		n = learn_word(b + 8);
		data = b + 11;
		break;
	default:
		return 0;
	}
	if (n == 0 || n > 125 || data + 2 * n + 2 > b + c->n || *addr + n > 65536)
		return 0;
	for (size_t i = 0; i < n; i++)
		regs[i] = (uint16_t)learn_word(data + 2 * i);
	return n;
}

static struct learn_sight learn_due_sight(const struct learn *l)
{
	return (struct learn_sight){
		.space = SPACE_HOLDING, .addr = l->due_addr, .n = l->due_n, .regs = l->due_regs, .unit = l->due_unit,
		.function = l->due_function, .write = true,
	};
}

/* Does the write that waits carry a part of a secret? A tool may write register by register. */
static bool learn_is_part(const struct learn *l)
{
	for (size_t i = 0; i < l->nwants; i++) {
		const struct learn_want *w = &l->wants[i];

		for (size_t k = 0; k < w->nvalues && w->secret; k++) {
			struct form all[FORMS_MAX];
			size_t n = form_all(&w->values[k], w->seconds, all);
			bool part = false;

			for (size_t f = 0; f < n; f++)
				part = part || form_has_part(&all[f], l->due_regs, l->due_n);
			explicit_bzero(all, sizeof(all));
			if (part)
				return true;
		}
	}
	return false;
}

static bool learn_request(struct learn *l, const struct cut *c)
{
	uint16_t addr = 0;
	size_t n = c->n >= 8 ? learn_written(c, &addr, l->due_regs) : 0;
	struct learn_sight s;
	bool secret;

	if (n == 0) {
		bool reads = (c->function >= 1 && c->function <= 4) || c->function == FUNCTION_BOTH;

		l->other_functions += !reads;
		return !reads && learn_loose(l, c->bytes + 2, c->n - 4, c->function);
	}
	l->due = true;
	l->due_unit = c->unit;
	l->due_function = c->function;
	l->due_addr = addr;
	l->due_n = (uint16_t)n;
	s = learn_due_sight(l);
	secret = learn_sight(l, &s);
	secret = learn_is_part(l) || secret;
	l->due_secret = secret;
	l->due_write = l->nwrites < LEARN_WRITES ? &l->writes[l->nwrites++] : NULL;
	if (l->due_write) {
		*l->due_write = (struct learn_write){ .unit = c->unit, .function = c->function, .addr = addr, .n = (uint16_t)n,
						      .secret = secret };
		for (size_t i = 0; i < n && i < CODE_MAX; i++)
			l->due_write->regs[i] = secret ? 0 : l->due_regs[i];
	}
	return secret;
}

/* A write was acknowledged: what it makes together with those just before it. */
static void learn_row(struct learn *l)
{
	struct learn_sight s;

	if (l->row_n == 0 || l->row_unit != l->due_unit || l->row_addr + l->row_n != l->due_addr
	    || l->row_n + l->due_n > LEARN_ROW) {
		l->row_addr = l->due_addr;
		l->row_n = 0;
		l->row_unit = l->due_unit;
	}
	memcpy(l->row + l->row_n, l->due_regs, l->due_n * sizeof(*l->row));
	s = learn_due_sight(l);
	s.addr = l->row_addr;
	s.regs = l->row;
	s.edge = l->row_n;
	s.n = l->row_n = (uint16_t)(l->row_n + l->due_n);
	s.joined = s.done = true;
	if (s.edge)
		learn_sight(l, &s);
}

/* The reply to the write that waits. */
static bool learn_answered(struct learn *l, const struct cut *c)
{
	struct learn_sight s = learn_due_sight(l);

	l->due = false;
	s.refused = c->function & 0x80;
	s.done = !s.refused;
	if (l->due_write) {
		l->due_write->done = s.done;
		l->due_write->refused = s.refused;
	}
	learn_sight(l, &s);
	if (s.done)
		learn_row(l);
	/* function 06 is acknowledged by what was written */
	return l->due_secret;
}

/* A write that is read later as it was written sets something. */
static void learn_keep(struct learn *l, const struct learn_sight *s)
{
	for (size_t i = 0; i < l->nwrites; i++) {
		struct learn_write *w = &l->writes[i];

		if (w->unit == s->unit && w->n <= CODE_MAX && w->addr >= s->addr && w->addr + w->n <= s->addr + s->n
		    && memcmp(w->regs, s->regs + (w->addr - s->addr), w->n * sizeof(*w->regs)) == 0)
			w->kept = true;
	}
}

static bool learn_reply(struct learn *l, const struct cut *c)
{
	uint16_t regs[128];
	struct learn_sight s = { .space = c->function == 4 ? SPACE_INPUT : SPACE_HOLDING, .unit = c->unit, .regs = regs };
	bool secret = false;

	if (l->due && c->paired && c->unit == l->due_unit && (c->function & 0x7F) == l->due_function)
		secret = learn_answered(l, c);
	if ((c->function != 3 && c->function != 4 && c->function != FUNCTION_BOTH) || c->n < 5)
		return secret;
	s.n = (uint16_t)(c->bytes[2] / 2);
	if (s.n == 0 || s.n > 125 || 5U + 2U * s.n > c->n)
		return secret;
	for (size_t i = 0; i < s.n; i++)
		regs[i] = (uint16_t)learn_word(c->bytes + 3 + 2 * i);
	s.addr = c->about.addr;
	/* nobody knows which registers these are */
	if (!c->paired || !c->addressed || c->ambiguous || s.addr + s.n > 65536)
		return learn_loose(l, c->bytes + 3, 2U * s.n, 0) || secret;
	secret = learn_sight(l, &s) || secret;
	learn_keep(l, &s);
	for (size_t i = 0; i < s.n; i++)
		l->registers[s.space][s.addr + i] = (struct learn_register){ regs[i], s.unit, true };
	return secret;
}

bool learn_take(struct learn *l, const struct cut *c)
{
	l->frames++;
	l->at_us = c->at_us;
	switch (c->kind) {
	case CUT_REQUEST:
		return learn_request(l, c);
	case CUT_REPLY:
		return learn_reply(l, c);
	case CUT_UNKNOWN:
		l->other_functions += !c->paired;
		return learn_loose(l, c->bytes + 2, c->n - 4, c->function);
	default:
		l->garbage++;
		return learn_loose(l, c->bytes, c->n, 0);
	}
}
