/*
 * target.h - where a meter is, as `-c TARGET` says it.
 */
#ifndef METERCTL_TARGET_TARGET_H
#define METERCTL_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "target_mqtt.h"

#define TARGET_TEXT 640
#define TARGET_PAUSE_MAX 5000	/* ms */

enum scheme { SCHEME_RTU, SCHEME_TCP, SCHEME_RTUTCP, SCHEME_UDP, SCHEME_RTUUDP, SCHEME_SIM, SCHEME_MQTT };

/* What turns the RS485 driver of a port round, for the time of a frame. */
enum target_rs485 {
	RS485_ADAPTER,		/* nothing of ours: the adapter does it */
	RS485_KERNEL,		/* the kernel's driver of the port */
	RS485_RTS,		/* RTS, on while sending */
	RS485_RTS_INVERTED	/* RTS, off while sending */
};
#define RS485_MOST_MS 100	/* Linux: RS485_MAX_RTS_DELAY, drivers/tty/serial/serial_core.c */

struct target {
	enum scheme scheme;
	char path[256];		/* rtu: device */
	char host[256];		/* all but rtu and sim */
	int port;
	int baud;		/* 1200 .. 115200 */
	char parity;		/* 'N', 'E', 'O' */
	int stop;		/* 1 or 2 */
	enum target_rs485 rs485;
	int rs485_before;	/* ms that the driver is on before a frame, up to RS485_MOST_MS; */
	int rs485_after;	/* and after it. 0: none, or as the kernel's driver has it */
	int unit;		/* see target_units() */
	int pause_ms;		/* silence before a request, 1 .. 5000; 0: learned */
	bool exclusive;		/* no other master is on the line */
	char scenario[256];	/* sim: comma-separated, see sim.h */
	struct target_mqtt mqtt;
	char text[TARGET_TEXT];	/* as given, for messages and JSON */
};

#define UNIT_MAX 247		/* of a meter's own address on a serial line */

/* The unit addresses a scheme takes. Modbus over Serial Line V1.02, 2.2: 1 to 247 are
 * meters', 0 is all of them (see link/broadcast.h), 248 to 255 are reserved, and some
 * meters have them all the same. Messaging on TCP/IP Implementation
 * Guide V1.0b, 4.4.2: 0 and 255 are the device itself, behind no gateway. */
struct unit_range {
	int least, most;
};
struct unit_range target_units(enum scheme scheme);

/* Why nothing may be written at a unit address: it is not one meter's own, or a
 * serial line reserves it. */
enum unit_ban { UNIT_FREE, UNIT_BROADCAST, UNIT_RESERVED };

/* Parses a TARGET; a name without a scheme is looked up in the configuration
 * file. ERR_USAGE with what is wrong and what would be right. */
int target_parse(const char *text, struct target *t, struct err *e);

/* The speeds there are, in words. */
#define TARGET_RATES "1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200"
/* The one that TEXT says, or 0. */
int target_rate(const char *text);

/* The canonical text of T ("rtu:/dev/ttyUSB0?baud=9600&parity=none&stop=1&unit=1",
 * parts at their default left out unless FULL). Returns BUF. */
const char *target_format(const struct target *t, int full, char *buf, size_t size);

/* Makes T the target of a meter in which one of the line's own settings
 * (comm.address, comm.baud, comm.frame) holds VALUE, as text. False, and T as it
 * was, for any other key or value. */
bool target_change(struct target *t, const char *key, const char *value);

/* A simulated meter is named by its scenario: makes that say the unit and the pace
 * T has been given since it was BEFORE. ERR_USAGE when there is no room. */
int target_follow(struct target *t, const struct target *before, struct err *e);

/* The schemes there are as a target begins with them ("rtu:", "mqtt://"): the I-th, or
 * NULL behind the last. */
const char *target_scheme(size_t i);
/* The one of T. */
const char *target_prefix(const struct target *t);
/* All of them with what follows, for a person: "rtu:/dev/..., tcp:HOST, ... sim:".
 * Returns BUF. */
const char *target_forms(char *buf, size_t size);
#define TARGET_FORMS 160

/* What differs from scheme to scheme. */
/* A serial port of this machine? */
static inline bool target_is_serial(const struct target *t)
{
	return t->scheme == SCHEME_RTU;
}

/* Modbus TCP frames, whose answers name what they answer? Else RTU frames. */
static inline bool target_frames_tcp(const struct target *t)
{
	return t->scheme == SCHEME_TCP || t->scheme == SCHEME_UDP;
}

/* Datagrams, one frame each, and no connection? */
static inline bool target_is_datagram(const struct target *t)
{
	return t->scheme == SCHEME_UDP || t->scheme == SCHEME_RTUUDP;
}

/* A gateway or serial server at a host and port? */
static inline bool target_is_network(const struct target *t)
{
	return t->scheme == SCHEME_TCP || t->scheme == SCHEME_RTUTCP || target_is_datagram(t);
}

/* Is it a meter behind a broker whose registers are reached through a tunnel? */
bool target_tunnels(const struct target *t);
/* Is it a meter, or (false) a broker with all the meters it shows? */
bool target_is_meter(const struct target *t);

/* Does T carry RTU frames, as a serial line has them? */
bool target_frames_rtu(const struct target *t);
/* May T be written to? */
enum unit_ban target_unit_ban(const struct target *t);
/* ERR_DENIED and why, -1; 0 for UNIT_FREE. */
int unit_ban_complain(enum unit_ban ban, struct err *e);
/* Both in one. */
int target_may_write(const struct target *t, struct err *e);

/* "9600 8N1" */
const char *target_line(const struct target *t, char *buf, size_t size);

#endif
