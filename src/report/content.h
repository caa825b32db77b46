/*
 * content.h - what the sections of a report have in common: looking things up in
 * the data.
 */
#ifndef METERCTL_REPORT_CONTENT_H
#define METERCTL_REPORT_CONTENT_H

#include <jansson.h>
#include <stdbool.h>

#include "doc.h"

/* KEY of the object O (NULL: nothing in it): its text, or "". */
const char *content_text(const json_t *o, const char *key);
/* Lacks the model what the section WHAT is about? Then says so, in the place of the section's own. */
bool content_lack(struct doc *d, const json_t *data, const char *what);
/* A number, or NAN. */
double content_number(const json_t *o, const char *key);
/* "--" for what is not known, else V. Returns BUF. */
const char *content_digits(double v, int decimals, char *buf, size_t size);
/* A ratio: as many decimals as it has, of the three that are kept. */
const char *content_ratio(double v, char *buf, size_t size);
/* How the comparison with a clamp meter ended. */
enum doc_role content_clamp_role(const json_t *clamp);
/* What a proof of the uplink says: "pass", "fail at login". Returns BUF. */
enum doc_role content_uplink_role(const json_t *uplink);
const char *content_uplink_says(const json_t *uplink, char *buf, size_t size);
/* The first N characters of an RFC 3339 time, as people write it. Returns BUF. */
const char *content_time(const json_t *o, const char *key, int n, char buf[24]);
/* The reading of KEY in the data; NULL. */
const json_t *content_reading(const json_t *data, const char *key);

/* The sections, each in its own file or together with its kin. */
void content_checklist(struct doc *d, const json_t *data);
void content_summary(struct doc *d, const json_t *data);
void content_wiring(struct doc *d, const json_t *data);
void content_missing(struct doc *d, const json_t *data);
void content_live(struct doc *d, const json_t *data);
void content_ratios(struct doc *d, const json_t *data);
void content_harmonics(struct doc *d, const json_t *data);
void content_clock(struct doc *d, const json_t *data);
void content_uplink(struct doc *d, const json_t *data);
void content_changes(struct doc *d, const json_t *data);
void content_settings(struct doc *d, const json_t *data);
void content_origin(struct doc *d, const json_t *data);

#endif
