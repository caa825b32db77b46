/*
 * raw.h - what `raw read` and `raw write` have in common.
 */
#ifndef METERCTL_CMD_RAW_H
#define METERCTL_CMD_RAW_H

#include <jansson.h>

#include "app.h"
#include "profile/profile.h"

/* The register that WORD names, decimal or 0x. ERR_USAGE. */
int raw_address(const char *word, long *addr, struct err *e);

/* Key of the point that holds the register; of a longer one also the word, "key+1"; "" without one. */
const char *raw_key(const struct profile *p, enum space space, long addr,
		    char *buf, size_t size);

/* What both documents say before their list. */
json_t *raw_head_json(const struct meter *m, enum space space, int64_t at_us);

/* `raw write ADDR VALUE ...`: WORDS are what follows `write`. YES: confirmed. */
int raw_write(struct app *a, bool yes, int n, char **words, struct err *e);

#endif
