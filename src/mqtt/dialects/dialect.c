#include "dialect.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "profile/codec.h"
#include "mapping.h"
#include "payload.h"
#include "upload.h"
#include "base/text.h"
#include "base/time.h"

const char *const upload_kind_names[UPLOAD_KINDS] = {
	[UPLOAD_DATA] = "data", [UPLOAD_LOGIN] = "login", [UPLOAD_TIME] = "time",
	[UPLOAD_PARA] = "para", [UPLOAD_HEART] = "heart", [UPLOAD_ALARM] = "alarm",
	[UPLOAD_OTHER] = "other",
};

#define DIALECT_ROW(id, name) &dialect_##id,
const struct dialect *const dialect_table[] = { DIALECT_LIST(DIALECT_ROW) NULL };

const struct dialect *dialect_nth(size_t i)
{
	return i < DIALECTS ? dialect_table[i] : mapping_nth(i - DIALECTS);
}

const struct dialect *dialect_find(const char *name)
{
	const struct dialect *d;

	for (size_t i = 0; *name && (d = dialect_nth(i)); i++)
		if (strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

/* ---- decoding --------------------------------------------------------------- */

static int check_topic(const char *topic, size_t n, struct err *e)
{
	if (n == 0)
		return err_set(e, ERR_FOREIGN, "the topic is empty");
	for (size_t i = 0, len; i < n; i += len) {
		unsigned c = 0;

		len = text_utf8(topic + i, n - i, &c);
		if (len == 0)
			return err_set(e, ERR_FOREIGN, "the topic is not UTF-8 (byte %zu)", i);
		if (c < 0x20 || c == 0x7F)
			return err_set(e, ERR_FOREIGN, "the topic holds %s (byte %zu)",
				       c ? "a control character" : "a NUL", i);
	}
	return 0;
}

static const struct dialect *recognise(const char *topic, size_t n, const struct node *root)
{
	const struct dialect *d;

	for (size_t i = 0; (d = dialect_nth(i)); i++)
		if (d->recognise(d, topic, n, root))
			return d;
	return NULL;
}

int dialect_decode(const struct dialect *hint, const char *topic, size_t topic_len,
		   const char *payload, size_t n, struct upload *out, struct err *e)
{
	struct payload p;

	/* the values are written when they are counted */
	memset(out, 0, offsetof(struct upload, values));
	reasons_clear(&out->drops);
	if (check_topic(topic, topic_len, e))
		return -1;
	if (n == 0)
		return err_set(e, ERR_FOREIGN, "the payload is empty");
	if (n > DIALECT_PAYLOAD_MAX)
		return err_set(e, ERR_FOREIGN, "the payload has %zu bytes (at most %d are read)", n,
			       DIALECT_PAYLOAD_MAX);
	if (payload_read(&p, payload, n, e))
		return -1;
	if (p.nodes[0].kind != NODE_OBJECT)
		return err_set(e, ERR_FOREIGN, "the payload is %s, not an object", node_what(&p.nodes[0]));
	out->dialect = hint ? hint : recognise(topic, topic_len, p.nodes);
	if (!out->dialect)
		return err_set(e, ERR_FOREIGN, "neither topic nor payload is of a known dialect");
	return out->dialect->decode(topic, topic_len, p.nodes, out, e);
}

/* ---- delivery --------------------------------------------------------------- */

#define ITEMS_MAX 64

/* Where an item's point stood in the profile that was last asked for it. A hint
 * only: the key there is compared before it is used, so that any profile may come,
 * on any thread. */
static _Atomic uint16_t hints[DIALECTS][ITEMS_MAX];

static size_t dialect_number_of(const struct dialect *d)
{
	size_t i = 0;

	while (dialect_table[i] && dialect_table[i] != d)
		i++;
	return i;
}

const struct point *dialect_point_of(const struct dialect *d, size_t item, const struct profile *p)
{
	static _Atomic uint16_t nowhere;
	const char *key = d->items[item].key;
	size_t nr = dialect_number_of(d);
	_Atomic uint16_t *hint = nr < DIALECTS ? &hints[nr][item] : &nowhere;
	uint16_t at = atomic_load_explicit(hint, memory_order_relaxed);
	int idx;

	if (!key)
		return NULL;
	if (at < p->npoints && strcmp(p->points[at].key, key) == 0)
		return &p->points[at];
	idx = profile_find(p, key);
	if (idx < 0)
		return NULL;
	atomic_store_explicit(hint, (uint16_t)idx, memory_order_relaxed);
	return &p->points[idx];
}

struct delivery {
	const struct profile *profile;
	dialect_sink *sink;
	void *arg;
	struct reading r;
};

/* What all readings of UP have in common, but for when it came. */
static void dialect_base(struct delivery *d, const struct upload *up)
{
	char when[48];

	err_clear(&d->r.err);
	d->r.quality = up->late ? QUALITY_LATE : QUALITY_OK;
	if (up->late)
		err_set(&d->r.err, ERR_SILENT, "late: measured %s", up->measured_us
			? time_text(up->measured_us, when, sizeof(when)) : "at an unknown time");
}

/* The bits of a word are points, too. */
static void deliver_bits(struct delivery *d, const struct point *p)
{
	unsigned word = (unsigned)d->r.value.num;

	d->r.value.kind = VALUE_NUMBER;
	for (size_t i = 0; i < p->nbits; i++) {
		int idx = p->bits[i].key ? profile_find(d->profile, p->bits[i].key) : -1;

		if (idx < 0)
			continue;
		d->r.value.num = word >> p->bits[i].pos & 1;
		d->sink(d->arg, (size_t)idx, &d->r);
	}
}

/* Both meanings instead of a value. */
static void dialect_deliver_doubt(struct delivery *d, const struct upload_value *v, const struct point *p)
{
	struct reading r = {
		.quality = QUALITY_AMBIGUOUS, .at_us = d->r.at_us, .received_us = d->r.received_us,
		.mono_us = d->r.mono_us, .item = d->r.item,
	};

	err_set(&r.err, ERR_FOREIGN, "%.10g or %.10g %s: the message does not prove the unit of %s", v->num, v->other,
		p->unit, r.item->name);
	d->sink(d->arg, (size_t)(p - d->profile->points), &r);
}

/* What was refused says why; of an upload that is late it says nothing of now. */
static void dialect_deliver_refused(struct delivery *d, const struct upload *up, const struct upload_value *v,
				    const struct point *p)
{
	struct reading r = {
		.quality = QUALITY_FAILED, .at_us = d->r.at_us, .mono_us = d->r.mono_us, .item = d->r.item,
	};

	if (up->late)
		return;
	err_set(&r.err, ERR_FOREIGN, "'%s' not used: %s", p->key, v->text);
	d->sink(d->arg, (size_t)(p - d->profile->points), &r);
}

static void mqtt_dialect_deliver(struct delivery *d, const struct upload *up, const struct upload_value *v,
				 const struct point *p)
{
	struct reading *r = &d->r;

	if (v->ambiguous) {
		dialect_deliver_doubt(d, v, p);
	} else if (v->refused || codec_number(p, v->num, &r->value, NULL)) {
		dialect_deliver_refused(d, up, v, p);
	} else {
		d->sink(d->arg, (size_t)(p - d->profile->points), r);
		if (r->value.kind == VALUE_BITS)
			deliver_bits(d, p);
	}
}

void dialect_deliver(struct upload *up, const struct profile *profile, int64_t at_us,
		     int64_t mono_us, dialect_sink *sink, void *arg)
{
	struct delivery d = { .profile = profile, .sink = sink, .arg = arg };

	if (up->down)
		return;
	dialect_judge(up, profile);
	dialect_base(&d, up);
	d.r.at_us = up->measured_us || up->late ? up->measured_us : at_us;
	d.r.received_us = up->late ? at_us : 0;
	d.r.mono_us = mono_us;
	for (size_t i = 0; i < up->n; i++) {
		const struct upload_value *v = &up->values[i];
		const struct point *p = v->is_text ? NULL : dialect_point_of(up->dialect, v->item, profile);

		if (!p)
			continue;
		d.r.item = &up->dialect->items[v->item];
		mqtt_dialect_deliver(&d, up, v, p);
	}
}

const struct dialect_item *dialect_item_of(const struct dialect *d, const char *key)
{
	for (size_t i = 0; i < d->nitems; i++)
		if (d->items[i].key && strcmp(d->items[i].key, key) == 0)
			return &d->items[i];
	return NULL;
}

unsigned dialect_carries(const struct dialect *d, const char *key)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < d->nitems; i++)
		if (d->items[i].key && strcmp(d->items[i].key, key) == 0)
			kinds |= d->items[i].kinds;
	return kinds;
}

unsigned dialect_carries_point(const struct dialect *d, const struct profile *profile, size_t idx)
{
	const struct point *p = &profile->points[idx];

	for (size_t i = 0; p->type == TYPE_BIT && i < profile->npoints; i++) {
		const struct point *word = &profile->points[i];

		if (word->type == TYPE_BITS && word->addr == p->addr && word->space == p->space)
			return dialect_carries(d, word->key);
	}
	return dialect_carries(d, p->key);
}

int dialect_can_set(const struct dialect *d, const struct target_mqtt *t, const struct point *p,
		    const struct value *want, struct err *e)
{
	double to = want ? want->num : p->min <= p->max ? p->max : 60;
	struct dialect_outgoing outgoing;

	if (d->set)
		return d->set(t, "null", p->key, to, &outgoing, e);
	return err_set(e, ERR_DENIED, "'%s' cannot be set over %s: this dialect has no public way to set anything "
		       "(set it over RS485, or through dialect=tunnel)", p->key, d->name);
}

const char *dialect_unit(const struct point *p, const struct reading *r)
{
	return !*p->unit && r->item ? r->item->unit : p->unit;
}
