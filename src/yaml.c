#include "yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "text.h"

static int complain_parser(const char *file, const yaml_parser_t *p, struct err *e)
{
	const yaml_mark_t *at = p->error == YAML_READER_ERROR
		? &p->mark : &p->problem_mark;

	return err_set(e, ERR_USAGE, "%s:%zu:%zu: %s", file, at->line + 1,
		       at->column + 1, p->problem ? p->problem : "not YAML");
}

int yaml_open(struct yaml *y, const char *path, struct err *e)
{
	yaml_parser_t parser;
	struct stat st;
	int rc = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		return err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
	if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > YAML_MAX_FILE) {
		fclose(f);
		return err_set(e, ERR_USAGE, "cannot read '%s': not a file of at most %u MiB",
			       path, YAML_MAX_FILE >> 20);
	}
	snprintf(y->file, sizeof(y->file), "%s", path);
	if (!yaml_parser_initialize(&parser)) {
		fclose(f);
		return err_set(e, ERR_NO, "cannot read '%s': out of memory", path);
	}
	yaml_parser_set_input_file(&parser, f);
	if (yaml_parser_load(&parser, &y->doc))
		rc = 0;
	else
		complain_parser(y->file, &parser, e);
	yaml_parser_delete(&parser);
	fclose(f);
	return rc;
}

void yaml_release(struct yaml *y)
{
	yaml_document_delete(&y->doc);
}

yaml_node_t *yaml_root(struct yaml *y)
{
	return yaml_document_get_root_node(&y->doc);
}

int yaml_complain(const struct yaml *y, const yaml_node_t *n, struct err *e,
		  const char *fmt, ...)
{
	char text[ERR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!n)
		return err_set(e, ERR_USAGE, "%s: %s", y->file, text);
	return err_set(e, ERR_USAGE, "%s:%zu:%zu: %s", y->file,
		       n->start_mark.line + 1, n->start_mark.column + 1, text);
}

const char *yaml_text(const struct yaml *y, const yaml_node_t *n, struct err *e)
{
	const char *s = n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;

	if (!s)
		yaml_complain(y, n, e, "expected a single value, not a list or mapping");
	else if (strlen(s) != n->data.scalar.length) {
		yaml_complain(y, n, e, "text with a NUL character");
		s = NULL;
	}
	return s;
}

int yaml_long(const struct yaml *y, const yaml_node_t *n, long min, long max,
	      long *out, struct err *e)
{
	const char *s = yaml_text(y, n, e);

	if (!s)
		return -1;
	if (!text_long(s, min, max, out))
		return yaml_complain(y, n, e, "'%s' is no whole number from %ld to %ld",
				     s, min, max);
	return 0;
}

int yaml_double(const struct yaml *y, const yaml_node_t *n, double *out, struct err *e)
{
	const char *s = yaml_text(y, n, e);

	if (!s)
		return -1;
	if (!text_double(s, out))
		return yaml_complain(y, n, e, "'%s' is no number", s);
	return 0;
}

int yaml_bool(const struct yaml *y, const yaml_node_t *n, bool *out, struct err *e)
{
	const char *s = yaml_text(y, n, e);

	if (!s)
		return -1;
	if (!strcasecmp(s, "yes") || !strcasecmp(s, "true"))
		*out = true;
	else if (!strcasecmp(s, "no") || !strcasecmp(s, "false"))
		*out = false;
	else
		return yaml_complain(y, n, e, "'%s' is neither yes nor no", s);
	return 0;
}

yaml_node_t *yaml_item(struct yaml *y, const yaml_node_t *seq, size_t i)
{
	const yaml_node_item_t *item = seq->data.sequence.items.start + i;

	if (seq->type != YAML_SEQUENCE_NODE || item >= seq->data.sequence.items.top)
		return NULL;
	return yaml_document_get_node(&y->doc, *item);
}

bool yaml_pair(struct yaml *y, const yaml_node_t *map, size_t i,
	       yaml_node_t **key, yaml_node_t **value)
{
	const yaml_node_pair_t *pair = map->data.mapping.pairs.start + i;

	if (map->type != YAML_MAPPING_NODE || pair >= map->data.mapping.pairs.top)
		return false;
	*key = yaml_document_get_node(&y->doc, pair->key);
	*value = yaml_document_get_node(&y->doc, pair->value);
	return true;
}

yaml_node_t *yaml_get(struct yaml *y, const yaml_node_t *map, const char *key)
{
	yaml_node_t *k, *v;

	for (size_t i = 0; yaml_pair(y, map, i, &k, &v); i++)
		if (k->type == YAML_SCALAR_NODE
		    && strcmp((const char *)k->data.scalar.value, key) == 0)
			return v;
	return NULL;
}
