#include "profile_table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "profile/codec.h"
#include "profile/field.h"
#include "profile/identify.h"

#define WIDTH 78	/* of text that is wrapped */

static const char *const type_help[TYPE_COUNT] = {
	[TYPE_U16] = "16 bits, unsigned",
	[TYPE_I16] = "16 bits, signed",
	[TYPE_U32] = "32 bits, unsigned",
	[TYPE_I32] = "32 bits, signed",
	[TYPE_U64] = "64 bits, unsigned",
	[TYPE_I64] = "64 bits, signed",
	[TYPE_BCD] = "four decimal digits a word",
	[TYPE_F32] = "32-bit float",
	[TYPE_F64] = "64-bit float",
	[TYPE_BITS] = "a word of bits",
	[TYPE_BIT] = "one bit",
	[TYPE_CLOCK] = "like 2026-01-31 14:03:27",
	[TYPE_STAMP] = "month-day hour:minute, like 07-15 14:45",
	[TYPE_FRAME] = "8N1, 8E1, 8O1 or 8N2",
	[TYPE_FREEZE] = "day hour:00, like 1 00:00",
	[TYPE_DAYTABLE] = "like '00:00 valley, 08:00 flat, 18:00 peak'",
	[TYPE_ZONES] = "month-day tableN, like '01-01 table1, 06-01 table2'",
	[TYPE_HEX] = "words as they stand",
	[TYPE_STRING] = "text",
	[TYPE_IPV4] = "like 192.168.1.10",
};

/* A bit stands with its word, a repeat with the first of its block. */
static bool is_listed(const struct point *q)
{
	return !(q->flags & (POINT_DERIVED | POINT_REPEAT));
}

size_t profile_count(const struct profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->npoints; i++)
		n += is_listed(&p->points[i]);
	return n;
}

size_t profile_instances(const struct profile *p, const struct point *q, unsigned *stride)
{
	size_t n = 1;
	char key[96];
	int idx;

	*stride = 0;
	if (q->flags & (POINT_REPEAT | POINT_DERIVED))
		return 1;
	for (;; n++) {
		snprintf(key, sizeof(key), "%s@%zu", q->key, n);
		idx = profile_find(p, key);
		if (idx < 0)
			return n;
		if (n == 1)
			*stride = (unsigned)p->points[idx].addr - q->addr;
	}
}

int profile_group_points(const struct profile *p, const struct group *g,
			struct selection *sel, struct err *e)
{
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *q = &p->points[i];

		if (!is_listed(q) || strcmp(q->group, g->name) != 0)
			continue;
		if (profile_select(p, q->key, sel, e))
			return -1;
	}
	return 0;
}

/* ---- the table ------------------------------------------------------------ */

/* How many rows from SEL[at] on are elements of one array: keys that count up,
 * registers that follow each other. Harmonics would fill pages otherwise. */
static size_t array_length(const struct profile *p, const struct selection *sel, size_t at)
{
	const struct point *first = &p->points[sel->idx[at]];
	const char *dot = strrchr(first->key, '.');
	size_t stem = dot ? (size_t)(dot - first->key) + 1 : 0, n = 1;
	long from, number;

	if (!dot || !text_long(dot + 1, 0, 1000, &from))
		return 1;
	for (; at + n < sel->n; n++) {
		const struct point *q = &p->points[sel->idx[at + n]];

		if (strncmp(q->key, first->key, stem) != 0
		    || !text_long(q->key + stem, 0, 1000, &number) || number != from + (long)n
		    || q->addr != first->addr + n * first->words)
			break;
	}
	/* two digital outputs are no array */
	return n < 4 ? 1 : n;
}

struct row {
	char key[96];
	char scale[16];
	const char *name;
	int name_width;		/* of an array: without the element */
	unsigned words;
};

static size_t make_row(const struct profile *p, const struct selection *sel, size_t at,
		       struct row *r)
{
	const struct point *q = &p->points[sel->idx[at]];
	size_t n = array_length(p, sel, at);
	const char *comma = strrchr(q->name, ',');

	*r = (struct row){ .name = q->name, .name_width = (int)strlen(q->name),
			   .words = q->words * (unsigned)n };
	snprintf(r->key, sizeof(r->key), "%s", q->key);
	if (n > 1) {
		const struct point *last = &p->points[sel->idx[at + n - 1]];

		snprintf(r->key, sizeof(r->key), "%s-%s", q->key, strrchr(last->key, '.') + 1);
		if (comma)
			r->name_width = (int)(comma - q->name);
	}
	if (q->scale < 1 || q->scale > 1)
		snprintf(r->scale, sizeof(r->scale), "x%g", q->scale);
	return n;
}

/* Doubts about a row in two characters: where it comes from, and '?'. */
static const char *profile_table_mark(const struct point *q)
{
	static const char *const marks[FROM_COUNT][2] = {
		[FROM_MANUAL] = { "  ", " ?" }, [FROM_PUBLIC] = { "p ", "p?" },
		[FROM_LEARNED] = { "l ", "l?" }, [FROM_PROVISIONAL] = { "~ ", "~?" },
	};

	return marks[q->from][q->flags & POINT_AMBIGUOUS ? 1 : 0];
}

static void table_group(FILE *f, const struct profile *p, const struct group *g,
			const struct selection *sel)
{
	const struct point *first = &p->points[sel->idx[0]];
	struct row r;
	unsigned stride;
	size_t n = profile_instances(p, first, &stride);
	int width = 0;

	for (size_t i = 0; i < sel->n; i += make_row(p, sel, i, &r)) {
		make_row(p, sel, i, &r);
		width = (int)strlen(r.key) > width ? (int)strlen(r.key) : width;
	}
	fprintf(f, "\n%s [%s]", g->title, g->name);
	if (n > 1)
		fprintf(f, ", %zu times every 0x%04X: KEY, KEY@1 to KEY@%zu", n, stride, n - 1);
	fputc('\n', f);
	for (size_t i = 0; i < sel->n;) {
		const struct point *q = &p->points[sel->idx[i]];

		i += make_row(p, sel, i, &r);
		fprintf(f, "  0x%04X %5u %3u %-5s %-8s %-6s %-5s %-2s %-4s %s %-*s  %.*s\n",
			q->addr, q->addr, r.words, q->space == SPACE_INPUT ? "in" : "hold",
			point_type_names[q->type], r.scale, q->unit,
			q->flags & POINT_WRITABLE ? "rw" : "r",
			q->ratio ? ratio_names[q->ratio] : "", profile_table_mark(q),
			width, r.key, r.name_width, r.name);
	}
}

/* "9600, 1200" */
static void table_numbers(FILE *f, const char *what, const struct numbers *n, const char *const *words)
{
	for (unsigned i = 0; i < n->n; i++) {
		fputs(i ? ", " : what, f);
		if (words)
			fputs(words[n->v[i]], f);
		else
			fprintf(f, "%u", n->v[i]);
	}
}

static void table_line(FILE *f, const struct profile *p)
{
	if (p->line_baud.n || p->line_frame.n || p->line_unit.n) {
		fputs("factory setting:", f);
		table_numbers(f, " ", &p->line_baud, baud_names);
		table_numbers(f, " ", &p->line_frame, frame_names);
		table_numbers(f, " unit ", &p->line_unit, NULL);
		fputc('\n', f);
	}
	if (p->line_pause_ms)
		fprintf(f, "pause before a request: %u ms\n", p->line_pause_ms);
	if (p->line_answer_ms)
		fprintf(f, "reply within: %u ms\n", p->line_answer_ms);
	for (const struct identify *r = p->identify.list; r < p->identify.list + p->identify.n; r = identify_behind(r)) {
		char text[400];

		fprintf(f, "identified: %s\n", identify_text(r, text, sizeof(text)));
	}
}

/* A ratio that is no point of its own: of the two that KEYS are. */
static void table_ratio(FILE *f, const char *which, const char *keys)
{
	int primary = (int)strcspn(keys, " ");

	if (keys[primary])
		fprintf(f, "%s ratio: %.*s / %s\n", which, primary, keys, keys + primary + 1);
	else if (primary)
		fprintf(f, "%s ratio: %s\n", which, keys);
}

static void table_side(FILE *f, const struct profile *p)
{
	if (p->side != SIDE_UNKNOWN)
		fprintf(f, "values on the %s side\n", side_names[p->side]);
	else if (profile_side_assumed(p))
		fputs("values on the secondary side: assumed, not documented\n", f);
}

int profile_table(FILE *f, const struct profile *p, struct err *e)
{
	static const char *const by[] = {
		[WRITE_BY_ANY] = "10H or 06", [WRITE_BY_06] = "06", [WRITE_BY_10H] = "10H",
	};

	fprintf(f, "%s: %s\n", p->name, p->title);
	if (*p->source)
		fprintf(f, "source: %s\n", p->source);
	fprintf(f, "%zu points, %s; at most %u words in a read, %u in a write\n",
		profile_count(p), p->origin, p->read_most, p->write_most);
	if (p->read_align == ALIGN_EVEN)
		fputs("reads begin at even addresses and have an even number of words\n", f);
	if (*p->read_alone)
		fprintf(f, "read alone: %s\n", p->read_alone);
	table_line(f, p);
	table_ratio(f, "CT", p->ratio_ct);
	table_ratio(f, "PT", p->ratio_pt);
	table_side(f, p);
	fprintf(f, "hold: read by 03, written by %s; in: read by 04. ratio: what makes it a\n"
		"primary value. p: from public sources, ~: provisional, ?: can be read two ways\n"
		"(see 'profile show KEY').\n\n  %-6s %5s %3s %-4s  %-8s %-6s %-5s %-2s %-5s  %s\n",
		by[p->write_function], "hex", "dec", "w", "", "type", "scale", "unit", "", "ratio", "key, name");
	for (size_t i = 0; i < p->ngroups; i++) {
		struct selection sel = { 0 };
		int rc = profile_group_points(p, &p->groups[i], &sel, e);

		if (rc == 0 && sel.n)
			table_group(f, p, &p->groups[i], &sel);
		selection_release(&sel);
		if (rc)
			return -1;
	}
	return 0;
}

/* ---- one point ------------------------------------------------------------- */

static void profile_table_detail(FILE *f, const char *what, const char *text)
{
	int col = fprintf(f, "  %-10s", what);

	while (*text) {
		size_t len = strcspn(text, " ");

		if (col + 1 + (int)len > WIDTH && col > 12) {
			fprintf(f, "\n%-12s", "");
			col = 12;
		}
		col += fprintf(f, " %.*s", (int)len, text);
		text += len + strspn(text + len, " ");
	}
	fputc('\n', f);
}

static void detail_range(FILE *f, const struct point *q)
{
	char text[120];

	if (q->min > q->max)
		return;
	snprintf(text, sizeof(text), "%.*f to %.*f %s", q->decimals, q->min,
		 q->decimals, q->max, q->unit);
	profile_table_detail(f, "range", text);
}

static void detail_names(FILE *f, const struct point *q)
{
	for (size_t i = 0; i < q->nchoices; i++)
		fprintf(f, "  %-10s %ld = %s\n", i ? "" : "choices",
			q->choices[i].code, q->choices[i].name);
	for (size_t i = 0; i < q->nbits; i++)
		fprintf(f, "  %-10s %2u = %-22s %s\n", i ? "" : "bits", q->bits[i].pos,
			q->bits[i].name, q->bits[i].key);
}

static void detail_none(FILE *f, const struct point *q)
{
	char text[400] = "";
	size_t at = 0;

	for (size_t i = 0; i < q->nnone; i++) {
		const char *comma = i ? ", " : "";

		if (codec_floats(q->type) || q->type == TYPE_BCD)
			text_append(text, sizeof(text), &at, "%s%.10g", comma, q->none[i].num);
		else
			text_append(text, sizeof(text), &at, "%s0x%0*" PRIX64, comma, 4 * q->words, q->none[i].bits);
	}
	if (q->nnone)
		profile_table_detail(f, "no value", text);
}

static void detail_place(FILE *f, const struct profile *p, const struct point *q)
{
	unsigned stride;
	size_t n = profile_instances(p, q, &stride);
	char text[200], offset[40];

	snprintf(text, sizeof(text), "0x%04X (%u), %u word%s, %s", q->addr, q->addr,
		 q->words, q->words == 1 ? "" : "s",
		 q->space == SPACE_INPUT ? "input, read by function 04"
					 : "holding, read by function 03");
	profile_table_detail(f, "register", text);
	if (n > 1) {
		snprintf(text, sizeof(text), "%zu times every 0x%04X: %s@1 to %s@%zu follow",
			 n, stride, q->key, q->key, n - 1);
		profile_table_detail(f, "repeated", text);
	}
	snprintf(text, sizeof(text), "%s, %s", point_type_names[q->type], type_help[q->type]);
	profile_table_detail(f, "type", text);
	if (*q->layout)
		profile_table_detail(f, "layout", q->layout);
	if (q->slots) {
		snprintf(text, sizeof(text), "%u of: %s", q->slots, *q->slot ? q->slot : DAYTABLE_SLOT);
		profile_table_detail(f, "slots", text);
		profile_table_detail(f, "rates", *q->rates ? q->rates : DAYTABLE_RATES);
	}
	if (codec_ordered(q))
		profile_table_detail(f, "order", byte_order_names[q->order]);
	if (q->type == TYPE_BIT) {
		snprintf(text, sizeof(text), "%u", q->bit);
		profile_table_detail(f, "bit", text);
	} else if (q->scale < 1 || q->scale > 1 || fabs(q->offset) > 0 || *q->unit) {
		snprintf(offset, sizeof(offset), " %c %.10g", q->offset < 0 ? '-' : '+', fabs(q->offset));
		snprintf(text, sizeof(text), "raw x %.10g%s%s%s", q->scale, fabs(q->offset) > 0 ? offset : "",
			 *q->unit ? " in " : "", q->unit);
		profile_table_detail(f, "value", text);
	}
	if (q->negative_above) {
		snprintf(text, sizeof(text), "raw above %ld is read as a signed word",
			 q->negative_above);
		profile_table_detail(f, "sign", text);
	}
	if (codec_is_scaled(q))
		profile_table_detail(f, *q->exponent ? "exponent" : "factor", *q->exponent ? q->exponent : q->factor);
	if (q->mask) {
		snprintf(text, sizeof(text), "bits 0x%04X of the word", q->mask);
		profile_table_detail(f, "part", text);
	}
	detail_none(f, q);
}

/* Of the flags of a label from row FROM on: the next that is set; nfields: none. */
static size_t next_labelled(const struct point *q, const char *label, size_t from)
{
	while (from < nfields && !(fields[from].label && strcmp(fields[from].label, label) == 0
				   && field_long(&fields[from], q)))
		from++;
	return from;
}

/* The flags that are set, those of one label together. */
static void detail_flags(FILE *f, const struct point *q)
{
	for (size_t i = 0; i < nfields; i++) {
		const char *label = fields[i].label;

		if (!label || next_labelled(q, label, 0) != i)
			continue;
		for (size_t k = i; k < nfields; k = next_labelled(q, label, k + 1))
			profile_table_detail(f, label, fields[k].text);
	}
}

void profile_point(FILE *f, const struct profile *p, const struct point *q)
{
	static const char *const primary[] = {
		[RATIO_PT] = "x PT", [RATIO_CT] = "x CT", [RATIO_PTCT] = "x PT x CT",
	};
	char text[ERR_TEXT];

	fprintf(f, "%s: %s\n", q->key, q->name);
	detail_place(f, p, q);
	profile_table_detail(f, "access", q->flags & POINT_RESERVED ? "read; reserved, never written"
			     : q->flags & POINT_WRITABLE ? "read and write" : "read");
	detail_range(f, q);
	detail_names(f, q);
	if (q->role != POINT_ROLE_NONE) {
		snprintf(text, sizeof(text), "%s, by code %ld", role_names[q->role], q->role_code);
		profile_table_detail(f, "role", text);
	}
	if (q->ratio) {
		profile_table_detail(f, "primary", q->side == SIDE_PRIMARY ? "the value itself" : primary[q->ratio]);
		profile_table_detail(f, "side", q->side == SIDE_UNKNOWN ? "unknown, assumed secondary" : side_names[q->side]);
	}
	detail_flags(f, q);
	snprintf(text, sizeof(text), "%s%s%s%s%s", provenance_names[q->from],
		 *q->section ? ", section " : "", q->section, *q->source ? ", " : "", q->source);
	profile_table_detail(f, "source", text);
	if (*q->note)
		profile_table_detail(f, q->flags & POINT_AMBIGUOUS ? "ambiguous" : "note", q->note);
}
