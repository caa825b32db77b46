#include "failure.h"

#include <jansson.h>
#include <string.h>

#include "output/output.h"

/* EXIT STATUS of meterctl(1), as words. */
static const char *failure_code(enum err_code code)
{
	switch (code) {
	case ERR_NONE: break;
	case ERR_NO: return "no";
	case ERR_USAGE: return "usage";
	case ERR_SILENT: return "no-reply";
	case ERR_FOREIGN: return "not-ours";
	case ERR_REFUSED: return "rejected";
	case ERR_UNVERIFIED: return "not-verified";
	case ERR_DENIED: return "not-allowed";
	case ERR_SOME: return "some-failed";
	case ERR_INTERRUPTED: return "interrupted";
	}
	return "";
}

/* Where a message says in its last brackets what to check: their beginning, else its end. */
static size_t failure_hint(const char *text)
{
	size_t n = strlen(text), at = n, depth = 0;

	if (n == 0 || text[n - 1] != ')')
		return n;
	do {
		at--;
		depth += text[at] == ')';
		depth -= text[at] == '(';
	} while (at > 0 && depth > 0);
	return at > 1 && depth == 0 && text[at - 1] == ' ' ? at : n;
}

void failure_print(const struct app *a, const struct err *e)
{
	size_t n = strlen(e->text), hint = failure_hint(e->text);
	json_t *check = json_array(), *j;
	struct err none;

	if (!*e->text || a->host || !(a->format->form & IN_JSON) || a->documented || ferror(a->out)) {
		json_decref(check);
		return;
	}
	if (hint < n)
		json_array_append_new(check, json_stringn(e->text + hint + 1, n - hint - 2));
	j = json_pack("{s:s, s:i, s:s, s:s%, s:o}", "schema", "meterctl.error/1", "exit", (int)e->code,
		      "code", failure_code(e->code), "message", e->text, hint < n ? hint - 1 : n, "check", check);
	output_json(a->out, j, &none);
}
