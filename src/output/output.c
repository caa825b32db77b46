#include "output.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/time.h"
#include "base/text.h"
#include "profile/codec.h"

json_t *output_number_json(const struct point *p, double v)
{
	return output_whole(p, v) ? json_integer(llround(v)) : json_real(v);
}

json_t *output_value_json(const struct point *p, const struct value *v)
{
	if (output_hidden(p, v))
		return json_string(POINT_HIDDEN);
	switch (v->kind) {
	case VALUE_NUMBER: return *v->text ? json_string(v->text) : output_number_json(p, v->num);
	case VALUE_BITS: return json_integer((json_int_t)v->num);
	case VALUE_CHOICE:
	case VALUE_STRING: return json_string(v->text);
	case VALUE_NONE: break;
	}
	return json_null();
}

const char *output_meter_id(const struct meter *m)
{
	const struct target *t = &m->link->target;

	return target_is_broker(t) && t->mqtt.sn[0] ? t->mqtt.sn : NULL;
}

json_t *output_meter_json(const struct meter *m)
{
	char target[sizeof(m->link->target.text)];

	/* a file name need not be UTF-8, JSON must */
	text_clean(target, sizeof(target), m->link->target.text);
	return json_pack("{s:s, s:s, s:s?}", "profile", m->profile->name,
			 "target", target, "id", output_meter_id(m));
}

json_t *output_head_json(const struct meter *m, int64_t at_us)
{
	char at[48];

	return json_pack("{s:o, s:s}", "meter", output_meter_json(m),
			 "time", time_text(at_us, at, sizeof(at)));
}

int output_json(FILE *f, json_t *j, struct err *e)
{
	/* 15 digits: 230.5 stays 230.5 */
	int rc = j ? json_dumpf(j, f, JSON_COMPACT | JSON_REAL_PRECISION(15)) : -1;

	if (rc && ferror(f))
		err_set(e, ERR_NO, "cannot write output: %s", strerror(errno));
	else if (rc)
		err_set(e, ERR_NO, "out of memory for JSON");
	else
		fputc('\n', f);
	json_decref(j);
	return rc;
}

const char *output_text(const struct point *p, const struct value *v, char *buf, size_t size)
{
	if (output_hidden(p, v))
		snprintf(buf, size, POINT_HIDDEN);
	else
		codec_format(p, v, buf, size);
	return buf;
}

int output_cells(const char *s)
{
	wchar_t wide[VALUE_TEXT];
	size_t n = mbstowcs(wide, s, VALUE_TEXT);
	int w = n == (size_t)-1 ? -1 : wcswidth(wide, n);

	return w < 0 ? (int)strlen(s) : w;
}
