#include "shell_record.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "cmdline.h"

int shell_record_begin(struct shell_record *r, const struct app *shell, struct app *line, struct err *e)
{
	*r = (struct shell_record){ 0 };
	if (shell->format->form != IN_LINES)
		return 0;
	r->f = open_memstream(&r->text, &r->size);
	line->format = format_find("json", e);
	if (!r->f || !line->format)
		return err_set(e, ERR_NO, "out of memory");
	line->out = r->f;
	return 0;
}

/* What was printed: a document, lines of them, or a text; NULL: nothing. */
static json_t *shell_record_output(const char *text, size_t n, const char **name)
{
	json_t *rows, *one;
	size_t at = 0;

	*name = "result";
	one = json_loadb(text, n, 0, NULL);
	if (one || n == 0)
		return one;
	*name = "rows";
	rows = json_array();
	while (at < n) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;

		one = json_loadb(text + at, len, 0, NULL);
		if (!one || json_array_append_new(rows, one))
			break;
		at += len + 1;
	}
	if (at >= n)
		return rows;
	json_decref(rows);
	*name = "text";
	return json_stringn(text, text[n - 1] == '\n' ? n - 1 : n);
}

int shell_record_end(struct shell_record *r, const struct app *shell, const struct profile *profile,
		     unsigned number, const char *text, int status, const struct err *why)
{
	char masked[CMDLINE_LINE];
	const char *name;
	struct err e = { 0 };
	json_t *j, *output;

	if (!r->f)
		return status;
	fclose(r->f);
	output = r->text ? shell_record_output(r->text, r->size, &name) : NULL;
	j = json_pack("{s:s, s:o*, s:s, s:i, s:s*}", "schema", "meterctl.shell/1",
		      "line", number ? json_integer(number) : NULL,
		      "command", cmdline_mask(profile, text, masked, sizeof(masked)), "status", status,
		      "error", status && *why->text ? why->text : NULL);
	if (output && json_object_set_new(j, name, output)) {
		json_decref(j);
		j = NULL;
	}
	free(r->text);
	r->f = NULL;
	if (output_json(shell->out, j, &e) == 0 && fflush(shell->out) == 0)
		return status;
	app_complain(shell, &e);
	return status ? status : ERR_NO;
}
