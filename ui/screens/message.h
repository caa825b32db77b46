/*
 * message.h - a broker's message for the Trace screen: what is kept of it, and how it
 * reads. Payloads come from anybody: nothing of them reaches the terminal uncleaned.
 */
#ifndef METERCTL_UI_SCREENS_MESSAGE_H
#define METERCTL_UI_SCREENS_MESSAGE_H

#include "ui/screen.h"

/* Is SN in the N bytes of P, with no letter or digit on either side? */
bool message_names(const void *p, size_t n, const char *sn);

/* Is F a message from the topics of target T that is not of its meter? Where a meter has a
 * topic of its own, its messages need not say whose they are. */
bool message_is_other(const struct trace_frame *f, const struct target *t);
/* TO becomes the frame or message F, which came from the target T. */
void message_keep(struct ui_frame *to, const struct trace_frame *f, const struct target *t);

/* Its payload in one line: as text or, when it is none, in hex. Returns BUF. */
const char *message_text(const struct ui_frame *f, char *buf, size_t size);

/* Everything there is of it, in lines of at most WIDTH cells; "" without memory. The
 * caller frees. */
char *message_page(const struct ui_frame *f, int width);

#endif
