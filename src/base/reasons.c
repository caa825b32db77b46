#include "reasons.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

void reasons_clear(struct reasons *r)
{
	r->total = r->others = 0;
	r->n = 0;
}

size_t reasons_add(struct reasons *r, unsigned long n, const char *text, const char *last)
{
	char clean[sizeof(r->list[0].text)];
	size_t i = 0;

	text_clean(clean, sizeof(clean), text);
	while (i < r->n && strcmp(r->list[i].text, clean) != 0)
		i++;
	r->total += n;
	if (i == REASONS_MAX) {
		r->others += n;
		return i;
	}
	if (i == r->n) {
		r->list[i].n = 0;
		memcpy(r->list[i].text, clean, sizeof(clean));
		r->n++;
	}
	r->list[i].n += n;
	text_clean(r->list[i].last, sizeof(r->list[i].last), last);
	return i;
}

void reasons_join(struct reasons *r, const struct reasons *from)
{
	for (size_t i = 0; i < from->n; i++)
		reasons_add(r, from->list[i].n, from->list[i].text, from->list[i].last);
	r->total += from->others;
	r->others += from->others;
}

const char *reason_text(const struct reason *one, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s%s", one->text, *one->last ? " (last: " : "", one->last, *one->last ? ")" : "");
	return buf;
}

const char *reasons_text(const struct reasons *r, char *buf, size_t size)
{
	char one[sizeof(struct reason)];
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < r->n; i++)
		text_append(buf, size, &at, "%s%lu x %s", i ? "; " : "", r->list[i].n, reason_text(&r->list[i], one, sizeof(one)));
	if (r->others)
		text_append(buf, size, &at, "%s%lu x other reasons", r->n ? "; " : "", r->others);
	return buf;
}
