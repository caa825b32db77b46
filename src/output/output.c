#include "output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/time.h"
#include "profile/codec.h"
#include "mqtt/dialects/dialect.h"
#include "base/text.h"


static json_t *number_json(const struct point *p, double v)
{
	/* from 2^53 on a double holds no exact integers */
	bool whole = p->decimals == 0 && p->type != TYPE_F32 && fabs(v) < 9007199254740992.0;

	return whole ? json_integer(llround(v)) : json_real(v);
}

static json_t *output_bits_json(const struct point *p, const struct value *v)
{
	json_t *list = json_array();
	char names[512], *save = NULL;

	codec_bits(p, v, " ", names, sizeof(names));
	for (char *s = strtok_r(names, " ", &save); s; s = strtok_r(NULL, " ", &save))
		json_array_append_new(list, json_string(s));
	return list;
}

json_t *output_value_json(const struct point *p, const struct value *v)
{
	if (p->flags & POINT_SECRET && v->kind != VALUE_NONE)
		return json_string(POINT_HIDDEN);
	switch (v->kind) {
	case VALUE_NUMBER: return number_json(p, v->num);
	case VALUE_BITS: return json_integer((json_int_t)v->num);
	case VALUE_CHOICE:
	case VALUE_STRING: return json_string(v->text);
	case VALUE_NONE: break;
	}
	return json_null();
}

json_t *output_reading_json(const struct meter *m, size_t idx)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	bool ok = r->quality == QUALITY_OK;
	json_t *j = json_object();
	char at[48];
	double primary;

	if (!j)
		return NULL;
	json_object_set_new(j, "key", json_string(p->key));
	json_object_set_new(j, "value", ok ? output_value_json(p, &r->value) : json_null());
	json_object_set_new(j, "unit", json_string(dialect_unit(p, r)));
	json_object_set_new(j, "quality", json_string(quality_name(r->quality)));
	json_object_set_new(j, "at", r->at_us ? json_string(output_time(r->at_us, at, sizeof(at)))
					      : json_null());
	if (r->item)
		json_object_set_new(j, "from", json_string(provenance_names[r->item->from]));
	if (ok && r->value.kind == VALUE_CHOICE)
		json_object_set_new(j, "raw", json_integer((json_int_t)r->value.num));
	if (ok && r->value.kind == VALUE_BITS)
		json_object_set_new(j, "bits", output_bits_json(p, &r->value));
	if (ok && meter_primary(m->profile, m->readings, idx, &primary))
		json_object_set_new(j, "primary", number_json(p, primary));
	if (!ok)
		json_object_set_new(j, "error", json_string(*r->err.text ? r->err.text : "not read"));
	return j;
}

json_t *output_meter_json(const struct meter *m)
{
	const struct target *t = &m->link->target;
	const char *id = target_is_broker(t) && t->mqtt.sn[0] ? t->mqtt.sn : NULL;
	char target[sizeof(t->text)];

	/* a file name need not be UTF-8, JSON must */
	text_clean(target, sizeof(target), t->text);
	return json_pack("{s:s, s:s, s:s?}", "profile", m->profile->name,
			 "target", target, "id", id);
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

void output_csv_cell(FILE *f, const char *text)
{
	double number;
	/* =, +, -, @ start a formula in a spreadsheet; a number may begin so */
	bool formula = *text && strchr("=+-@\t\r", *text) && !text_double(text, &number);

	if (!formula && !strpbrk(text, ",\"\r\n")) {
		fputs(text, f);
		return;
	}
	fputc('"', f);
	if (formula)
		fputc('\'', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

bool output_value(const struct app *a, const struct meter *m, size_t idx,
		  char *buf, size_t size, struct err *e)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	double primary;

	buf[0] = '\0';
	if (r->quality != QUALITY_OK) {
		if (e)
			*e = r->err;
		return false;
	}
	output_text(p, &r->value, buf, size);
	if (!a->primary || p->ratio == RATIO_NONE)
		return true;
	if (!meter_primary(m->profile, m->readings, idx, &primary)) {
		buf[0] = '\0';
		err_set(e, ERR_NO, "no primary value of '%s': PT and CT have not been read", p->key);
		return false;
	}
	snprintf(buf, size, "%.*f", p->decimals, primary);
	return true;
}

const char *output_text(const struct point *p, const struct value *v, char *buf, size_t size)
{
	if (p->flags & POINT_SECRET && v->kind != VALUE_NONE)
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

/* What stands behind the unit: the name, bit names, doubts; WHY there is no
 * value. Of a line that is down nothing but the fact: stderr says why, once. */
static void table_remark(const struct meter *m, size_t idx, const struct err *why,
			 char *buf, size_t size)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	char bits[400];
	size_t at = 0;

	buf[0] = '\0';
	text_append(buf, size, &at, "%s", p->name);
	if (r->quality == QUALITY_NEVER || r->quality == QUALITY_STALE)
		text_append(buf, size, &at, "  [%s]", quality_name(r->quality));
	else if (why)
		text_append(buf, size, &at, "  [failed: %s]", why->text);
	else if (r->value.kind == VALUE_BITS)
		text_append(buf, size, &at, "  [%s]", *codec_bits(p, &r->value, " ", bits, sizeof(bits))
			    ? bits : "none set");
	if (!why && p->flags & POINT_AMBIGUOUS)
		text_append(buf, size, &at, "  (%s)", p->from == FROM_PROVISIONAL
			    ? "provisional" : "ambiguous");
	if (r->item && r->item->from != FROM_MANUAL)
		text_append(buf, size, &at, "  (%s: %s)", r->item->name, provenance_names[r->item->from]);
}

/* TIMES: each line begins with when it was read, as a log does; then ID, if any. */
static void output_print_table(FILE *f, const struct app *a, const struct meter *m, const char *id,
			       const uint16_t *idx, size_t n, bool times)
{
	char value[VALUE_TEXT], remark[1024], at[48];
	int key_width = 0, value_width = 0;

	for (size_t i = 0; i < n; i++) {
		int k = (int)strlen(m->profile->points[idx[i]].key), v;

		output_value(a, m, idx[i], value, sizeof(value), NULL);
		v = output_cells(value);
		key_width = k > key_width ? k : key_width;
		/* a day table would push every number to the far right */
		value_width = v > value_width && v <= 20 ? v : value_width;
	}
	for (size_t i = 0; i < n; i++) {
		const struct point *p = &m->profile->points[idx[i]];
		struct err why = { 0 };
		bool ok = output_value(a, m, idx[i], value, sizeof(value), &why);
		int pad = value_width - output_cells(ok ? value : "--");

		table_remark(m, idx[i], ok ? NULL : &why, remark, sizeof(remark));
		/* the clock part of the time stamp: HH:MM:SS.mmm */
		if (times)
			fprintf(f, "%-12.12s  ", m->readings[idx[i]].at_us
				? output_time(m->readings[idx[i]].at_us, at, sizeof(at)) + 11 : "");
		if (id)
			fprintf(f, "%-14s  ", id);
		fprintf(f, "%-*s  %*s%s %-5s %s\n", key_width, p->key, pad > 0 ? pad : 0, "",
			ok ? value : "--", dialect_unit(p, &m->readings[idx[i]]), remark);
	}
}

static void output_print_csv(FILE *f, const struct app *a, const struct meter *m, const char *id,
			     size_t idx)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	char value[VALUE_TEXT], at[48], number[48] = "";
	struct app plain = *a;
	double primary;
	bool ok;

	plain.primary = false;
	ok = output_value(&plain, m, idx, value, sizeof(value), NULL);
	if (ok && meter_primary(m->profile, m->readings, idx, &primary))
		snprintf(number, sizeof(number), "%.*f", p->decimals, primary);
	if (id) {
		output_csv_cell(f, id);
		fputc(',', f);
	}
	fprintf(f, "%s,", r->at_us ? output_time(r->at_us, at, sizeof(at)) : "");
	output_csv_cell(f, p->key);
	fputc(',', f);
	output_csv_cell(f, ok ? value : "");
	fputc(',', f);
	output_csv_cell(f, dialect_unit(p, r));
	fprintf(f, ",%s,", quality_name(r->quality));
	output_csv_cell(f, number);
	fputc(',', f);
	output_csv_cell(f, ok ? "" : r->err.text);
	fputs("\r\n", f);
}

void output_header(FILE *f, const struct app *a)
{
	if (a->format == FORMAT_CSV)
		fputs("at,key,value,unit,quality,primary,error\r\n", f);
}

int output_round(FILE *f, const struct app *a, const struct meter *m,
		 const uint16_t *idx, size_t n, struct err *e)
{
	if (a->format == FORMAT_TABLE) {
		output_print_table(f, a, m, NULL, idx, n, true);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (a->format == FORMAT_CSV)
			output_print_csv(f, a, m, NULL, idx[i]);
		else if (output_json(f, output_reading_json(m, idx[i]), e))
			return -1;
	return 0;
}

void output_upload_header(FILE *f, const struct app *a)
{
	if (a->format == FORMAT_CSV)
		fputs("id,", f);
	output_header(f, a);
}

int output_upload(FILE *f, const struct app *a, const struct meter *m, const char *id,
		  const uint16_t *idx, size_t n, struct err *e)
{
	if (a->format == FORMAT_TABLE)
		output_print_table(f, a, m, id, idx, n, true);
	for (size_t i = 0; i < n && a->format == FORMAT_CSV; i++)
		output_print_csv(f, a, m, id, idx[i]);
	return ferror(f) ? err_set(e, ERR_NO, "cannot write output: %s", strerror(errno)) : 0;
}

static int output_print_document(FILE *f, const struct meter *m, const uint16_t *idx,
				 size_t n, struct err *e)
{
	json_t *list = json_array(), *doc;
	char now[48];

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, output_reading_json(m, idx[i]));
	doc = json_pack("{s:s, s:o, s:s, s:o}", "schema", "meterctl.read/1",
			"meter", output_meter_json(m),
			"time", output_time(time_wall_us(), now, sizeof(now)),
			"readings", list);
	return output_json(f, doc, e);
}

int output_read(FILE *f, const struct app *a, const struct meter *m,
		const uint16_t *idx, size_t n, struct err *e)
{
	if (a->format == FORMAT_JSON)
		return output_print_document(f, m, idx, n, e);
	if (a->format == FORMAT_TABLE) {
		output_print_table(f, a, m, NULL, idx, n, false);
		return 0;
	}
	output_header(f, a);
	return output_round(f, a, m, idx, n, e);
}
