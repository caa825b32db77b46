/*
 * support.h - a meter that speaks by itself: what its dialect can carry, and what it
 * cannot. A screen that waits for what never comes should say so.
 */
#ifndef METERCTL_UI_BUS_SUPPORT_H
#define METERCTL_UI_BUS_SUPPORT_H

#include "mqtt/dialects/dialect.h"
#include "model.h"

/* The dialect of its uploads; NULL: it is asked, or has not uploaded yet and the target
 * does not say. */
const struct dialect *support_dialect(const struct ui *u);

/* Point IDX has no reading, and no upload will ever bring one. */
bool support_never(const struct ui *u, size_t idx);
#define SUPPORT_MARK "·"	/* stands in its place */
/* None of SEL will ever have one. */
bool support_none(const struct ui *u, const struct selection *sel);

/* How a meter that speaks by itself is while its broker is connected; WHY says so unless it
 * is LIVE. */
enum line_state support_line(const struct link_uplink *up, int64_t now_us, struct err *why);

/* Keeps in SAID, which holds N of UI_SAID, what UP says that is no point. Returns how many
 * it holds now. */
size_t support_keep_said(struct ui_said *said, size_t n, const struct upload *up, int64_t mono_us);
/* What was said of item NAME, which is no point; NULL: nothing yet. */
const struct ui_said *support_said(const struct ui *u, const char *name);

/* Has this link no way to set P? E says why. False also while its dialect is not known:
 * the review asks again. */
bool support_cannot_set(const struct ui *u, const struct point *p, struct err *e);

/* Can it be set to V? As above. */
bool support_cannot_set_to(const struct ui *u, const struct point *p, double v, struct err *e);

/* "documented", "public code", "our reading". */
const char *support_source(enum provenance from);

#endif
