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
 * - Its receiving thread waits for what can be read, up to a second, and sees only then
 *   that a connection stands; its sending thread, held up by a broker's Receive Maximum
 *   (MQTT 5), sees once a second that it may go on.
 * - It ignores SIGPIPE for the whole process; paho_load() puts that back. Its threads
 *   are started by the first connect(); paho_load() makes that with all signals blocked.
 *
 * For the second and third, paho_load() makes a client of its own that never goes: it
 * is connected to this process by a socket of the loopback interface, over which
 * either thread can be woken.
 */
#ifndef METERCTL_MQTT_PAHO_H
#define METERCTL_MQTT_PAHO_H

#include <MQTTAsync.h>

#include "base/err.h"

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

/* Makes the thread that receives look at all connections, and the one that sends at
 * what waits. Not from a callback. */
void paho_wake_receiver(void);
void paho_wake_sender(void);

/* Fills P from the library FILE: the part of paho_load() that can fail. */
int paho_fill(struct paho *p, const char *file, struct err *e);

#endif
