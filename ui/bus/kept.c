#include "kept.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

bool kept_names(const void *p, size_t n, const char *sn)
{
	const char *at = p, *end = at + n;
	size_t len = strlen(sn);

	while (len && (at = memmem(at, (size_t)(end - at), sn, len))) {
		bool before = at > (const char *)p && ascii_alnum(at[-1]);
		bool after = at + len < end && ascii_alnum(at[len]);

		if (!before && !after)
			return true;
		at++;
	}
	return false;
}

bool kept_is_other(const struct trace_frame *f, const struct target *t)
{
	const struct target_mqtt *m = &t->mqtt;

	if (!f->topic || f->dir == TRACE_OUT || !m->sn[0] || (m->topic[0] && !strpbrk(m->topic, "+#")))
		return false;
	return !kept_names(f->topic, f->topic_len, m->sn) && !kept_names(f->bytes, f->n, m->sn);
}

void kept_frame(struct ui_frame *to, const struct trace_frame *f, const struct target *t)
{
	to->dir = f->dir;
	to->at_us = f->at_us;
	to->message = f->topic != NULL;
	to->other = kept_is_other(f, t);
	to->whole = (uint32_t)f->n;
	to->n = (uint16_t)(f->n < sizeof(to->bytes) ? f->n : sizeof(to->bytes));
	if (to->n)
		memcpy(to->bytes, f->bytes, to->n);
	to->topic[0] = '\0';
	if (f->topic)
		text_clean_bytes(to->topic, sizeof(to->topic), f->topic, f->topic_len);
	snprintf(to->note, sizeof(to->note), "%s", f->note);
}
