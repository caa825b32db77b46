/*
 * paho.h - what has to be done about Eclipse Paho MQTT C before a broker is spoken to.
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
 * - It ignores SIGPIPE for the whole process; paho_start() puts that back. Its threads
 *   are started by the first connect(); paho_start() makes that with all signals blocked.
 *
 * For the second and third, paho_start() makes a client of its own that never goes: it
 * is connected to this process by a socket of the loopback interface, over which
 * either thread can be woken.
 */
#ifndef METERCTL_MQTT_PAHO_H
#define METERCTL_MQTT_PAHO_H

#include "base/err.h"

/* Starts the library, once; any thread may ask, and every broker does. -1: ERR_NO. */
int paho_start(struct err *e);

/* Makes the thread that receives look at all connections, and the one that sends at
 * what waits. Not from a callback. */
void paho_wake_receiver(void);
void paho_wake_sender(void);

#endif
