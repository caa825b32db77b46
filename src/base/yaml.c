#include "yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ascii.h"
#include "text.h"

static int complain_parser(const char *file, const yaml_parser_t *p, struct err *e)
{
	const yaml_mark_t *at = p->error == YAML_READER_ERROR
		? &p->mark : &p->problem_mark;

	return err_set(e, ERR_USAGE, "%s:%zu:%zu: %s", file, at->line + 1,
		       at->column + 1, p->problem ? p->problem : "not YAML");
}

/* What no file of ours has, and a tree would hide: -1 and E. DOCUMENTS: begun so far, DEPTH: within them. */
static int yaml_check_event(const yaml_event_t *event, const char *file, int documents, int depth, struct err *e)
{
	const char *what = NULL;

	if (depth > YAML_MAX_DEPTH)
		return err_set(e, ERR_USAGE, "%s:%zu:%zu: nested more than %d deep", file,
			       event->start_mark.line + 1, event->start_mark.column + 1, YAML_MAX_DEPTH);
	if (documents > 1)
		what = "second document: nothing after this line would be read (put it into a file of its own)";
	/* YAML 1.1, merge key: plain "<<"; a quoted one is a text */
	else if (event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
		 && strcmp((const char *)event->data.scalar.value, "<<") == 0)
		what = "merge key '<<' not supported (write its lines here)";
	return what ? err_set(e, ERR_USAGE, "%s:%zu:%zu: %s", file, event->start_mark.line + 1,
			      event->start_mark.column + 1, what) : 0;
}

/*
 * Runs over the events of the file, to its end or its first error. libyaml 0.2.5
 * takes time quadratic in the nesting to load a document (100 kB of '[' keep it
 * busy for 19 s), but not to begin one: stop before.
 */
static int check_events(yaml_parser_t *p, const char *file, struct err *e)
{
	yaml_event_type_t type = YAML_NO_EVENT;
	int depth = 0, documents = 0, rc = 0;

	while (!rc && type != YAML_STREAM_END_EVENT) {
		yaml_event_t event;

		if (!yaml_parser_parse(p, &event))
			return complain_parser(file, p, e);
		type = event.type;
		documents += type == YAML_DOCUMENT_START_EVENT;
		depth += type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
		depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
		rc = yaml_check_event(&event, file, documents, depth, e);
		yaml_event_delete(&event);
	}
	return rc;
}

static int yaml_load(struct yaml *y, FILE *f, struct err *e)
{
	yaml_parser_t parser;
	int rc = -1;

	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_NO, "cannot read '%s': out of memory", y->file);
	yaml_parser_set_input_file(&parser, f);
	if (check_events(&parser, y->file, e))
		goto out;
	yaml_parser_delete(&parser);
	rewind(f);
	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_NO, "cannot read '%s': out of memory", y->file);
	yaml_parser_set_input_file(&parser, f);
	rc = yaml_parser_load(&parser, &y->doc) ? 0 : complain_parser(y->file, &parser, e);
out:
	yaml_parser_delete(&parser);
	return rc;
}

int yaml_open(struct yaml *y, const char *path, struct err *e)
{
	struct stat st;
	int rc = -1;
	/* a fifo would be waited for: it is refused below */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f) {
		err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	snprintf(y->file, sizeof(y->file), "%s", path);
	if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > YAML_MAX_FILE)
		err_set(e, ERR_USAGE, "cannot read '%s': not a file of at most %u MiB",
			path, YAML_MAX_FILE >> 20);
	else
		rc = yaml_load(y, f, e);
	fclose(f);
	return rc;
}

int yaml_open_text(struct yaml *y, const char *name, const char *text, struct err *e)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "cannot read '%s': %s", name, strerror(errno));
	snprintf(y->file, sizeof(y->file), "%s", name);
	rc = yaml_load(y, f, e);
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
	if (!text_bool(s, out))
		return yaml_complain(y, n, e, "'%s': write yes or no", s);
	return 0;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Readers of YAML 1.1 take "no" for false, "1e3", "0x10" and "12:30" for numbers,
 * "2026-01-31" for a date; digits alone, or with one point, are what they say. */
static bool is_plain(const char *s)
{
	static const char *const words[] = { "yes", "no", "on", "off", "true", "false", "null", "y", "n" };
	const char *rest = s + (s[0] == '-');
	size_t digits = strspn(rest, DIGITS);

	if (digits > 0) {
		if (digits > 1 && rest[0] == '0')
			return false;
		rest += digits;
		if (rest[0] == '.')
			return rest[1] && rest[1 + strspn(rest + 1, DIGITS)] == '\0';
		/* "8N1", "15min" */
		return rest[strspn(rest, DIGITS LETTERS)] == '\0' && !strpbrk(rest, "eExXoObB");
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (ascii_casecmp(s, words[i]) == 0)
			return false;
	return s[0] && strspn(s, LETTERS "/") > 0
	    && s[strspn(s, DIGITS LETTERS "_./:?&=%+-")] == '\0' && s[strlen(s) - 1] != ':';
}

const char *yaml_quote(const char *text, char *buf, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return buf;
	buf[0] = '\0';
	if (is_plain(text)) {
		text_append(buf, size, &at, "%s", text);
	} else {
		text_append(buf, size, &at, "\"");
		for (; *text; text++) {
			unsigned char c = (unsigned char)*text;

			if (c < 0x20 || c == 0x7F)
				text_append(buf, size, &at, "\\x%02X", c);
			else
				text_append(buf, size, &at, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
		}
		text_append(buf, size, &at, "\"");
	}
	if (at >= size - 1)
		buf[0] = '\0';
	return buf;
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
