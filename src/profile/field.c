#include "field.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "codec.h"

static const char *const access_words[] = { "r", "rw" };
static const char *const map_words[] = { "other", "main" };
static const char *const ask_words[] = { "ask" };
static const char *const layout_words[] = { "_", "second", "minute", "hour", "day", "month", "year", "weekday", "century" };
static const char *const slot_words[] = { "_", "rate", "minute", "hour" };
static const char *const rate_words[] = { "_", "sharp", "peak", "flat", "valley" };

static bool field_has_range(const struct point *p)
{
	return p->min <= p->max;
}

static bool field_has_sign(const struct point *p)
{
	return p->negative_above != 0;
}

static bool field_is_string(const struct point *p)
{
	return p->type == TYPE_STRING;
}

static bool field_has_order(const struct point *p)
{
	return codec_ordered(p);
}

static bool field_has_mask(const struct point *p)
{
	return p->mask != 0;
}

static bool field_has_none(const struct point *p)
{
	return p->nnone > 0;
}

static bool field_is_scaled(const struct point *p)
{
	return codec_is_scaled(p);
}

static bool field_has_offset(const struct point *p)
{
	return fabs(p->offset) > 0;
}

static bool field_has_effect(const struct point *p)
{
	return p->effect != EFFECT_NOW;
}

static bool field_has_side(const struct point *p)
{
	return p->ratio != RATIO_NONE;
}

static bool field_has_layout(const struct point *p)
{
	return *p->layout != '\0';
}

static bool field_is_daytable(const struct point *p)
{
	return p->type == TYPE_DAYTABLE && p->slots;
}

static bool field_has_role(const struct point *p)
{
	return p->role != POINT_ROLE_NONE;
}

static bool field_has_bit(const struct point *p)
{
	return p->type == TYPE_BIT;
}

#define ROW(n, w, k) .name = n, .where = w, .kind = k
#define OF(type, m) .member = #m, .offset = offsetof(type, m), .size = sizeof(((type *)0)->m)
#define PROFILE(m) OF(struct profile, m)
#define IN_POINT(m) OF(struct point, m)
#define WORDS(list) .words = list, .nwords = sizeof(list) / sizeof(*(list))
#define BOTH (FIELD_GROUP | FIELD_POINT)

/* Rows of points in the order of JSON; lines of `profile show KEY` follow it, those of
 * one label together. */
const struct field fields[] = {
	{ ROW("profile", FIELD_PROFILE, FIELD_KEY), PROFILE(name), .shown = "name" },
	{ ROW("title", FIELD_PROFILE, FIELD_TEXT), PROFILE(title), .shown = "title" },
	{ ROW("source", FIELD_PROFILE, FIELD_TEXT), PROFILE(source), .shown = "source" },
	{ ROW(NULL, FIELD_PROFILE, FIELD_TEXT), PROFILE(origin), .shown = "origin" },
	{ ROW("extends", FIELD_PROFILE, FIELD_PARTS) },
	/* 125 and 123: Modbus application protocol V1.1b3, 6.3 and 6.12 */
	{ ROW("read.most", FIELD_PROFILE, FIELD_WHOLE), PROFILE(read_most), .least = 1, .most = 125, .shown = "read.most" },
	{ ROW("read.holes", FIELD_PROFILE, FIELD_BOOL), PROFILE(read_holes), .shown = "read.holes" },
	{ ROW("read.align", FIELD_PROFILE, FIELD_WORD), PROFILE(read_align), WORDS(read_align_names), .shown = "read.align" },
	{ ROW("read.alone", FIELD_PROFILE, FIELD_LIST), PROFILE(read_alone), .most = 16, .shown = "read.alone" },
	{ ROW("write.most", FIELD_PROFILE, FIELD_WHOLE), PROFILE(write_most), .least = 1, .most = 123, .shown = "write.most" },
	{ ROW("write.function", FIELD_PROFILE, FIELD_WORD), PROFILE(write_function), WORDS(write_function_names),
	  .shown = "write.function" },
	{ ROW("line.baud", FIELD_PROFILE, FIELD_NUMBERS), PROFILE(line_baud), WORDS(baud_names), .shown = "line.baud" },
	{ ROW("line.frame", FIELD_PROFILE, FIELD_NUMBERS), PROFILE(line_frame), WORDS(frame_names), .shown = "line.frame" },
	/* 247: Modbus over Serial Line V1.02, 2.2 */
	{ ROW("line.unit", FIELD_PROFILE, FIELD_NUMBERS), PROFILE(line_unit), .least = 1, .most = 247, .shown = "line.unit" },
	{ ROW("line.pause", FIELD_PROFILE, FIELD_MS), PROFILE(line_pause_ms), .least = 1, .most = 5000,
	  .shown = "line.pause_ms" },
	{ ROW("line.answer", FIELD_PROFILE, FIELD_MS), PROFILE(line_answer_ms), .least = 1, .most = 10000,
	  .shown = "line.answer_ms" },
	{ ROW("identify", FIELD_PROFILE, FIELD_RULES), PROFILE(identify), .shown = "identify" },
	{ ROW("base.find", FIELD_PROFILE, FIELD_TEXT), PROFILE(base_find), .shown = "base.find" },
	{ ROW("base.at", FIELD_PROFILE, FIELD_CODE), PROFILE(base_at), .shown = "base.at" },
	{ ROW("base.model", FIELD_PROFILE, FIELD_CODE), PROFILE(base_model), .shown = "base.model" },
	{ ROW("unlock.at", FIELD_PROFILE, FIELD_WHOLE), PROFILE(unlock_at), .most = 65535, .shown = "unlock.at" },
	{ ROW("unlock.type", FIELD_PROFILE, FIELD_WORD), PROFILE(unlock_type), WORDS(point_type_names), .shown = "unlock.type" },
	{ ROW("unlock.password", FIELD_PROFILE, FIELD_CODE), PROFILE(unlock_password), WORDS(ask_words),
	  .shown = "unlock.password" },
	{ ROW("unlock.holds", FIELD_PROFILE, FIELD_MS), PROFILE(unlock_holds_ms), .least = 1000, .most = 3600000,
	  .shown = "unlock.holds_ms" },
	{ ROW("unlock.check.at", FIELD_PROFILE, FIELD_WHOLE), PROFILE(unlock_check_at), .most = 65535,
	  .shown = "unlock.check_at" },
	{ ROW("unlock.check.equals", FIELD_PROFILE, FIELD_CODE), PROFILE(unlock_check), .shown = "unlock.check_equals" },
	{ ROW("unlock.lock.at", FIELD_PROFILE, FIELD_WHOLE), PROFILE(unlock_lock_at), .most = 65535,
	  .shown = "unlock.lock_at" },
	{ ROW("unlock.lock.value", FIELD_PROFILE, FIELD_CODE), PROFILE(unlock_lock), .shown = "unlock.lock_value" },
	{ ROW("commit.at", FIELD_PROFILE, FIELD_WHOLE), PROFILE(commit_at), .most = 65535, .shown = "commit.at" },
	{ ROW("commit.value", FIELD_PROFILE, FIELD_CODE), PROFILE(commit_value), .shown = "commit.value" },
	{ ROW("commit.done.at", FIELD_PROFILE, FIELD_WHOLE), PROFILE(commit_done_at), .most = 65535, .shown = "commit.done_at" },
	{ ROW("commit.done.equals", FIELD_PROFILE, FIELD_CODE), PROFILE(commit_done), .shown = "commit.done_equals" },
	{ ROW("commit.done.within", FIELD_PROFILE, FIELD_MS), PROFILE(commit_within_ms), .least = 100, .most = 120000,
	  .shown = "commit.within_ms" },
	{ ROW("order", FIELD_PROFILE, FIELD_WORD), PROFILE(order), WORDS(byte_order_names), .shown = "order" },
	{ ROW("side", FIELD_PROFILE, FIELD_WORD), PROFILE(side), WORDS(side_names), .shown = "side" },
	{ ROW("ratio.ct", FIELD_PROFILE, FIELD_LIST), PROFILE(ratio_ct), .least = 1, .most = 2, .shown = "ratio.ct" },
	{ ROW("ratio.pt", FIELD_PROFILE, FIELD_LIST), PROFILE(ratio_pt), .least = 1, .most = 2, .shown = "ratio.pt" },
	{ ROW("none", FIELD_PROFILE, FIELD_PARTS) },
	{ ROW("groups", FIELD_PROFILE, FIELD_PARTS) },
	{ ROW("live", FIELD_PROFILE, FIELD_PARTS) },
	{ ROW("vectors", FIELD_PROFILE, FIELD_PARTS) },

	{ ROW("title", FIELD_GROUP, FIELD_PARTS) },
	{ ROW("points", FIELD_GROUP, FIELD_PARTS) },
	{ ROW("repeat", FIELD_GROUP, FIELD_REPEAT) },
	{ ROW("array", FIELD_POINT, FIELD_ARRAY) },

	{ ROW("key", FIELD_POINT, FIELD_KEY), IN_POINT(key), .shown = "key", .column = COLUMN_IS },
	{ ROW("name", FIELD_POINT, FIELD_TEXT), IN_POINT(name), .shown = "name", .column = COLUMN_IS },
	{ ROW("group", FIELD_GROUP, FIELD_TEXT), IN_POINT(group), .shown = "group", .column = COLUMN_IS },
	{ ROW("at", FIELD_POINT, FIELD_WHOLE), IN_POINT(addr), .most = 65535, .shown = "address", .column = COLUMN_IS },
	{ ROW("words", BOTH, FIELD_WHOLE), IN_POINT(words), .most = VALUE_WORDS, .shown = "words", .column = COLUMN_IS },
	{ ROW("space", BOTH, FIELD_WORD), IN_POINT(space), WORDS(space_names), .shown = "space", .column = COLUMN_IS },
	{ ROW("type", BOTH, FIELD_WORD), IN_POINT(type), WORDS(point_type_names), .shown = "type", .column = COLUMN_IS },
	{ ROW("exponent", BOTH, FIELD_TEXT), IN_POINT(exponent), .shown = "exponent", .column = COLUMN_IS, .has = field_is_scaled },
	{ ROW("factor", BOTH, FIELD_TEXT), IN_POINT(factor), .shown = "factor", .column = COLUMN_IS, .has = field_is_scaled },
	{ ROW("order", BOTH, FIELD_WORD), IN_POINT(order), WORDS(byte_order_names), .shown = "order", .column = COLUMN_IS,
	  .has = field_has_order },
	{ ROW("chars", BOTH, FIELD_WHOLE), IN_POINT(chars), .least = 1, .most = 2, .shown = "chars", .column = COLUMN_IS,
	  .has = field_is_string },
	{ ROW("pad", BOTH, FIELD_WORD), IN_POINT(pad), WORDS(pad_names), .shown = "pad", .column = COLUMN_IS,
	  .has = field_is_string },
	{ ROW("layout", BOTH, FIELD_LIST), IN_POINT(layout), WORDS(layout_words), .least = 2, .most = 16, .shown = "layout",
	  .column = COLUMN_IS, .has = field_has_layout },
	{ ROW("slots", BOTH, FIELD_WHOLE), IN_POINT(slots), .least = 1, .most = DAYTABLE_SLOTS, .shown = "slots", .column = COLUMN_IS,
	  .has = field_is_daytable },
	{ ROW("slot", BOTH, FIELD_LIST), IN_POINT(slot), WORDS(slot_words), .least = 3, .most = 4, .shown = "slot",
	  .column = COLUMN_IS, .has = field_is_daytable },
	{ ROW("rates", BOTH, FIELD_LIST), IN_POINT(rates), WORDS(rate_words), .least = 1, .most = 8, .shown = "rates",
	  .column = COLUMN_IS, .has = field_is_daytable },
	{ ROW("scale", BOTH, FIELD_REAL), IN_POINT(scale), .shown = "scale", .column = COLUMN_IS },
	{ ROW("offset", BOTH, FIELD_REAL), IN_POINT(offset), .shown = "offset", .column = COLUMN_IS, .has = field_has_offset },
	{ ROW("decimals", BOTH, FIELD_WHOLE), IN_POINT(decimals), .most = 6, .shown = "decimals", .column = COLUMN_IS },
	{ ROW("unit", BOTH, FIELD_TEXT), IN_POINT(unit), .shown = "unit", .column = COLUMN_IS },
	{ ROW("access", BOTH, FIELD_ACCESS), .flag = POINT_WRITABLE, WORDS(access_words), .shown = "access",
	  .column = COLUMN_IS },
	{ ROW("ratio", BOTH, FIELD_WORD), IN_POINT(ratio), WORDS(ratio_names), .shown = "ratio", .column = COLUMN_IS },
	{ ROW("side", BOTH, FIELD_WORD), IN_POINT(side), WORDS(side_names), .shown = "side", .column = COLUMN_IS,
	  .has = field_has_side },
	{ ROW("from", BOTH, FIELD_WORD), IN_POINT(from), WORDS(provenance_names), .shown = "from", .column = COLUMN_KNOWN },
	{ ROW("section", BOTH, FIELD_TEXT), IN_POINT(section), .shown = "section", .column = COLUMN_KNOWN },
	{ ROW("source", BOTH, FIELD_TEXT), IN_POINT(source), .shown = "source", .column = COLUMN_KNOWN },
	{ ROW("note", BOTH, FIELD_TEXT), IN_POINT(note), .shown = "note", .column = COLUMN_LAST },
	{ ROW("none", BOTH, FIELD_NONE), IN_POINT(none), .shown = "none", .column = COLUMN_IS, .has = field_has_none },
	{ ROW("byte", BOTH, FIELD_WORD), IN_POINT(byte), WORDS(word_part_names) },
	{ ROW("mask", BOTH, FIELD_WHOLE), IN_POINT(mask), .least = 1, .most = 0xFFFF, .shown = "mask", .column = COLUMN_IS,
	  .has = field_has_mask },
	{ ROW("min", BOTH, FIELD_REAL), IN_POINT(min), .shown = "min", .column = COLUMN_IS, .has = field_has_range },
	{ ROW("max", BOTH, FIELD_REAL), IN_POINT(max), .shown = "max", .column = COLUMN_IS, .has = field_has_range },
	{ ROW("negative_above", BOTH, FIELD_WHOLE), IN_POINT(negative_above), .most = 65535, .shown = "negative_above",
	  .column = COLUMN_IS, .has = field_has_sign },
	{ ROW(NULL, FIELD_POINT, FIELD_WHOLE), IN_POINT(bit), .shown = "bit", .has = field_has_bit },
	{ ROW(NULL, FIELD_POINT, FIELD_WHOLE), IN_POINT(instance) },
	{ ROW("choices", BOTH, FIELD_CHOICES), IN_POINT(choices), .shown = "choices", .column = COLUMN_IS, .head = "names" },
	{ ROW("bits", BOTH, FIELD_BITS), IN_POINT(bits), .shown = "bits" },
	{ ROW("ambiguous", BOTH, FIELD_DOUBT), IN_POINT(note), .flag = POINT_AMBIGUOUS, .shown = "ambiguous",
	  .column = COLUMN_KNOWN },
	{ ROW("reserved", BOTH, FIELD_FLAG), .flag = POINT_RESERVED, .shown = "reserved", .column = COLUMN_KNOWN },
	{ ROW("map", BOTH, FIELD_FLAG), .flag = POINT_MAIN, WORDS(map_words), .shown = "main", .column = COLUMN_KNOWN },
	{ ROW("secret", BOTH, FIELD_FLAG), .flag = POINT_SECRET, .shown = "secret", .column = COLUMN_KNOWN,
	  .label = "secret", .text = "never shown" },
	{ ROW("drops_link", BOTH, FIELD_FLAG), .flag = POINT_DROPS_LINK, .shown = "drops_link", .column = COLUMN_KNOWN,
	  .label = "careful", .text = "writing it changes the link it is written over" },
	{ ROW("switches", BOTH, FIELD_FLAG), .flag = POINT_SWITCHES, .shown = "switches", .column = COLUMN_KNOWN,
	  .label = "careful", .text = "writing it may switch an output, and what hangs on it" },
	{ ROW("part", BOTH, FIELD_FLAG), .flag = POINT_PART, .shown = "part", .column = COLUMN_KNOWN,
	  .label = "part", .text = "of a setting that is written as a whole" },
	{ ROW("harmful", BOTH, FIELD_FLAG), .flag = POINT_HARMFUL, .shown = "harmful", .column = COLUMN_KNOWN,
	  .label = "careful", .text = "what the source leaves open could do harm: not written without consent" },
	{ ROW("fraction", BOTH, FIELD_FLAG), .flag = POINT_FRACTION, .shown = "fraction", .column = COLUMN_KNOWN,
	  .label = "written", .text = "as the number or like 200/5" },
	{ ROW("unlock", BOTH, FIELD_FLAG), .flag = POINT_UNLOCK, .shown = "unlock", .column = COLUMN_KNOWN,
	  .label = "written", .text = "after the unlock of the profile" },
	{ ROW("commit", BOTH, FIELD_FLAG), .flag = POINT_COMMIT, .shown = "commit", .column = COLUMN_KNOWN,
	  .label = "written", .text = "with the commit of the profile behind it" },
	{ ROW("effect", BOTH, FIELD_WORD), IN_POINT(effect), WORDS(effect_names), .shown = "effect", .column = COLUMN_IS,
	  .has = field_has_effect },
	{ ROW("role", FIELD_POINT, FIELD_WORD), IN_POINT(role), WORDS(role_names), .shown = "role", .column = COLUMN_IS,
	  .has = field_has_role },
	{ ROW("role_code", FIELD_POINT, FIELD_WHOLE), IN_POINT(role_code), .least = -32768, .most = 65535,
	  .shown = "role_code", .column = COLUMN_IS, .has = field_has_role },
	{ ROW(NULL, FIELD_POINT, FIELD_INSTANCES), .shown = "instances", .column = COLUMN_KNOWN },
	{ ROW(NULL, FIELD_POINT, FIELD_STRIDE), .shown = "stride", .column = COLUMN_KNOWN },
};
_Static_assert(sizeof(fields) / sizeof(*fields) <= FIELDS_MAX, "struct spec has a place for each");
const size_t nfields = sizeof(fields) / sizeof(*fields);

const struct field *field_find(unsigned where, const char *name)
{
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & where && fields[i].name && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

bool field_is_parent(unsigned where, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & where && fields[i].name && strncmp(fields[i].name, name, len) == 0
		    && fields[i].name[len] == '.')
			return true;
	return false;
}

const char *field_nearest(unsigned where, const char *word)
{
	const char *names[sizeof(fields) / sizeof(*fields)];
	size_t n = 0;

	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & where && fields[i].name)
			names[n++] = fields[i].name;
	return text_nearest(word, names, n);
}

static const char *field_at(const struct field *f, const void *in)
{
	return (const char *)in + f->offset;
}

bool field_is_text(const struct field *f)
{
	return (f->kind == FIELD_TEXT || f->kind == FIELD_KEY || f->kind == FIELD_LIST) && f->member;
}

const char *field_text(const struct field *f, const void *in)
{
	const char *text;

	memcpy(&text, field_at(f, in), sizeof(text));
	return text;
}

void field_set_text(const struct field *f, void *in, const char *text)
{
	memcpy((char *)in + f->offset, &text, sizeof(text));
}

double field_real(const struct field *f, const void *in)
{
	double v;

	memcpy(&v, field_at(f, in), sizeof(v));
	return v;
}

/* The member that a row's number is kept in, flags included, as it is on this machine. */
union number {
	uint8_t u8;
	uint16_t u16;
	unsigned word;	/* an enum, too */
	long whole;
};

long field_long(const struct field *f, const void *in)
{
	union number n = { 0 };

	if (f->flag)
		return (((const struct point *)in)->flags & f->flag) != 0;
	memcpy(&n, field_at(f, in), f->size);
	switch (f->size) {
	case sizeof(n.u8): return n.u8;
	case sizeof(n.u16): return n.u16;
	case sizeof(n.word): return n.word;
	default: return n.whole;
	}
}

void field_set_long(const struct field *f, void *in, long v)
{
	union number n = { 0 };

	if (f->flag) {
		struct point *p = in;

		p->flags = v ? p->flags | f->flag : p->flags & ~f->flag;
		return;
	}
	switch (f->size) {
	case sizeof(n.u8): n.u8 = (uint8_t)v; break;
	case sizeof(n.u16): n.u16 = (uint16_t)v; break;
	case sizeof(n.word): n.word = (unsigned)v; break;
	default: n.whole = v; break;
	}
	memcpy((char *)in + f->offset, &n, f->size);
}

void field_copy(const struct field *f, void *to, const void *from)
{
	memcpy((char *)to + f->offset, field_at(f, from), f->size);
}
