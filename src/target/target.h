/*
 * target.h - where a meter is, as `-c TARGET` says it.
 */
#ifndef METERCTL_TARGET_TARGET_H
#define METERCTL_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "target_mqtt.h"

#define TARGET_TEXT 640
#define TARGET_PAUSE_MAX 5000	/* ms */

enum scheme {
#define SCHEME(id, prefix, port, form, least, most, others, flags, opener, name, title) SCHEME_##id,
#include "schemes.h"
#undef SCHEME
	SCHEMES
};

/* What a scheme can do; without SCHEME_TCP_FRAMES and SCHEME_BROKER it carries RTU frames. */
enum {
	SCHEME_SERIAL = 1,	/* a serial port of this machine */
	SCHEME_NETWORK = 2,	/* a gateway or serial server at a host and port */
	SCHEME_DATAGRAM = 4,	/* datagrams, one frame each, and no connection */
	SCHEME_TCP_FRAMES = 8,	/* Modbus TCP frames, whose answers name what they answer */
	SCHEME_BROKER = 16,	/* an MQTT broker at a host and port; the meter sends by itself,
				   unless its registers are reached through a tunnel */
	SCHEME_TLS = 32,
	SCHEME_WEB = 128,	/* inside a websocket */
	SCHEME_SIMULATED = 64
};

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
	char host[256];		/* of SCHEME_NETWORK and SCHEME_BROKER */
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

/* The unit addresses a scheme takes (schemes.h). */
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

/* For a person: "Modbus TCP" in a list, and at greater length. */
const char *scheme_name(enum scheme s);
const char *scheme_title(enum scheme s);
/* How a target of scheme I begins ("rtu:", "mqtt://"); NULL behind the last. */
const char *target_scheme(size_t i);
/* The one of T. */
const char *target_prefix(const struct target *t);
/* All of them with what follows, for a person: "rtu:/dev/..., tcp:HOST, ... sim:".
 * Returns BUF. */
const char *target_forms(char *buf, size_t size);
#define TARGET_FORMS 160

/* Does its scheme have all of these (SCHEME_SERIAL ...)? Nobody asks for one by name. */
bool target_can(const struct target *t, unsigned flags);
static inline bool target_is_serial(const struct target *t) { return target_can(t, SCHEME_SERIAL); }
static inline bool target_is_network(const struct target *t) { return target_can(t, SCHEME_NETWORK); }
static inline bool target_is_datagram(const struct target *t) { return target_can(t, SCHEME_DATAGRAM); }
static inline bool target_frames_tcp(const struct target *t) { return target_can(t, SCHEME_TCP_FRAMES); }
static inline bool target_is_broker(const struct target *t) { return target_can(t, SCHEME_BROKER); }
static inline bool target_is_simulated(const struct target *t) { return target_can(t, SCHEME_SIMULATED); }

/* The scheme that reaches the same place with the other framing: RTU over TCP for Modbus
 * TCP, and the reverse. */
enum scheme target_other_frames(const struct target *t);
/* Does it upload by itself, so that there are no registers? */
bool target_pushes(const struct target *t);
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

/* Are A and B on one wire: the same serial port, under whatever name, or the same host and port?
 * What a simulated meter or a broker has is no line. */
bool target_same_line(const struct target *a, const struct target *b);

/* What a character takes on its serial port, in us. */
int64_t target_char_us(const struct target *t);
/* "9600 8N1" */
const char *target_line(const struct target *t, char *buf, size_t size);

#endif
