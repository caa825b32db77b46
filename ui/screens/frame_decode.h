/*
 * frame_decode.h - a Modbus frame in words, for the Trace screen.
 */
#ifndef METERCTL_UI_SCREENS_FRAME_DECODE_H
#define METERCTL_UI_SCREENS_FRAME_DECODE_H

#include "ui/screen.h"

/* What F says: "read 41 holding registers from 20", "refused: illegal data
 * address". ASKED is the request before it, or NULL: a reply does not say which
 * registers it holds. TCP: the bytes begin with an MBAP header instead of ending
 * in a CRC. Returns BUF. */
const char *frame_decode_text(const struct ui_frame *f, const struct ui_frame *asked,
		       bool tcp, char *buf, size_t size);

/* N bytes of F from FROM as "01 03 00 14". Returns BUF. */
const char *frame_decode_hex(const struct ui_frame *f, size_t from, size_t n,
		      char *buf, size_t size);

/* Something went wrong: bytes that are not ours, a note, or a refusal. */
bool frame_decode_is_trouble(const struct ui_frame *f, bool tcp);

#endif
