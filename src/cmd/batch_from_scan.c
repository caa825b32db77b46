/*
 * batch_from_scan.c - `meterctl batch --from-scan FILE`: a batch file of the meters that a scan has
 * found (scan -f json or jsonl), a row each, to be filled in.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "batch.h"
#include "output/csv.h"
#include "target/target.h"

/* Where the rows go, and how many there are. */
struct from_scan {
	const struct app *app;
	const char *path;
	FILE *out;
	size_t rows;
};

static const char *from_scan_text(json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

static int from_scan_row(struct from_scan *f, json_t *row, struct err *e)
{
	const char *target = from_scan_text(row, "target"), *model = from_scan_text(row, "model"), *id = from_scan_text(row, "id");
	char note[200];
	struct target t;

	if (!*target || target_parse(target, &t, e))
		return err_set(e, ERR_USAGE, "'%s': a row without a valid target (is it of scan -f json?)", f->path);
	if (json_is_true(json_object_get(row, "doubled"))) {
		app_say(f->app, "'%s' left out: two meters have this address", target);
		return 0;
	}
	snprintf(note, sizeof(note), "%.90s%s%.90s", model, *model && *id ? " " : "", id);
	csv_cell(f->out, target);
	fputc(',', f->out);
	csv_cell(f->out, from_scan_text(row, "profile"));
	fputc(',', f->out);
	csv_cell(f->out, note);
	fputs("\r\n", f->out);
	f->rows++;
	return 0;
}

/* A document with its list, or a row alone. */
static int from_scan_value(struct from_scan *f, json_t *value, struct err *e)
{
	json_t *found = json_object_get(value, "found"), *row;
	size_t i;

	if (!found)
		return from_scan_row(f, value, e);
	json_array_foreach(found, i, row)
		if (from_scan_row(f, row, e))
			return -1;
	return 0;
}

static int from_scan_skip_blanks(FILE *in)
{
	int c;

	do
		c = fgetc(in);
	while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
	ungetc(c, in);
	return c;
}

static int from_scan_read(struct from_scan *f, FILE *in, struct err *e)
{
	int rc = 0;

	while (!rc && from_scan_skip_blanks(in) != EOF) {
		json_error_t why;
		json_t *value = json_loadf(in, JSON_DISABLE_EOF_CHECK, &why);

		if (!json_is_object(value)) {
			json_decref(value);
			return err_set(e, ERR_USAGE, "'%s' is not the output of scan -f json or jsonl", f->path);
		}
		rc = from_scan_value(f, value, e);
		json_decref(value);
	}
	return rc;
}

static int from_scan_give(const struct from_scan *f, const char *output, const char *text, struct err *e)
{
	if (f->rows == 0)
		return err_set(e, ERR_NO, "'%s' has no meter", f->path);
	if (!output) {
		fputs(text, f->app->out);
		return 0;
	}
	if (outfile_put(output, text, outfile_how(f->app->force), e))
		return -1;
	app_say(f->app, "%zu meter%s in '%s'", f->rows, f->rows == 1 ? "" : "s", output);
	return 0;
}

int batch_from_scan(const struct app *a, const char *path, const char *output, struct err *e)
{
	struct from_scan f = { .app = a, .path = path };
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size;
	int rc;

	if (!in)
		return err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
	f.out = open_memstream(&text, &size);
	if (!f.out) {
		fclose(in);
		return err_set(e, ERR_NO, "out of memory");
	}
	fputs("target,profile,note\r\n", f.out);
	rc = from_scan_read(&f, in, e);
	fclose(in);
	if (fclose(f.out) && !rc)
		rc = err_set(e, ERR_NO, "out of memory");
	if (!rc)
		rc = from_scan_give(&f, output, text, e);
	free(text);
	return rc;
}
