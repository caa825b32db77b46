#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"

/* Modbus exception codes (Modbus application protocol V1.1b3, section 7). */
enum { ILLEGAL_FUNCTION = 1, ILLEGAL_ADDRESS = 2, ILLEGAL_VALUE = 3, DEVICE_FAILURE = 4 };

/* When no start is given and no clock may be asked: a Wednesday in summer. */
static const struct civil default_start = { 2026, 7, 15, 14, 45, 0 };

static void make_slot(struct slot *s, const struct point *p)
{
	*s = (struct slot){ .point = p, .bind = bind_shown(p) };
	s->held = s->bind.kind == BIND_NONE;
}

static int unit_by_address(const void *a, const void *b)
{
	const struct reg *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Is S one of those that tell the model? They stand before what a point shows. */
static bool unit_tells(const struct sim_meter *m, const struct slot *s)
{
	return s->point >= m->tells && s->point < m->tells + KIND_PARTS;
}

int unit_make_registers(struct sim_meter *m, enum space space)
{
	struct registers *r = &m->spaces[space];
	size_t words = 0, unique = 0;

	free(r->list);
	r->n = 0;
	for (size_t i = 0; i < m->nslots; i++)
		words += m->slots[i].point->space == space ? m->slots[i].point->words : 0;
	r->list = calloc(words ? words : 1, sizeof(*r->list));
	if (!r->list)
		return -1;
	for (size_t i = 0; i < m->nslots; i++) {
		const struct point *p = m->slots[i].point;

		for (uint16_t w = 0; p->space == space && w < p->words; w++)
			r->list[r->n++] = (struct reg){ (uint16_t)(p->addr + w), (uint16_t)i, w };
	}
	qsort(r->list, r->n, sizeof(*r->list), unit_by_address);
	for (size_t i = 0; i < r->n; i++)
		if (unique == 0 || r->list[unique - 1].addr != r->list[i].addr)
			r->list[unique++] = r->list[i];
		else if (unit_tells(m, &m->slots[r->list[i].slot]))
			r->list[unique - 1] = r->list[i];
	r->n = unique;
	return 0;
}

struct slot *unit_slot(struct sim_meter *m, const char *key)
{
	for (size_t i = 0; i < m->nslots; i++)
		if (strcmp(m->slots[i].point->key, key) == 0)
			return &m->slots[i];
	return NULL;
}

static int make_slots(struct sim_meter *m)
{
	const struct profile *p = m->profile;

	m->slots = calloc(p->npoints + KIND_PARTS, sizeof(*m->slots));	/* and those of what tells the model */
	if (!m->slots)
		return -1;
	/* the registers of a part are those of its whole */
	for (size_t i = 0; i < p->npoints; i++)
		if (!(p->points[i].flags & (POINT_DERIVED | POINT_PART))
		    && p->points[i].words <= VALUE_WORDS)
			make_slot(&m->slots[m->nslots++], &p->points[i]);
	for (size_t i = 0; i < m->nslots; i++) {
		int by = profile_scaler(p, m->slots[i].point);

		if (by >= 0)
			m->slots[i].scaler = unit_slot(m, p->points[by].key);
	}
	/* settings are held; a clock runs and an output shows what it does */
	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i].point->flags & POINT_WRITABLE
		    && m->slots[i].bind.kind != BIND_CLOCK && m->slots[i].bind.kind != BIND_FLAG)
			m->slots[i].held = true;
	return unit_make_registers(m, SPACE_HOLDING) || unit_make_registers(m, SPACE_INPUT) ? -1 : 0;
}

struct point unit_point(const struct slot *s)
{
	struct point p = codec_unscaled(s->point);
	struct value by;

	if (!s->scaler || codec_decode(s->scaler->point, s->scaler->words, &by, NULL) || by.kind != VALUE_NUMBER)
		return p;
	if (*s->point->exponent)
		p.scale *= pow(10, by.num);
	else if (fabs(by.num) > 0)
		p.scale *= by.num;
	return p;
}

static double unit_read_number(struct sim_meter *m, const char *key, double otherwise)
{
	struct slot *s = unit_slot(m, key);
	struct value v;
	double num;

	if (!s || codec_decode(s->point, s->words, &v, NULL))
		return otherwise;
	/* a speed is a choice: its name says it */
	num = v.kind == VALUE_CHOICE ? strtod(v.text, NULL) : v.num;
	return num > 0 ? num : otherwise;
}

void unit_adopt_link(struct sim_meter *m)
{
	struct slot *frame = unit_slot(m, "comm.frame");
	struct value v;

	m->address = (int)unit_read_number(m, "comm.address", m->scenario.unit);
	m->baud = (int)unit_read_number(m, "comm.baud", 9600);
	if (m->usual_baud == 0)
		m->usual_baud = m->baud;
	/* a pace that the meter cannot be set to goes by its usual speed */
	if (m->scenario.pace && m->baud == m->usual_baud)
		m->baud = m->scenario.pace;
	m->bits = 10;
	if (frame && codec_decode(frame->point, frame->words, &v, NULL) == 0
	    && strlen(v.text) == 3)
		m->bits = 9 + (v.text[1] != 'N') + (v.text[2] - '0');
}

struct sim_meter *unit_new(const struct profile *p, const char *scenario,
			   int index, double start, struct err *e)
{
	struct sim_meter *m;

	if (*p->base_find) {
		err_set(e, ERR_USAGE, "profile '%s' cannot be simulated: its register addresses depend on the meter", p->name);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		err_set(e, ERR_NO, "out of memory for a simulated meter");
		return NULL;
	}
	m->profile = p;
	if (scenario_parse(scenario, &m->scenario, e))
		goto failed;
	kind_adopt(p, &m->scenario);
	m->scenario.unit += index;
	m->scenario.seed += (uint64_t)index;
	if (make_slots(m)) {
		err_set(e, ERR_NO, "out of memory for a simulated meter");
		goto failed;
	}
	m->model.set = (struct settings){
		.demand_window = 15,
		.calendar = { .freeze_day = 1 },
	};
	site_init(&m->model.site, &m->scenario);
	settings_default(m);
	model_init(&m->model, &m->scenario, &m->model.set,
		   m->scenario.has_start ? m->scenario.start : start);
	model_set_clock(&m->model, model_clock(&m->model) + m->scenario.uplink.clock_off);
	unit_adopt_link(m);
	m->revision = 1;
	kind_scale(m);
	if (kind_tell(m)) {
		err_set(e, ERR_NO, "out of memory for a simulated meter");
		goto failed;
	}
	return m;
failed:
	sim_meter_free(m);
	return NULL;
}

struct sim_meter *sim_meter_new(const struct profile *p, const char *scenario,
				struct err *e)
{
	return unit_new(p, scenario, 0, civil_time(&default_start), e);
}

void sim_meter_free(struct sim_meter *m)
{
	if (!m)
		return;
	free(m->spaces[SPACE_HOLDING].list);
	free(m->spaces[SPACE_INPUT].list);
	free(m->slots);
	free(m);
}

void sim_meter_advance(struct sim_meter *m, double seconds)
{
	if (m->scenario.frozen || seconds <= 0)
		return;
	model_advance(&m->model, seconds);
	m->revision++;
}

/* The nearest value the registers can hold: counters start again from 0, the
 * rest stops at its end. */
static double fitting(const struct point *p, double v)
{
	double full = p->type == TYPE_U32 ? 4294967296.0 * p->scale : 65536.0 * p->scale;
	bool is_unsigned = p->type == TYPE_U16 || p->type == TYPE_U32;

	if (p->min <= p->max)
		v = fmin(p->max, fmax(p->min, v));
	if (p->type == TYPE_U32 && v >= full)
		v = fmod(v, full);
	if (is_unsigned && !p->negative_above)
		v = fmax(0, v);
	if (p->type == TYPE_U16)
		v = fmin(v, full - p->scale);
	return v;
}

static double unit_ratio(struct sim_meter *m, enum ratio ratio)
{
	double factor = 1;

	for (enum ratio r = RATIO_PT; r <= RATIO_CT; r++) {
		const struct ratio_points at = profile_ratio(m->profile, r);

		if (ratio & r && at.of[0] >= 0)
			factor *= unit_read_number(m, m->profile->points[at.of[0]].key, 1);
		if (ratio & r && at.of[1] >= 0)
			factor /= unit_read_number(m, m->profile->points[at.of[1]].key, 1);
	}
	return factor;
}

void unit_value(struct sim_meter *m, const struct slot *s, const struct point *p, struct value *v)
{
	const char *at = (const char *)&m->model + s->bind.offset;
	double num = 0;

	*v = (struct value){ .kind = VALUE_NUMBER };
	if (s->bind.kind == BIND_NUMBER || s->bind.kind == BIND_TIME)
		memcpy(&num, at, sizeof(num));
	if (s->bind.less) {
		double less;

		memcpy(&less, (const char *)&m->model + s->bind.less, sizeof(less));
		num -= less;
	}
	if (s->bind.sign)
		num = fmax(0, num * s->bind.sign);
	if (s->bind.kind == BIND_CLOCK)
		num = model_clock(&m->model);
	switch (s->bind.kind) {
	case BIND_WORD:
		v->num = *(const unsigned *)(const void *)at;
		break;
	case BIND_FLAG:
		v->num = *(const bool *)at;
		break;
	case BIND_TIME:
	case BIND_CLOCK:
		v->kind = VALUE_STRING;
		if (s->point->type == TYPE_STAMP && num <= 0)
			snprintf(v->text, sizeof(v->text), "none");
		else if (s->point->type == TYPE_STAMP)
			civil_stamp(num, v->text, sizeof(v->text));
		else
			civil_clock(num, v->text, sizeof(v->text));
		break;
	default:
		v->num = fitting(p, num * s->bind.factor * unit_ratio(m, s->bind.ratio));
	}
}

static const uint16_t *slot_words(struct sim_meter *m, struct slot *s)
{
	struct point p;
	struct value v;

	if (s->held || s->revision == m->revision)
		return s->words;
	p = unit_point(s);
	unit_value(m, s, &p, &v);
	if (codec_encode(&p, &v, s->words, NULL))
		memset(s->words, 0, sizeof(s->words));
	s->revision = m->revision;
	return s->words;
}

/* The registers from ADDR on, when all N are there. */
static const struct reg *unit_find(const struct registers *r, uint16_t addr, uint16_t n)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (r->list[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	/* addresses are unique and sorted: the last one tells for all */
	if (low + n > r->n || r->list[low].addr != addr
	    || r->list[low + n - 1].addr != addr + n - 1)
		return NULL;
	return &r->list[low];
}

bool unit_register(struct sim_meter *m, enum space space, uint16_t addr, uint16_t *out)
{
	const struct reg *r = unit_find(&m->spaces[space], addr, 1);

	if (r)
		*out = slot_words(m, &m->slots[r->slot])[r->word];
	return r;
}

/* Registers of which some are none of a point: between those that are, they hold 0. */
static int unit_read_through(struct sim_meter *m, enum space space, uint16_t addr, uint16_t n, uint16_t *out)
{
	const struct registers *r = &m->spaces[space];

	if (addr < r->list[0].addr || addr + n - 1 > r->list[r->n - 1].addr)
		return ILLEGAL_ADDRESS;
	memset(out, 0, n * sizeof(*out));
	for (uint16_t i = 0; i < n; i++)
		unit_register(m, space, (uint16_t)(addr + i), &out[i]);
	return 0;
}

/* What tells whether it is unlocked, and that a commit is done, which it is at once. */
static bool unit_read_code(const struct sim_meter *m, enum space space, uint16_t addr, uint16_t n, uint16_t *out)
{
	const struct profile *p = m->profile;
	bool check = p->unlock_check.n == n && p->unlock_check_at == addr;
	bool done = p->commit_done.n == n && p->commit_done_at == addr;

	if (space != SPACE_HOLDING || (!check && !done))
		return false;
	for (uint16_t i = 0; i < n; i++)
		out[i] = done ? p->commit_done.v[i] : m->unlocked ? p->unlock_check.v[i] : (uint16_t)~p->unlock_check.v[i];
	return true;
}

/* Does the meter refuse these together, as the profile has it? */
static bool unit_divided(const struct sim_meter *m, enum space space, uint16_t addr, uint16_t n)
{
	const struct profile *p = m->profile;

	if (n > 1 && p->read_align == ALIGN_EVEN && (addr % 2 || n % 2))
		return true;
	for (size_t i = 0; n > 1 && (*p->read_alone || p->read_align == ALIGN_EVEN) && i < p->npoints; i++) {
		const struct point *pt = &p->points[i];

		if (pt->space == space && pt->addr < addr + n && addr < pt->addr + pt->words && n != pt->words
		    && profile_alone(p, pt))
			return true;
	}
	return false;
}

int sim_meter_read(struct sim_meter *m, enum space space, uint16_t addr,
		   uint16_t n, uint16_t *out)
{
	const struct reg *r;

	if (m->spaces[space].n == 0)
		return ILLEGAL_FUNCTION;
	if (n < 1 || n > 125 || n > m->profile->read_most)
		return ILLEGAL_VALUE;
	if (unit_divided(m, space, addr, n))
		return ILLEGAL_ADDRESS;
	r = unit_find(&m->spaces[space], addr, n);
	if (!r && unit_read_code(m, space, addr, n, out))
		return 0;
	if (!r)
		return m->profile->read_holes ? unit_read_through(m, space, addr, n, out) : ILLEGAL_ADDRESS;
	for (uint16_t i = 0; i < n; i++)
		out[i] = slot_words(m, &m->slots[r[i].slot])[r[i].word];
	return 0;
}

static bool is_setting(const struct point *p)
{
	return p->flags & POINT_WRITABLE && !(p->flags & POINT_RESERVED);
}

/* The registers of S after a write of the first N of them from IN on. False: that cuts it off
 * where no master may. */
static bool unit_after(const struct slot *s, const uint16_t *in, unsigned n, uint16_t *out)
{
	unsigned words = s->point->words;

	memcpy(out, s->words, words * sizeof(*out));
	memcpy(out, in, (n < words ? n : words) * sizeof(*out));
	return n >= words || (s->point->type == TYPE_DAYTABLE && !s->point->slots && n >= DAYTABLE_SURE);
}

/* Is it C that goes to the N registers from ADDR on? *RIGHT: with these words. */
static bool unit_is_code(const struct code *c, uint16_t at, uint16_t addr, uint16_t n, const uint16_t *in, bool *right)
{
	bool asked = c->n == CODE_ASKED;	/* nobody has told the simulator: any will do */
	bool there = c->n > 0 && at == addr && (asked || c->n == n);

	*right = asked ? there : there && memcmp(c->v, in, n * sizeof(*in)) == 0;
	return there;
}

static void unit_keep(struct sim_meter *m, struct slot *s, const uint16_t *words)
{
	memcpy(s->words, words, s->point->words * sizeof(*words));
	settings_follow(m, s);
}

static void unit_commit(struct sim_meter *m)
{
	for (size_t i = 0; i < m->nslots; i++) {
		if (m->slots[i].uncommitted)
			unit_keep(m, &m->slots[i], m->slots[i].pending);
		m->slots[i].uncommitted = false;
	}
	model_settle(&m->model);
	m->revision++;
}

/* The registers of the profile that are none of points: password, lock, commit. True: it is one of them,
 * and *CODE is the exception, or 0. */
static bool unit_write_code(struct sim_meter *m, uint16_t addr, uint16_t n, const uint16_t *in, int *code)
{
	const struct profile *p = m->profile;
	bool right[3];
	bool unlock = unit_is_code(&p->unlock_password, p->unlock_at, addr, n, in, &right[0]);
	bool lock = unit_is_code(&p->unlock_lock, p->unlock_lock_at, addr, n, in, &right[1]);
	bool commit = unit_is_code(&p->commit_value, p->commit_at, addr, n, in, &right[2]);

	*code = right[0] || right[1] || right[2] ? 0 : ILLEGAL_VALUE;
	if (right[0] || right[1])
		m->unlocked = right[0];
	if (right[2])
		unit_commit(m);
	return unlock || lock || commit;
}

/* May these registers, the N from R on, be written with IN? 0 or an exception. */
static int unit_may_write(struct sim_meter *m, const struct reg *r, uint16_t n, const uint16_t *in)
{
	uint16_t after[VALUE_WORDS];

	if (!r || r[0].word != 0)
		return ILLEGAL_ADDRESS;
	for (uint16_t i = 0; i < n; i++) {
		const struct point *p = m->slots[r[i].slot].point;

		if (!is_setting(p))
			return ILLEGAL_ADDRESS;
		if (r[i].word == 0 && !unit_after(&m->slots[r[i].slot], in + i, (unsigned)(n - i), after))
			return ILLEGAL_ADDRESS;
		if (p->flags & POINT_UNLOCK && !m->unlocked)
			return DEVICE_FAILURE;
	}
	for (uint16_t i = 0; i < n; i++)
		if (r[i].word == 0 && unit_after(&m->slots[r[i].slot], in + i, (unsigned)(n - i), after)
		    && !settings_valid(&m->slots[r[i].slot], after))
			return ILLEGAL_VALUE;
	return 0;
}

int sim_meter_write(struct sim_meter *m, uint16_t addr, uint16_t n, const uint16_t *in)
{
	uint16_t after[VALUE_WORDS];
	const struct reg *r;
	int code;

	if (n < 1 || n > 123 || n > m->profile->write_most)
		return ILLEGAL_VALUE;
	r = unit_find(&m->spaces[SPACE_HOLDING], addr, n);
	if (unit_write_code(m, addr, n, in, &code))
		return code;
	if ((code = unit_may_write(m, r, n, in)))
		return code;
	if (m->scenario.refuse_writes)
		return DEVICE_FAILURE;
	if (m->scenario.ignore_writes)
		return 0;
	for (uint16_t i = 0; i < n; i++) {
		struct slot *s = &m->slots[r[i].slot];

		if (r[i].word != 0)
			continue;
		unit_after(s, in + i, (unsigned)(n - i), after);
		if (s->point->flags & POINT_COMMIT && m->profile->commit_value.n) {
			memcpy(s->pending, after, s->point->words * sizeof(*after));
			s->uncommitted = true;
		} else {
			unit_keep(m, s, after);
		}
	}
	model_settle(&m->model);
	m->revision++;
	return 0;
}
