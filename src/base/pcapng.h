/*
 * pcapng.h - a trace as a capture file for Wireshark and its kin (pcapng, draft-ietf-opsawg-pcapng).
 *
 * RTU frames have link type 250, RTAC serial, whose 12 bytes in front say who sends, but not
 * what: Wireshark is told once (Decode As: Modbus RTU; tshark -d rtacser.data,mbrtu).
 * Modbus TCP frames and a broker's messages have link type 252, which names their dissector.
 * Remarks are comments of packets.
 */
#ifndef METERCTL_BASE_PCAPNG_H
#define METERCTL_BASE_PCAPNG_H

#include <stdbool.h>
#include <stdio.h>

#include "trace.h"

/* Does a file of that name hold one? */
bool pcapng_named(const char *path);

/* What a file begins with. Each call writes whole blocks in one go: a file is one to be
 * read after every one of them. Failures are told by ferror(F). */
void pcapng_begin(FILE *f);
void pcapng_frame(FILE *f, const struct trace_frame *frame);

#endif
