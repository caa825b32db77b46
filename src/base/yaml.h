/*
 * yaml.h - a YAML file as a tree that remembers where everything stood, so that
 * every complaint, also one about meaning, can name file, line and column.
 *
 * Thin over libyaml: anchors and tags are not used here and are ignored as libyaml gives
 * them; a second document and a merge key ("<<:") are complaints with their place.
 */
#ifndef METERCTL_BASE_YAML_H
#define METERCTL_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "err.h"

#define YAML_MAX_FILE (4U << 20)	/* a file larger than this is not ours */
#define YAML_MAX_DEPTH 16		/* nor is one nested deeper */

struct yaml {
	char file[256];		/* for messages */
	yaml_document_t doc;
};

/* Reads a whole file. ERR_USAGE when it cannot be read or is no YAML.
 * yaml_release() after success only. */
int yaml_open(struct yaml *y, const char *path, struct err *e);
void yaml_release(struct yaml *y);
/* The same of TEXT, as if it were the file NAME. */
int yaml_open_text(struct yaml *y, const char *name, const char *text, struct err *e);

/* The root, or NULL for an empty document. */
yaml_node_t *yaml_root(struct yaml *y);

/* Fills E with "file:line:column: text" (ERR_USAGE); returns -1. */
int yaml_complain(const struct yaml *y, const yaml_node_t *n, struct err *e,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Scalar text, or NULL and a complaint. Valid until yaml_release(). */
const char *yaml_text(const struct yaml *y, const yaml_node_t *n, struct err *e);
int yaml_long(const struct yaml *y, const yaml_node_t *n, long min, long max,
	      long *out, struct err *e);
int yaml_double(const struct yaml *y, const yaml_node_t *n, double *out, struct err *e);
int yaml_bool(const struct yaml *y, const yaml_node_t *n, bool *out, struct err *e);

/* TEXT as a value to write into a file: as it is when every YAML reader takes it
 * for this text or this number, else in double quotes. Returns BUF, which is ""
 * when it does not fit. */
const char *yaml_quote(const char *text, char *buf, size_t size);

/* Walks a mapping or sequence: `for (i = 0; (n = yaml_item(y, seq, i)); i++)`. */
yaml_node_t *yaml_item(struct yaml *y, const yaml_node_t *seq, size_t i);
bool yaml_pair(struct yaml *y, const yaml_node_t *map, size_t i,
	       yaml_node_t **key, yaml_node_t **value);
/* The value of KEY in a mapping, or NULL. */
yaml_node_t *yaml_get(struct yaml *y, const yaml_node_t *map, const char *key);

#endif
