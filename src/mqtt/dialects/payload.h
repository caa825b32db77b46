/*
 * payload.h - a JSON payload as the list of its values, read in place: no heap, and
 * every limit holds while it is read. A parser of our own because uploads come by
 * the ten thousand a second: jansson takes 30 us for one of a usual size, of which
 * all of decoding now takes 5. tests/fuzz holds it against jansson: what one takes,
 * the other takes.
 *
 * Strict RFC 8259: one value and nothing behind it, valid UTF-8, no control
 * characters, no NUL even when escaped, no lone surrogates, no key twice.
 */
#ifndef METERCTL_MQTT_DIALECTS_PAYLOAD_H
#define METERCTL_MQTT_DIALECTS_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PAYLOAD_DEPTH 16	/* the dialects nest to 5 */
#define PAYLOAD_NODES 4096	/* a whole upload has about 130 */
#define PAYLOAD_MEMBERS 256	/* of one object */

enum node_kind {
	NODE_NULL, NODE_FALSE, NODE_TRUE, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT
};

/* One value. What an array or object holds stands right behind it. */
struct node {
	const char *key;	/* as it stands between the quotes; NULL: in no object */
	const char *text;	/* of a string, the same; of a number, its digits */
	uint32_t nkey, n;	/* bytes of those */
	uint32_t size;		/* nodes of this value, itself included */
	uint8_t kind;		/* enum node_kind */
	bool key_escaped, escaped;	/* a backslash is in it */
	double num;		/* of a number; infinite when no double holds it */
};

struct payload {
	size_t n;
	struct node nodes[PAYLOAD_NODES];
};

/* TEXT (N bytes) must stay while the nodes are used: nodes[0] is the whole. 0, or
 * -1 and E, ERR_FOREIGN: what is wrong, and at which byte. */
int payload_read(struct payload *p, const char *text, size_t n, struct err *e);

/* What V holds, one after the other: NULL at the end, and of anything but an array
 * or object. node_next(V, C): behind C, which V holds. */
const struct node *node_first(const struct node *v);
const struct node *node_next(const struct node *v, const struct node *c);
/* The member KEY of an object, or NULL. */
const struct node *node_get(const struct node *v, const char *key);
/* The same when it is an object, an array, a string... */
const struct node *node_get_kind(const struct node *v, const char *key, enum node_kind kind);
bool node_named(const struct node *v, const char *key);

/* A string, unescaped, cleaned for showing (text.h) and terminated. False, and ""
 * in BUF: V (which may be NULL) is none, or has no room. */
bool node_text(const struct node *v, char *buf, size_t size);
/* The same as it came: not for showing. */
bool node_raw(const struct node *v, char *buf, size_t size);
/* Is V the string S? */
bool node_is(const struct node *v, const char *s);

/* "null", "a string", for complaints. */
const char *node_what(const struct node *v);

#endif
