/*
 * upload.h - what the dialects share: taking values into a struct upload, levels of
 * topics, and writing messages.
 */
#ifndef METERCTL_MQTT_DIALECTS_UPLOAD_H
#define METERCTL_MQTT_DIALECTS_UPLOAD_H

#include "dialect.h"
#include "payload.h"

#define SERIAL_MAX 31		/* characters of a serial number */

/* Index of the item called by KEY of V, or -1. */
int upload_item(const struct dialect *d, const struct node *v);

/* N values are no good: counted for this reason, which is the same each time; LAST is what
 * differs from case to case, "" for nothing. */
void upload_drop_of(struct upload *up, unsigned long n, const char *last, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define upload_drop(up, ...) upload_drop_of(up, 1, "", __VA_ARGS__)
/* V as the number or text of ITEM (an index); dropped when it is none. */
void upload_number(struct upload *up, size_t item, const struct node *v);
void upload_scaled(struct upload *up, size_t item, double num);	/* as in the payload */
void upload_text(struct upload *up, size_t item, const struct node *v);
/* The text or number of the item called NAME, or NULL. */
const struct upload_value *upload_find(const struct upload *up, const char *name);

/* The serial that V is. -1 and E: V is no string, or no plain level of a topic. A V
 * that is NULL says nothing: 0. */
int upload_serial(struct upload *up, const struct node *v, struct err *e);
bool serial_plain(const char *sn);

/* Level K (0 the first) of a topic, or false: there is none, or no plain one that
 * fits. */
bool topic_level(const char *topic, size_t n, unsigned k, char *buf, size_t size);

/* "YYYYMMDDhhmmss" on a clock without a zone, taken for local time, or for UTC + HOURS
 * when those are not NAN. Us since 1970; 0: no such time. And back. */
int64_t stamp_us(const char *text, double hours);
void stamp_text(int64_t us, double hours, char *buf, size_t size);
/* Hours by which local time is ahead of UTC then. */
double zone_hours(int64_t us);

/* A topic of which FORM is the printf() form; false: no room, or nothing to publish to. */
bool outgoing_topic(struct dialect_outgoing *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void outgoing_add(struct dialect_outgoing *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "NAME":"TEXT" with what needs it escaped, and no comma. */
void outgoing_string(struct dialect_outgoing *l, const char *name, const char *text);
/* A comma, where something stands before. */
void outgoing_comma(struct dialect_outgoing *l);
/* The number of ITEM as the device sends it now; false: it has none. */
bool outgoing_number(const struct dialect_device *d, const struct dialect_item *item, double *out);
/* The strength of its signal as a modem counts it in percent; 50 when it has none. */
int outgoing_rssi(const struct dialect_device *d);
/* Was there room for all? */
bool outgoing_whole(const struct dialect_outgoing *l);

/* ONE, or "+" when it is empty: a level of a filter. */
const char *filter_level(const char *one);
/* A topic of the meter's own, {sn} filled in. 0 or 1, the number of filters. */
size_t filter_own(const struct target_mqtt *t, char out[][MQTT_TOPIC * 2]);

#endif
