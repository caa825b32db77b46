#include "err.h"

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

void err_fill(struct err *e, enum err_code code, const char *fmt, ...)
{
	char raw[ERR_TEXT];
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	e->code = code;
	text_clean(e->text, sizeof(e->text), raw);
}

void err_put_before(struct err *e, const char *fmt, ...)
{
	char head[ERR_TEXT / 2], rest[ERR_TEXT];
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	snprintf(rest, sizeof(rest), "%s", e->text);
	err_fill(e, e->code, "%s: %s", head, rest);
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err){ .code = ERR_NONE };
}
