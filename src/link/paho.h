/*
 * paho.h - Eclipse Paho MQTT C, loaded when a broker is first spoken to.
 *
 * Linked, it would bring OpenSSL into every start, which takes longer than the rest
 * of a start (CONTRIBUTING.md, Dependencies, has the numbers). So its functions are
 * reached through this table, and through it alone.
 *
 * What is not in its manual, measured with 1.3.12:
 * - Callbacks run on two threads of the library, with its one lock held. Who waits in
 *   a callback stops every call into the library, of every client; who holds a lock
 *   of his own while he calls the library, and takes it in a callback, too, waits for
 *   ever.
 * - When its last client goes, it stops its threads, which takes a second or more.
 *   paho_load() leaves one client behind that never connects, so that none is the last.
 * - It ignores SIGPIPE for the whole process; paho_load() puts that back. Its threads
 *   are started by the first connect(): who calls that has every signal blocked.
 */
#ifndef METERCTL_LINK_PAHO_H
#define METERCTL_LINK_PAHO_H

#include <MQTTAsync.h>

#include "../err.h"

#define PAHO_LIBRARY "libpaho-mqtt3as.so.1"
#define PAHO_PACKAGE "libpaho-mqtt1.3"

/* Our name, and the library's. */
#define PAHO_FUNCTIONS(X) \
	X(create, MQTTAsync_createWithOptions) \
	X(destroy, MQTTAsync_destroy) \
	X(set_callbacks, MQTTAsync_setCallbacks) \
	X(set_disconnected, MQTTAsync_setDisconnected) \
	X(connect, MQTTAsync_connect) \
	X(disconnect, MQTTAsync_disconnect) \
	X(subscribe, MQTTAsync_subscribe) \
	X(send, MQTTAsync_send) \
	X(free, MQTTAsync_free) \
	X(free_message, MQTTAsync_freeMessage) \
	X(set_trace, MQTTAsync_setTraceCallback) \
	X(set_trace_level, MQTTAsync_setTraceLevel) \
	X(add_property, MQTTProperties_add) \
	X(free_properties, MQTTProperties_free)

struct paho {
#define X(ours, theirs) __typeof__(theirs) *ours;
	PAHO_FUNCTIONS(X)
#undef X
};

/* The library, loaded once and kept; any thread may ask. NULL: ERR_NO, and which
 * package to install. */
const struct paho *paho_load(struct err *e);

/* Fills P from the library FILE: the part of paho_load() that can fail. */
int paho_fill(struct paho *p, const char *file, struct err *e);

#endif
