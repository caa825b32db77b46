/*
 * dialect.h - what meters say through a broker: topic and payload on one side,
 * points on the other. One file per dialect here, or a file of data each (mapping.h);
 * pure: no socket, no clock, no heap.
 *
 * What comes in may be anything: it is parsed under limits, and what is malformed
 * is refused with a reason (struct upload's why) and never half used: a bad value
 * is dropped and counted, a bad message is an error.
 *
 * Where a fact comes from (struct dialect_item's from): FROM_MANUAL is written in a
 * document of the vendor's, FROM_PUBLIC has been seen in public code or guides,
 * FROM_PROVISIONAL is our own reading.
 */
#ifndef METERCTL_MQTT_DIALECTS_DIALECT_H
#define METERCTL_MQTT_DIALECTS_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reasons.h"
#include "profile/profile.h"
#include "target/target_mqtt.h"
#include "profile/value.h"

#define DIALECT_PAYLOAD_MAX 65536	/* bytes; a whole upload has about 1,000 */
#define UPLOAD_VALUES 96
#define UPLOAD_FILTERS 8

enum upload_kind {
	UPLOAD_DATA,		/* readings */
	UPLOAD_LOGIN,
	UPLOAD_TIME,		/* the meter asks for the time */
	UPLOAD_PARA,		/* its parameters, or the answer to ours */
	UPLOAD_HEART,
	UPLOAD_ALARM,
	UPLOAD_OTHER,		/* a message of the dialect that says nothing for us */
	UPLOAD_KINDS
};
extern const char *const upload_kind_names[UPLOAD_KINDS];	/* "data", "login" ... */

/* How one item of a payload becomes a point. */
struct dialect_item {
	const char *name;	/* in the payload: "13", "ua" */
	const char *key;	/* the profile's point; NULL: known, but no point (see note) */
	double scale;		/* value in the point's unit = payload's x scale */
	unsigned kinds;		/* 1 << UPLOAD_...: messages that carry it */
	enum provenance from;
	const char *unit;	/* as the dialect has it: "dBm", "percent", "A" */
	const char *note;	/* "" */
};

struct upload_value {
	uint16_t item;		/* index into the dialect's items */
	bool is_text;
	bool ambiguous;		/* num, or OTHER: the message does not prove which */
	bool refused;		/* by dialect_judge(), for the reason in text */
	double other;
	double num;		/* scaled, in the point's unit */
	char text[MQTT_NAME];
};

struct dialect;
struct node;		/* payload.h */

/* One message, understood. */
struct upload {
	const struct dialect *dialect;
	enum upload_kind kind;
	bool down;		/* from the platform to the meter */
	char sn[MQTT_NAME];	/* of the meter: 1 to 31 printable characters; "": the message
				   does not say */
	char product[MQTT_NAME];	/* topic level, for answers: the type of the device; "" */
	char via[MQTT_NAME];	/* the serial in the topic, for answers: that of the gateway when
				   one stands before the meter; "" */
	char model[MQTT_NAME];	/* "adl400"; "" */
	int64_t sent_us;	/* the meter's own time of it, us since 1970; 0: none.
				   Without a zone in the payload: as if it were UTC when
				   the document says so, else local time */
	bool foreign_clock;	/* ... but of another's clock: that of a server which passed it on */
	bool history;		/* the message says that its values are of the past */
	bool late;		/* by rhythm_upload(): measured long before it came ... */
	int64_t measured_us;	/* ... and when, us since 1970; 0: as it came, or (late) not known */
	bool has_result;
	int result;		/* res: 1 ok, 0 no */
	int interval_s;		/* how often it says it uploads; 0: not said */
	bool offline;		/* the gateway cannot reach the meter */
	bool judged;
	size_t n;
	struct upload_value values[UPLOAD_VALUES];
	struct reasons drops;	/* values that were no good */
};

/* What a stand-in platform or a simulated meter puts on the line. */
struct dialect_outgoing {
	char topic[MQTT_TOPIC * 2];
	char payload[4096];
	size_t n;		/* bytes of it */
};

/* A simulated meter, as the encoder of a dialect needs it. VALUE gives the point's
 * present value in its unit; false: the meter has none. */
struct dialect_device {
	const char *sn, *vendor, *product, *group, *model;
	const char *topic;	/* of its own; NULL: the dialect's */
	int interval_s;
	int64_t now_us;		/* its clock */
	bool no_stamp, no_sn;	/* messages have no time, no serial number; a topic may have one */
	bool (*value)(void *arg, const char *key, double *out);
	void *arg;
};

struct dialect {
	const char *name;	/* "json-v2": what ?dialect= takes */
	const char *title;	/* one line, for help and manual */
	const char *source;	/* where its facts come from */
	enum provenance from;
	const struct dialect_item *items;
	size_t nitems;
	/* Of items that go by number: the meter whose numbers they are, as its names begin, and
	 * the device types of topics that say no more. NULL: items have names. */
	const char *model;
	const char *const *types;
	const struct mapping *mapping;	/* it is data (mapping.h); NULL: a file in C */
	/* What to subscribe to for the meters of T (one, or all of them when T has no
	 * sn): filters into OUT (UPLOAD_FILTERS of them), returns how many. What the
	 * platform sends to them is among it (struct upload's down). */
	size_t (*filters)(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2]);
	/* Is a message on TOPIC, whose payload is ROOT, one of this dialect's? */
	bool (*recognise)(const struct dialect *d, const char *topic, size_t n, const struct node *root);
	/* Fills OUT (zeroed but for its values, dialect set). */
	int (*decode)(const char *topic, size_t n, const struct node *root, struct upload *out,
		      struct err *e);
	/* The answer to UP: the platform's to a meter or, when UP is down, the meter's to
	 * the platform. False when none is due. NULL: nobody ever answers. */
	bool (*answer)(const struct upload *up, int64_t now_us, struct dialect_outgoing *out);
	/* Sets KEY of meter SN to the number VALUE (in the point's unit) from afar.
	 * NULL or -1 and ERR_DENIED: no public way in this dialect. */
	int (*set)(const struct target_mqtt *t, const char *product, const char *key,
		   double value, struct dialect_outgoing *out, struct err *e);
	/* What a meter of this dialect sends. False: it sends nothing of that kind. */
	bool (*device)(const struct dialect_device *d, enum upload_kind kind,
		       struct dialect_outgoing *out);
	/* A message from the platform, as the device takes it: what it was, in OUT. Uses
	 * decode(). NULL: such a meter listens to nothing. Filter to subscribe to: */
	bool (*device_filter)(const struct dialect_device *d, char *out, size_t size);
};

/*
 * The dialects, a row each: the file, which defines dialect_ID, and its name. Recognised in
 * this order: json-v2 by its payload, which some meters send on the topics of acrelhw.
 */
#define DIALECT_LIST(X) \
	X(json_v2, "json-v2") \
	X(acrelhw, "acrelhw") \
	X(shadow, "shadow")

#define DIALECT_NUMBER(id, name) DIALECT_##id,
enum { DIALECT_LIST(DIALECT_NUMBER) DIALECTS };
#define MAPPINGS_MAX 32	/* of those that are data */
#undef DIALECT_NUMBER

/* What ?dialect= takes; `tunnel` is no dialect of messages (mqtt/tunnel.h). */
#define DIALECT_WORD(id, name) name " "
#define DIALECT_WORDS DIALECT_LIST(DIALECT_WORD) "tunnel"

#define DIALECT_EXTERN(id, name) extern const struct dialect dialect_##id;
DIALECT_LIST(DIALECT_EXTERN)
#undef DIALECT_EXTERN

extern const struct dialect *const dialect_table[];	/* those in C; ends with NULL */
/* Those, and then those that are data, in the order in which they are recognised. NULL: no more. */
const struct dialect *dialect_nth(size_t i);
const struct dialect *dialect_find(const char *name);

/*
 * Understands one message. HINT: the dialect to take it for (NULL: recognised by
 * topic and payload). 0; or -1 and E, ERR_FOREIGN: too long, not UTF-8, no JSON, too
 * deep, a key twice, nobody's, or not what its dialect requires. Takes 180 KB of
 * stack.
 */
int dialect_decode(const struct dialect *hint, const char *topic, size_t topic_len,
		   const char *payload, size_t n, struct upload *out, struct err *e);

/*
 * Of an UP whose items go by number, all values are dropped when its device is known to be
 * another than that of the numbers: by MODEL, what the meter has called itself before (""),
 * or by the type in its topic, unless a person has NAMED that one ("").
 */
void dialect_judge_device(struct upload *up, const char *model, const char *named);

/*
 * Values that no meter of the kind can have are marked as refused, and counted with their
 * reason: outside what mains have, outside the range of the point in PROFILE or of its
 * register, and powers that voltage and current of the same upload cannot make. Once an UP.
 */
void dialect_judge(struct upload *up, const struct profile *profile);
/* How many numbers of UP can be used. */
size_t upload_usable(const struct upload *up);

/* The point of PROFILE that ITEM (an index) of D is; NULL: none. */
const struct point *dialect_point_of(const struct dialect *d, size_t item, const struct profile *profile);

/*
 * The readings of UP, which it judges, for PROFILE's points, one call of SINK each: VALUE_BITS for
 * bit words (and their named bits), VALUE_CHOICE for named codes, numbers in the
 * point's unit. Nothing of an UP that is down. A value that is refused is delivered as
 * QUALITY_FAILED, ERR_FOREIGN; one with two meanings as QUALITY_AMBIGUOUS with both.
 * Those of an UP that is late are QUALITY_LATE. AT_US, MONO_US: arrival. Points of the
 * profile that do not exist are skipped.
 */
typedef void dialect_sink(void *arg, size_t idx, const struct reading *r);
void dialect_deliver(struct upload *up, const struct profile *profile, int64_t at_us,
		     int64_t mono_us, dialect_sink *sink, void *arg);

/* The item of D that carries point KEY; NULL: none does. */
const struct dialect_item *dialect_item_of(const struct dialect *d, const char *key);
/* Which kinds of message of D carry the point KEY: 1 << UPLOAD_...; 0: none does. */
unsigned dialect_carries(const struct dialect *d, const char *key);
/* The same for point IDX of PROFILE, which may be a bit of a word that is carried. */
unsigned dialect_carries_point(const struct dialect *d, const struct profile *profile, size_t idx);

/* Does D have a way to set P, of the meter that T names, from afar: to WANT, or (NULL) to
 * anything? 0; or -1, ERR_DENIED and why not. */
int dialect_can_set(const struct dialect *d, const struct target_mqtt *t, const struct point *p,
		    const struct value *want, struct err *e);

/* The unit of reading R of P: the point's, or where that has none, that of the message
 * which brought it ("dBm"). */
const char *dialect_unit(const struct point *p, const struct reading *r);

#endif
