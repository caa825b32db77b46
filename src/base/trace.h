/*
 * trace.h - every frame on the line, as it went, with microsecond times.
 *
 * A trace is a list of observers: the --trace file, the Trace screen, a test.
 * Observers are called on the thread that owns the link.
 */
#ifndef METERCTL_BASE_TRACE_H
#define METERCTL_BASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

enum trace_dir {
	TRACE_OUT,	/* we sent it */
	TRACE_IN,	/* a good answer */
	TRACE_BAD,	/* bytes that are not our answer, or a broker that is gone (no bytes);
			   note says why */
	TRACE_NOTE	/* no bytes: a timeout, a reopened port, a split block; a broker is
			   connected to */
};

struct trace_frame {
	enum trace_dir dir;
	int64_t at_us;		/* wall clock, us since 1970 */
	const uint8_t *bytes;
	size_t n;
	bool tcp;		/* of Modbus TCP, with its header; else of RTU, with a check */
	const char *note;	/* never NULL; "" */
	const char *topic;	/* of a broker's message; may hold a NUL; NULL: a frame */
	size_t topic_len;
};

struct trace_sink {
	void (*frame)(void *arg, const struct trace_frame *f);
	void *arg;
	struct trace_sink *next;
};

struct trace {
	struct trace_sink *first;
};

void trace_add(struct trace *t, struct trace_sink *s);
/* T may be NULL. */
void trace_emit(const struct trace *t, enum trace_dir dir,
		const uint8_t *bytes, size_t n, const char *note);
/* The same for a frame that is filled in; at_us 0: now. */
void trace_pass(const struct trace *t, const struct trace_frame *f);

/* One line a frame: "14:03:27.123456 > 01 03 00 14 00 01 C4 0E  note"; of a message
 * "14:03:27.123456 < a/topic {"its":"payload"}  note", in hex when the payload is no
 * plain text. What has no room ends in "...". Returns BUF. */
const char *trace_line(const struct trace_frame *f, char *buf, size_t size);

/* A sink that writes such lines to FILE, flushed line by line; packets for Wireshark when
 * its name ends in .pcapng (pcapng.h). It takes the place of an older trace; of another
 * file with FORCE only (outfile.h). */
int trace_file_open(struct trace_sink *s, const char *path, bool force, struct err *e);
/* -1 when not all of it could be written (errno says why). */
int trace_file_close(struct trace_sink *s);

#endif
