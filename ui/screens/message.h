/*
 * message.h - a broker's message as the Trace screen shows it. Payloads come from anybody:
 * nothing of them reaches the terminal uncleaned.
 */
#ifndef METERCTL_UI_SCREENS_MESSAGE_H
#define METERCTL_UI_SCREENS_MESSAGE_H

#include "ui/screen.h"

/* Its payload in one line: as text or, when it is none, in hex. Returns BUF. */
const char *message_text(const struct ui_frame *f, char *buf, size_t size);

/* Everything there is of it, in lines of at most WIDTH cells; "" without memory. The
 * caller frees. */
char *message_page(const struct ui_frame *f, int width);

#endif
