#include "fleet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

const char *const fleet_order_names[FLEET_ORDERS] = {
	[FLEET_BY_SN] = "serial", [FLEET_BY_STATE] = "state", [FLEET_BY_MODEL] = "model", [FLEET_BY_DIALECT] = "dialect",
	[FLEET_BY_LAST] = "last seen", [FLEET_BY_NEXT] = "next", [FLEET_BY_RHYTHM] = "rhythm",
	[FLEET_BY_SIGNAL] = "signal", [FLEET_BY_U] = "U", [FLEET_BY_I] = "I",
	[FLEET_BY_P] = "P", [FLEET_BY_PF] = "PF", [FLEET_BY_ALARMS] = "alarms"
};

#define FLEET_PARTS (sizeof(((struct fleet *)0)->parts) / sizeof(struct fleet_parts))

void fleet_init(struct fleet *f, const struct profile *profile)
{
	*f = (struct fleet){ .profile = profile };
}

void fleet_release(struct fleet *f)
{
	for (size_t i = 0; i < FLEET_PARTS; i++)
		free(f->parts[i].part);
	free(f->rows);
	free(f->slots);
	*f = (struct fleet){ .profile = f->profile };
}

/* FNV-1a */
static size_t fleet_hash(const char *s)
{
	uint64_t h = 14695981039346656037U;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211U;
	return (size_t)(h ^ h >> 32);
}

/* The slot of SN, or the empty one where it belongs. There are always empty ones. */
static size_t slot_of(const struct fleet *f, const char *sn)
{
	size_t at = fleet_hash(sn) & (f->nslots - 1);

	while (f->slots[at] && strcmp(f->rows[f->slots[at] - 1].sn, sn) != 0)
		at = (at + 1) & (f->nslots - 1);
	return at;
}

struct fleet_row *fleet_find(const struct fleet *f, const char *sn)
{
	uint32_t row = f->nslots ? f->slots[slot_of(f, sn)] : 0;

	return row ? &f->rows[row - 1] : NULL;
}

/* Twice the slots, never more than half of them taken. */
static int grow_slots(struct fleet *f)
{
	size_t before = f->nslots;
	uint32_t *more;

	if (f->n * 2 < before)
		return 0;
	more = calloc(before ? before * 2 : 64, sizeof(*more));
	if (!more)
		return -1;
	free(f->slots);
	f->slots = more;
	f->nslots = before ? before * 2 : 64;
	for (size_t i = 0; i < f->n; i++)
		f->slots[slot_of(f, f->rows[i].sn)] = (uint32_t)i + 1;
	return 0;
}

static int grow_rows(struct fleet *f)
{
	size_t room = f->room + (f->room < 64 ? 64 : f->room / 2);
	struct fleet_row *more;

	if (f->n < f->room)
		return 0;
	more = realloc(f->rows, room * sizeof(*more));
	if (!more)
		return -1;
	f->rows = more;
	f->room = room;
	return 0;
}

/* The row of SN, new when there is none. */
static struct fleet_row *fleet_row_of(struct fleet *f, const char *sn, struct err *e)
{
	struct fleet_row *r = fleet_find(f, sn);

	if (r)
		return r;
	if (f->n >= FLEET_MAX) {
		err_set(e, ERR_FOREIGN, "meter '%s' is one more than the %d that are kept", sn, FLEET_MAX);
		return NULL;
	}
	if (grow_rows(f) || grow_slots(f)) {
		err_set(e, ERR_NO, "out of memory for meter '%s'", sn);
		return NULL;
	}
	r = &f->rows[f->n];
	*r = (struct fleet_row){ .values = { .u = NAN, .u_low = NAN, .i = NAN, .p = NAN, .pf = NAN, .signal = NAN } };
	snprintf(r->sn, sizeof(r->sn), "%s", sn);
	f->slots[slot_of(f, sn)] = (uint32_t)++f->n;
	return r;
}

long fleet_copy_row(struct fleet *f, const struct fleet_row *row, struct err *e)
{
	struct fleet_row *r = fleet_row_of(f, row->sn, e);

	if (!r)
		return -1;
	*r = *row;
	return (long)(r - f->rows);
}

void fleet_resume(struct fleet *f, int64_t now_us)
{
	for (size_t i = 0; i < f->n; i++)
		rhythm_resume(&f->rows[i].rhythm, now_us);
}

/* The phases of one upload. */
struct phases {
	double sum, low, high;
	int n;
	char lowest;
};

static void fleet_add(struct phases *p, double v, char phase)
{
	if (p->n == 0 || v < p->low) {
		p->low = v;
		p->lowest = phase;
	}
	if (p->n == 0 || v > p->high)
		p->high = v;
	p->sum += v;
	p->n++;
}

static void fleet_set_phases(struct fleet_values *v, const struct phases *u, const struct phases *i)
{
	if (i->n > 0)
		v->i = (float)(i->sum / i->n);
	if (u->n == 0)
		return;
	v->u = (float)(u->sum / u->n);
	v->u_low = (float)u->low;
	v->u_phase = u->lowest;
	v->u_lost = u->low < u->high / 2;
}

/* What an item is to a row. */
enum part {
	PART_NONE, PART_UA, PART_UB, PART_UC, PART_I, PART_P, PART_PF, PART_SIGNAL, PART_PERCENT,
	PART_ALARM	/* and those of the next words */
};

static enum part part_of(const struct dialect_item *item)
{
	static const struct {
		const char *key;
		enum part part;
	} keys[] = {
		{ "voltage.a", PART_UA }, { "voltage.b", PART_UB }, { "voltage.c", PART_UC },
		{ "current.a", PART_I }, { "current.b", PART_I }, { "current.c", PART_I },
		{ "power.active.total", PART_P }, { "pf.total", PART_PF },
		{ "signal.strength", PART_SIGNAL }, { "alarm1.status", PART_ALARM },
		{ "alarm2.status", PART_ALARM + 1 }, { "alarm3.status", PART_ALARM + 2 },
	};

	/* in percent the signal is no number that a register could hold */
	if (strcmp(item->unit, "percent") == 0
	    && (!item->key || strcmp(item->key, "signal.strength") == 0))
		return PART_PERCENT;
	for (size_t i = 0; item->key && i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(item->key, keys[i].key) == 0)
			return keys[i].part;
	return PART_NONE;
}

/* By item of D, made when D is first met; NULL without memory. */
static const uint8_t *parts_of(struct fleet *f, const struct dialect *d)
{
	size_t i = 0;
	uint8_t *part;

	while (i < FLEET_PARTS && f->parts[i].dialect && f->parts[i].dialect != d)
		i++;
	if (i == FLEET_PARTS)
		return NULL;
	if (f->parts[i].dialect)
		return f->parts[i].part;
	part = calloc(d->nitems ? d->nitems : 1, 1);
	for (size_t k = 0; part && k < d->nitems; k++)
		part[k] = (uint8_t)part_of(&d->items[k]);
	if (part)
		f->parts[i] = (struct fleet_parts){ d, part };
	return part;
}

/* One value of an upload; U and I collect the phases. */
static void take_value(struct fleet_row *r, enum part part, double num,
		       struct phases *u, struct phases *i)
{
	struct fleet_values *v = &r->values;

	switch (part) {
	case PART_NONE: break;
	case PART_UA:
	case PART_UB:
	case PART_UC: fleet_add(u, num, (char)('A' + part - PART_UA)); break;
	case PART_I: fleet_add(i, num, ' '); break;
	case PART_P: v->p = (float)num; break;
	case PART_PF: v->pf = (float)num; break;
	case PART_SIGNAL:
	case PART_PERCENT:
		v->signal = (float)num;
		v->signal_percent = part == PART_PERCENT;
		break;
	default:
		r->alarm_bits[part - PART_ALARM] = (uint8_t)__builtin_popcount((unsigned)num);
	}
}

static void take_values(struct fleet *f, struct fleet_row *r, const struct upload *up)
{
	const uint8_t *parts = parts_of(f, up->dialect);
	struct phases u = { 0 }, i = { 0 };

	for (size_t k = 0; parts && k < up->n; k++) {
		const struct upload_value *v = &up->values[k];

		if (!v->is_text && !v->ambiguous && !v->refused)
			take_value(r, (enum part)parts[v->item], v->num, &u, &i);
	}
	fleet_set_phases(&r->values, &u, &i);
}

static void count_alarms(struct fleet_row *r)
{
	unsigned n = r->alarm_messages;

	for (int k = 0; k < FLEET_ALARM_WORDS; k++)
		n += r->alarm_bits[k];
	r->values.alarms = (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

/* N more of R for the reason AT of the fleet's list. */
static void fleet_count_drop(struct fleet_row *r, size_t at, unsigned long n)
{
	r->drops[at] = (uint16_t)(n < UINT16_MAX - (unsigned)r->drops[at] ? r->drops[at] + n : UINT16_MAX);
}

static void fleet_take_drops(struct fleet *f, struct fleet_row *r, const struct reasons *drops)
{
	for (size_t i = 0; i < drops->n; i++) {
		const struct reason *one = &drops->list[i];
		char last[sizeof(one->last) + MQTT_NAME];

		snprintf(last, sizeof(last), "%s%s%s", r->sn, *one->last ? ": " : "", one->last);
		fleet_count_drop(r, reasons_add(&f->drops, one->n, one->text, last), one->n);
	}
	f->drops.total += drops->others;
	f->drops.others += drops->others;
	fleet_count_drop(r, REASONS_MAX, drops->others);
}

void fleet_drops(const struct fleet *f, const struct fleet_row *r, struct reasons *out)
{
	reasons_clear(out);
	for (size_t i = 0; i < f->drops.n; i++)
		if (r->drops[i])
			reasons_add(out, r->drops[i], f->drops.list[i].text, "");
	out->others = r->drops[REASONS_MAX];
	out->total += out->others;
}

long fleet_take(struct fleet *f, struct upload *up, int64_t mono_us, int64_t wall_us,
		bool retained, bool dup, struct err *e)
{
	enum rhythm_verdict verdict;
	struct fleet_row *r;

	if (!up->sn[0])
		return err_set(e, ERR_FOREIGN, "a message that names no meter");
	if (up->down)
		return err_set(e, ERR_FOREIGN, "a message to meter '%s', not from it", up->sn);
	r = fleet_row_of(f, up->sn, e);
	if (!r)
		return -1;
	f->messages++;
	r->dialect = up->dialect;
	dialect_judge_device(up, r->model, f->product);
	dialect_judge(up, f->profile);
	fleet_take_drops(f, r, &up->drops);
	if (up->product[0])
		snprintf(r->product, sizeof(r->product), "%s", up->product);
	if (up->model[0])
		text_clean(r->model, sizeof(r->model), up->model);
	if (up->interval_s > 0)
		rhythm_set(&r->rhythm, up->interval_s);
	if (!r->heard_us && !retained)
		rhythm_resume(&r->rhythm, mono_us);	/* it may have uploaded before */
	verdict = rhythm_upload(&r->rhythm, up, mono_us, wall_us, retained, dup);
	if (!retained) {
		r->heard_us = mono_us;
		r->heard_wall_us = wall_us;
		r->offline = up->offline;
		r->logged_in |= up->kind == UPLOAD_LOGIN;
		if (up->kind == UPLOAD_ALARM && !dup && r->alarm_messages < UINT16_MAX)
			r->alarm_messages++;
	}
	r->fresh = !retained && verdict != RHYTHM_DUPLICATE && verdict != RHYTHM_OLD;
	/* neither what is older than what is shown, nor what is of the past; of a row of which
	 * nothing else is known, what the broker kept */
	if (verdict != RHYTHM_OLD && verdict != RHYTHM_BACKLOG && !(retained && r->heard_us))
		take_values(f, r, up);
	count_alarms(r);
	return (long)(r - f->rows);
}

long fleet_will(struct fleet *f, const char *sn, bool offline, struct err *e)
{
	struct fleet_row *r = fleet_row_of(f, sn, e);

	if (!r)
		return -1;
	r->offline = offline;
	return (long)(r - f->rows);
}

void fleet_refused(struct fleet *f, const struct err *why, const char *where)
{
	reasons_add(&f->refusals, 1, why->text, where);
}

enum fleet_state fleet_state(const struct fleet_row *r, int64_t now_us)
{
	return r->offline ? FLEET_OFFLINE : rhythm_overdue(&r->rhythm, now_us) ? FLEET_OVERDUE
	     : r->values.u_lost ? FLEET_VOLTAGE : r->values.alarms ? FLEET_ALARMS
	     : !r->heard_us ? FLEET_KEPT : FLEET_ON_AIR;
}

const char *fleet_state_text(const struct fleet_row *r, int64_t now_us, char *buf, size_t size)
{
	switch (fleet_state(r, now_us)) {
	case FLEET_OFFLINE: snprintf(buf, size, "offline"); break;
	case FLEET_OVERDUE: snprintf(buf, size, "%u overdue", rhythm_overdue(&r->rhythm, now_us)); break;
	case FLEET_VOLTAGE: snprintf(buf, size, "no U %c", r->values.u_phase); break;
	case FLEET_ALARMS: snprintf(buf, size, r->values.alarms == 1 ? "%u alarm" : "%u alarms", r->values.alarms); break;
	case FLEET_KEPT: snprintf(buf, size, "kept"); break;
	default: snprintf(buf, size, "on air");
	}
	return buf;
}

double fleet_next_s(const struct fleet_row *r, int64_t now_us)
{
	double each = rhythm_expected_s(&r->rhythm);

	return each > 0 && r->rhythm.last_us && !r->offline ? each - (double)(now_us - r->rhythm.last_us) / 1e6 : (double)NAN;
}

/* What a row is sorted by: a number, or a text. */
struct sort_key {
	const struct fleet_row *row;
	const char *text;	/* NULL: by number */
	double num;		/* NAN: not known */
	uint32_t idx;
	bool descending;
};

static double sort_number(const struct fleet_row *r, enum fleet_order by, int64_t now_us)
{
	const struct fleet_values *v = &r->values;
	double seen;

	switch (by) {
	case FLEET_BY_STATE:
		return fleet_state(r, now_us) * 1e9 + rhythm_overdue(&r->rhythm, now_us);
	case FLEET_BY_NEXT: return fleet_next_s(r, now_us);
	case FLEET_BY_LAST:
		return r->heard_us ? (double)(now_us - r->heard_us) : (double)NAN;
	case FLEET_BY_RHYTHM:
		seen = rhythm_seen_s(&r->rhythm);
		return seen > 0 ? seen : (double)NAN;
	/* dBm are below 0, percent are not: each among themselves */
	case FLEET_BY_SIGNAL: return (double)v->signal + (v->signal_percent ? 1000 : 0);
	case FLEET_BY_U: return (double)v->u_low;
	case FLEET_BY_I: return (double)v->i;
	case FLEET_BY_P: return (double)v->p;
	case FLEET_BY_PF: return (double)v->pf;
	case FLEET_BY_ALARMS: return v->alarms;
	default: return (double)NAN;
	}
}

static const char *sort_text(const struct fleet_row *r, enum fleet_order by)
{
	switch (by) {
	case FLEET_BY_SN: return r->sn;
	case FLEET_BY_MODEL: return r->model;
	case FLEET_BY_DIALECT: return r->dialect ? r->dialect->name : "";
	default: return NULL;
	}
}

static int fleet_compare_keys(const void *x, const void *y)
{
	const struct sort_key *a = x, *b = y;
	bool no_a = a->text ? !*a->text : isnan(a->num), no_b = b->text ? !*b->text : isnan(b->num);
	int order = 0;

	if (no_a != no_b)
		return no_a - no_b;
	if (!no_a && a->text)
		order = ascii_casecmp(a->text, b->text);
	else if (!no_a)
		order = (a->num > b->num) - (a->num < b->num);
	if (order)
		return a->descending ? -order : order;
	return strcmp(a->row->sn, b->row->sn);
}

void fleet_sort(const struct fleet *f, uint32_t *idx, size_t n, enum fleet_order by,
		bool descending, int64_t now_us)
{
	struct sort_key *keys = n ? malloc(n * sizeof(*keys)) : NULL;

	if (!keys)
		return;	/* in the order they were */
	for (size_t i = 0; i < n; i++) {
		const struct fleet_row *r = &f->rows[idx[i]];

		keys[i] = (struct sort_key){ r, sort_text(r, by), sort_number(r, by, now_us),
					     idx[i], descending };
	}
	/* serials are all different, so this order is the only one */
	qsort(keys, n, sizeof(*keys), fleet_compare_keys);
	for (size_t i = 0; i < n; i++)
		idx[i] = keys[i].idx;
	free(keys);
}

bool fleet_matches(const struct fleet_row *r, const char *word, int64_t now_us)
{
	char state[24];

	return ascii_casestr(r->sn, word) || ascii_casestr(r->model, word)
	       || ascii_casestr(fleet_state_text(r, now_us, state, sizeof(state)), word)
	       || (r->dialect && ascii_casestr(r->dialect->name, word));
}

bool fleet_silent(const struct fleet_row *r, int64_t now_us)
{
	return !r->heard_us || rhythm_overdue(&r->rhythm, now_us) > 0;
}
