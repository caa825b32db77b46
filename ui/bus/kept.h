/*
 * kept.h - what is kept for the screens of a frame, or of a broker's message.
 */
#ifndef METERCTL_UI_BUS_KEPT_H
#define METERCTL_UI_BUS_KEPT_H

#include "model.h"

/* Is SN in the N bytes of P, with no letter or digit on either side? */
bool kept_names(const void *p, size_t n, const char *sn);

/* Is F a message from the topics of target T that is not of its meter? Where a meter has a
 * topic of its own, its messages need not say whose they are. */
bool kept_is_other(const struct trace_frame *f, const struct target *t);
/* TO becomes the frame or message F, which came from the target T. */
void kept_frame(struct ui_frame *to, const struct trace_frame *f, const struct target *t);

#endif
