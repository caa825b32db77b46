#include "upload.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "base/text.h"

int upload_item(const struct dialect *d, const struct node *v)
{
	for (size_t i = 0; i < d->nitems; i++) {
		const char *name = d->items[i].name;

		if (v->key_escaped ? node_named(v, name)
		    : *name == *v->key && strncmp(name, v->key, v->nkey) == 0 && !name[v->nkey])
			return (int)i;
	}
	return -1;
}

void upload_drop_of(struct upload *up, unsigned long n, const char *last, const char *fmt, ...)
{
	char why[sizeof(up->drops.list[0].text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	reasons_add(&up->drops, n, why, last);
}

/* A place for one more, or NULL. */
static struct upload_value *upload_add(struct upload *up, size_t item)
{
	struct upload_value *v = &up->values[up->n];

	if (up->n == UPLOAD_VALUES) {
		upload_drop(up, "more than %d values", UPLOAD_VALUES);
		return NULL;
	}
	up->n++;
	v->item = (uint16_t)item;
	v->is_text = v->ambiguous = v->refused = false;
	v->num = 0;
	v->text[0] = '\0';
	return v;
}

void upload_scaled(struct upload *up, size_t item, double num)
{
	double scale = up->dialect->items[item].scale;
	/* 0.0123 x 1000 is 12.3 and no more */
	double scaled = scale == 1 ? num : round(num * scale * 1e6) / 1e6;
	struct upload_value *v;

	if (!isfinite(scaled)) {
		upload_drop(up, "item %s is too large a number", up->dialect->items[item].name);
		return;
	}
	v = upload_add(up, item);
	if (v)
		v->num = scaled;
}

void upload_number(struct upload *up, size_t item, const struct node *v)
{
	const struct dialect_item *it = &up->dialect->items[item];

	if (v->kind != NODE_NUMBER)
		upload_drop(up, "item %s is %s, not a number", it->name, node_what(v));
	else
		upload_scaled(up, item, v->num);
}

void upload_text(struct upload *up, size_t item, const struct node *v)
{
	const char *name = up->dialect->items[item].name;
	char text[MQTT_NAME];
	struct upload_value *u;

	if (!node_text(v, text, sizeof(text))) {
		upload_drop(up, "item %s is %s", name, v->kind == NODE_STRING ? "too long"
			    : node_what(v));
		return;
	}
	u = upload_add(up, item);
	if (!u)
		return;
	u->is_text = true;
	memcpy(u->text, text, sizeof(text));
}

const struct upload_value *upload_find(const struct upload *up, const char *name)
{
	for (size_t i = 0; i < up->n; i++)
		if (strcmp(up->dialect->items[up->values[i].item].name, name) == 0)
			return &up->values[i];
	return NULL;
}

bool serial_plain(const char *sn)
{
	for (const char *p = sn; *p; p++)
		if (*p <= 0x20 || *p > 0x7E)
			return false;
	return mqtt_level(sn) && strlen(sn) <= SERIAL_MAX;
}

int upload_serial(struct upload *up, const struct node *v, struct err *e)
{
	char text[MQTT_NAME];

	if (!v)
		return 0;
	if (v->kind != NODE_STRING)
		return err_set(e, ERR_FOREIGN, "the serial number is %s, not a string", node_what(v));
	/* as it came: two that look the same when cleaned must not become one meter */
	if (!node_raw(v, text, sizeof(text)) || !serial_plain(text))
		return err_set(e, ERR_FOREIGN, "'%.40s' is no serial number (1 to %d plain characters, "
			       "no '/', '+', '#')", text, SERIAL_MAX);
	memcpy(up->sn, text, sizeof(text));
	return 0;
}

bool topic_level(const char *topic, size_t n, unsigned k, char *buf, size_t size)
{
	const char *at = topic, *end = topic + n, *slash;
	size_t len;

	buf[0] = '\0';
	for (;; at = slash + 1) {
		slash = memchr(at, '/', (size_t)(end - at));
		if (k-- == 0)
			break;
		if (!slash)
			return false;
	}
	len = (size_t)((slash ? slash : end) - at);
	if (len == 0 || len >= size || memchr(at, '\0', len))
		return false;
	memcpy(buf, at, len);
	buf[len] = '\0';
	for (const char *p = buf; *p; p++)
		if (*p <= 0x20 || *p > 0x7E) {
			buf[0] = '\0';
			return false;
		}
	return true;
}

int64_t stamp_us(const char *text, double hours)
{
	struct tm tm = { .tm_isdst = -1 };
	int used = 0, day;
	time_t s;

	if (strlen(text) != 14 || strspn(text, "0123456789") != 14
	    || sscanf(text, "%4d%2d%2d%2d%2d%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		      &tm.tm_min, &tm.tm_sec, &used) != 6 || used != 14)
		return 0;
	if (tm.tm_year < 2000 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31
	    || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	day = tm.tm_mday;
	s = isnan(hours) ? mktime(&tm) : timegm(&tm) - (time_t)(hours * 3600);
	/* February 31 has become March 3 */
	return s > 0 && tm.tm_mday == day ? (int64_t)s * 1000000 : 0;
}

void stamp_text(int64_t us, double hours, char *buf, size_t size)
{
	time_t s = (time_t)(us / 1000000);
	struct tm tm;

	if (isnan(hours)) {
		localtime_r(&s, &tm);
	} else {
		s += (time_t)(hours * 3600);
		gmtime_r(&s, &tm);
	}
	strftime(buf, size, "%Y%m%d%H%M%S", &tm);
}

double zone_hours(int64_t us)
{
	return (double)(time_local_s(us) - us / 1000000) / 3600;
}

bool outgoing_topic(struct dialect_outgoing *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->topic, sizeof(l->topic), fmt, ap);
	va_end(ap);
	l->n = 0;
	l->payload[0] = '\0';
	return n > 0 && (size_t)n < sizeof(l->topic) && mqtt_topic(l->topic, false);
}

void outgoing_add(struct dialect_outgoing *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->n >= sizeof(l->payload))
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->payload + l->n, sizeof(l->payload) - l->n, fmt, ap);
	va_end(ap);
	l->n += n > 0 ? (size_t)n : 0;
}

void outgoing_comma(struct dialect_outgoing *l)
{
	if (l->n > 0 && l->n < sizeof(l->payload) && !strchr("{[", l->payload[l->n - 1]))
		outgoing_add(l, ",");
}

void outgoing_string(struct dialect_outgoing *l, const char *name, const char *text)
{
	outgoing_add(l, "\"%s\":\"", name);
	for (; *text; text++)
		outgoing_add(l, "%s%c", *text == '"' || *text == '\\' ? "\\" : "",
			     (unsigned char)*text < 0x20 ? '?' : *text);
	outgoing_add(l, "\"");
}

bool outgoing_number(const struct dialect_device *d, const struct dialect_item *item, double *out)
{
	if (!item->key || !d->value(d->arg, item->key, out) || !isfinite(*out))
		return false;
	*out /= item->scale;
	return true;
}

int outgoing_rssi(const struct dialect_device *d)
{
	double dbm;

	if (!d->value(d->arg, "signal.strength", &dbm))
		return 50;
	/* -113 to -51 dBm are the 31 steps of a modem (3GPP TS 27.007, 8.5) */
	return (int)lround(fmin(100, fmax(0, (dbm + 113) / 62 * 100)));
}

bool outgoing_whole(const struct dialect_outgoing *l)
{
	return l->n < sizeof(l->payload);
}

const char *filter_level(const char *one)
{
	return *one ? one : "+";
}

size_t filter_own(const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	if (!t->topic[0])
		return 0;
	return mqtt_fill(out[0], sizeof(out[0]), t->topic, filter_level(t->sn)) && mqtt_topic(out[0], true);
}
