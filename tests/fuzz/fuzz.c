/*
 * fuzz.c - everything that reads what others wrote, fed with damaged and made-up
 * input: registers, texts, targets, profiles, configuration, CSV, frames, requests, uploads.
 *
 * The same inputs each time (fixed seeds), so that a finding stays; the
 * sanitizers see what a check here does not. Prints TAP.
 *
 *   fuzz [TARGET [ROUNDS]]
 *
 * With -DLIBFUZZER_TARGET=codec and so on it is a target for clang's libFuzzer.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "batch/sheet.h"
#include "profile/codec.h"
#include "target/config.h"
#include "mqtt/dialects/dialect.h"
#include "mqtt/dialects/payload.h"
#include "mqtt/dialects/upload.h"
#include "modbus/frame.h"
#include "profile/profile.h"
#include "profile/profile_load.h"
#include "target/target.h"
#include "base/text.h"
#include "fuzz.h"

#define INPUT_MAX 2048

char about[800];

bool is_clean(const char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		unsigned c = 0;
		size_t len = text_utf8(s, left, &c);

		if (len == 0 || c < 0x20 || (c >= 0x7F && c < 0xA0))
			return false;
		s += len;
		left -= len;
	}
	return true;
}

/* An error has a code, and one clean line that says something. */
void check_err(const struct err *e)
{
	HOLDS(e->code != ERR_NONE);
	HOLDS(e->text[0] && strlen(e->text) < ERR_TEXT);
	HOLDS(is_clean(e->text));
}

static const struct point *take_point(struct input *in)
{
	const struct profile *p;
	size_t n = 0;

	while (profile_builtin(n))
		n++;
	p = profile_builtin(take(in) % n);
	return &p->points[take_word(in) % p->npoints];
}

/* ---- targets ------------------------------------------------------------ */

/* Registers of any content: decoded, written down, read back, encoded. */
static void fuzz_codec(struct input in)
{
	uint16_t regs[VALUE_WORDS], back[VALUE_WORDS];
	char text[VALUE_TEXT], again[VALUE_TEXT], bits[512];
	const struct point *p = take_point(&in);
	struct value v, w;
	struct err e = { 0 };

	for (size_t i = 0; i < VALUE_WORDS; i++)
		regs[i] = (uint16_t)take_word(&in);
	memcpy(back, regs, sizeof(back));
	if (codec_decode(p, regs, &v, &e)) {
		check_err(&e);
		return;
	}
	if (v.kind == VALUE_NONE) {
		HOLDS(e.code == ERR_NO);	/* "no such value" */
		return;
	}
	HOLDS(!isnan(v.num));
	codec_format(p, &v, text, sizeof(text));
	snprintf(about, sizeof(about), "%s = %s", p->key, text);
	HOLDS(is_clean(text));
	if (v.kind == VALUE_BITS)
		HOLDS(is_clean(codec_bits(p, &v, " ", bits, sizeof(bits))));
	if (codec_parse(p, text, &w, &e)) {
		check_err(&e);
		return;
	}
	if (codec_encode(p, &w, back, &e)) {
		check_err(&e);
		return;
	}
	HOLDS(codec_decode(p, back, &w, &e) == 0);
	codec_format(p, &w, again, sizeof(again));
	snprintf(about, sizeof(about), "%s = %s, then %s", p->key, text, again);
	/* a float next to the one that was written shows the same number, or one as near */
	if (codec_floats(p->type))
		HOLDS(fabs(w.num - v.num) <= 1e-6 * fabs(v.num) + pow(10, -p->decimals));
	else
		HOLDS(strcmp(again, text) == 0);
}

/* What a person might write for a point. */
static void fuzz_parse(struct input in)
{
	const struct point *p = take_point(&in);
	uint16_t regs[VALUE_WORDS] = { 0 };
	char text[300], shown[VALUE_TEXT];
	struct err e = { 0 };
	struct value v;

	take_text(&in, text, sizeof(text));
	snprintf(about, sizeof(about), "%s = '%s'", p->key, text);
	if (codec_parse(p, text, &v, &e)) {
		check_err(&e);
		return;
	}
	if (codec_encode(p, &v, regs, &e)) {
		check_err(&e);
		return;
	}
	if (codec_decode(p, regs, &v, &e)) {
		/* what no meter can have is refused as a reading; nobody writes those points */
		HOLDS(!(p->flags & POINT_WRITABLE));
		check_err(&e);
		return;
	}
	HOLDS(is_clean(codec_format(p, &v, shown, sizeof(shown))));
}

static void fuzz_target(struct input in)
{
	char text[600], once[800], twice[800];
	struct target t, u;
	struct err e = { 0 };

	if (target_parse(take_text(&in, text, sizeof(text)), &t, &e)) {
		check_err(&e);
		return;
	}
	HOLDS(t.unit >= 1 && t.unit <= 247 && t.port >= 0 && t.port <= 65535);
	target_format(&t, 1, once, sizeof(once));
	snprintf(about, sizeof(about), "%s", once);
	if (strlen(once) >= sizeof(t.text))
		return;
	HOLDS(target_parse(once, &u, &e) == 0);
	HOLDS(strcmp(target_format(&u, 1, twice, sizeof(twice)), once) == 0);
}

/* A file that holds the input, for those who take a path. */
static int as_file(struct input in, char *path, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	HOLDS(fd >= 0 && write(fd, in.at, in.n) == (ssize_t)in.n);
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

static void fuzz_profile(struct input in)
{
	char path[64];
	int fd = as_file(in, path, sizeof(path));
	struct err e = { 0 };
	const struct profile *p = profile_load(path, &e);

	if (!p)
		check_err(&e);
	for (size_t i = 0; p && i < p->npoints; i++) {
		const struct point *q = &p->points[i];

		HOLDS(q->words >= 1 && q->words <= VALUE_WORDS);
		HOLDS(is_clean(q->key) && is_clean(q->name) && is_clean(q->note));
		HOLDS(profile_find(p, q->key) >= 0);
	}
	profile_free(p);
	close(fd);
}

static void fuzz_config(struct input in)
{
	char path[64];
	int fd = as_file(in, path, sizeof(path));
	struct err e = { 0 };
	struct config c;

	if (config_load_file(&c, path, &e))
		check_err(&e);
	for (size_t i = 0; i < c.nmistakes; i++)
		HOLDS(c.mistakes[i].text[0] && is_clean(c.mistakes[i].text));
	config_release(&c);
	close(fd);
}

/* A connection that is not there is put in, and nothing else; or nothing is done. */
static void fuzz_save(struct input in)
{
	const struct config_new n = { .name = "fuzz", .target = "tcp:h", .profile = take(&in) % 2 ? "sdm630" : NULL };
	char text[400], *out;
	struct config before, after;
	struct err e = { 0 };

	snprintf(text, sizeof(text), "%.*s", (int)in.n, (const char *)in.at);
	config_load_text(&before, "f", text, &e);
	out = config_edited("f", text, &n, &e);
	if (!out)
		check_err(&e);
	if (out && !config_find(&before, n.name)) {
		size_t len = strlen(text), head = 0, more = strlen(out) - len;

		while (head < len && text[head] == out[head])
			head++;
		HOLDS(strcmp(text + head, out + head + more) == 0);
	}
	if (out) {
		config_load_text(&after, "f", out, &e);
		HOLDS(strcmp(config_find(&after, n.name)->target, n.target) == 0 || config_find(&before, n.name));
		config_release(&after);
	}
	config_release(&before);
	free(out);
}

/* SHEET with every cell in quotes, separated by ';', a cell more in front of each row: an
 * empty one begins no row. */
static void write_quoted(const struct sheet *s, FILE *f)
{
	for (size_t i = 0; i < s->nrows; i++) {
		fputs("x", f);
		for (size_t k = 0; k < s->rows[i].n; k++) {
			fputs(";\"", f);
			for (const char *c = s->rows[i].cells[k].text; *c; c++)
				fprintf(f, *c == '"' ? "\"\"" : "%c", *c);
			fputs("\"", f);
		}
		fputs("\r\n", f);
	}
}

static void same_cells(const struct sheet *a, const struct sheet *b)
{
	HOLDS(a->nrows == b->nrows);
	for (size_t i = 0; i < a->nrows; i++) {
		HOLDS(b->rows[i].n == a->rows[i].n + 1);
		for (size_t k = 0; k < a->rows[i].n; k++)
			HOLDS(strcmp(a->rows[i].cells[k].text, b->rows[i].cells[k + 1].text) == 0);
	}
}

/* Each cell lies behind the one before it. */
static void check_places(const struct sheet *s)
{
	int line = 1, column = 0;

	for (size_t i = 0; i < s->nrows; i++) {
		HOLDS(s->rows[i].n > 0 && s->rows[i].line == s->rows[i].cells[0].line);
		for (size_t k = 0; k < s->rows[i].n; k++) {
			const struct sheet_cell *c = &s->rows[i].cells[k];

			HOLDS(c->line > line || (c->line == line && c->column > column));
			line = c->line;
			column = c->column;
		}
	}
}

static void fuzz_sheet(struct input in)
{
	char path[64], again[64];
	int fd = as_file(in, path, sizeof(path)), copy = memfd_create("copy", MFD_CLOEXEC);
	struct err e = { 0 };
	struct sheet s, t;
	FILE *f = fdopen(copy, "w");

	snprintf(about, sizeof(about), "%.*s", (int)in.n, (const char *)in.at);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", copy);
	HOLDS(f);
	if (sheet_load(path, &s, &e)) {
		check_err(&e);
	} else {
		check_places(&s);
		write_quoted(&s, f);
		HOLDS(fflush(f) == 0);
		HOLDS(sheet_load(again, &t, &e) == 0);
		same_cells(&s, &t);
		sheet_release(&t);
	}
	sheet_release(&s);
	fclose(f);
	close(fd);
}

uint16_t crc_of(const uint8_t *b, size_t n)
{
	unsigned v = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		v ^= b[i];
		for (int k = 0; k < 8; k++)
			v = v & 1 ? v >> 1 ^ 0xA001 : v >> 1;
	}
	return (uint16_t)v;
}

static struct request take_request(struct input *in)
{
	struct request q = { .unit = (uint8_t)(1 + take(in) % 247), .function = FUNCTION_HOLDING };

	q.addr = (uint16_t)take_word(in);
	q.count = (uint16_t)(1 + take(in) % 125);
	return q;
}

static void check_frame(const struct frame *f, size_t n, bool over)
{
	HOLDS(f->junk + f->len <= n);
	HOLDS(f->kind != FRAME_MORE || !over || n == 0);
	HOLDS(f->note && is_clean(f->note));
}

/* The answer to a request, whole, damaged, or something else altogether. */
static void fuzz_rtu(struct input in)
{
	struct request q = take_request(&in);
	uint8_t buf[FRAME_BUFFER];
	unsigned how = take(&in);
	bool over = how & 1;
	size_t n = 0;
	struct frame f;

	if (how & 2) {	/* a good answer first, then perhaps hurt */
		buf[n++] = q.unit;
		buf[n++] = q.function;
		buf[n++] = (uint8_t)(2 * q.count);
		for (unsigned i = 0; i < 2U * q.count; i++)
			buf[n++] = (uint8_t)take(&in);
		buf[n] = (uint8_t)(crc_of(buf, n) & 0xFF);
		buf[n + 1] = (uint8_t)(crc_of(buf, n) >> 8);
		n += 2;
		if (how & 4)
			buf[take(&in) % n] ^= (uint8_t)(1U << how % 8);
		if (how & 8)
			n -= take(&in) % n;
	}
	while (in.n > 0 && n < sizeof(buf))
		buf[n++] = (uint8_t)take(&in);
	f = frame_scan_rtu(&q, buf, n, over);
	check_frame(&f, n, over);
	if (f.kind == FRAME_ANSWER) {
		const uint8_t *b = buf + f.junk;

		HOLDS(f.len == 5 + 2 * (size_t)q.count);
		HOLDS(b[0] == q.unit && b[1] == q.function && b[2] == 2 * q.count);
		HOLDS(crc_of(b, f.len) == 0);
	}
	if (f.kind == FRAME_EXCEPTION)
		HOLDS(f.len == 5 && crc_of(buf + f.junk, 5) == 0 && buf[f.junk] == q.unit);
}

static void fuzz_tcp(struct input in)
{
	struct request q = take_request(&in);
	uint16_t transaction = (uint16_t)take_word(&in);
	uint8_t buf[FRAME_BUFFER];
	unsigned how = take(&in);
	bool over = how & 1;
	size_t n = 0;
	struct frame f;

	if (how & 2) {
		unsigned len = 3 + 2U * q.count;
		const uint8_t head[] = { (uint8_t)(transaction >> 8), (uint8_t)transaction, 0, 0,
			(uint8_t)(len >> 8), (uint8_t)len, q.unit, q.function, (uint8_t)(2 * q.count) };

		memcpy(buf, head, sizeof(head));
		n = sizeof(head);
		for (unsigned i = 0; i < 2U * q.count; i++)
			buf[n++] = (uint8_t)take(&in);
		if (how & 4)
			buf[take(&in) % 9] ^= (uint8_t)(1U << how % 8);
		if (how & 8)
			n -= take(&in) % n;
	}
	while (in.n > 0 && n < sizeof(buf))
		buf[n++] = (uint8_t)take(&in);
	f = frame_scan_tcp(&q, transaction, buf, n, over);
	check_frame(&f, n, over);
	if (f.kind == FRAME_ANSWER) {
		const uint8_t *b = buf + f.junk;

		HOLDS(b[0] == transaction >> 8 && b[1] == (transaction & 0xFF) && b[2] == 0 && b[3] == 0);
		HOLDS(b[6] == f.unit && b[7] == q.function && b[8] == 2 * q.count);
	}
}

/* The same value, as jansson has read it. */
static void same_value(const struct node *v, const json_t *j)
{
	static const enum node_kind kinds[] = {
		[JSON_OBJECT] = NODE_OBJECT, [JSON_ARRAY] = NODE_ARRAY, [JSON_STRING] = NODE_STRING,
		[JSON_INTEGER] = NODE_NUMBER, [JSON_REAL] = NODE_NUMBER, [JSON_TRUE] = NODE_TRUE,
		[JSON_FALSE] = NODE_FALSE, [JSON_NULL] = NODE_NULL,
	};
	char text[INPUT_MAX + 1];
	size_t n = 0;

	HOLDS(v && j && v->kind == kinds[json_typeof(j)]);
	if (json_is_number(j))
		HOLDS(v->num == json_number_value(j) || v->n >= 64);
	if (json_is_string(j))
		HOLDS(node_raw(v, text, sizeof(text)) && strcmp(text, json_string_value(j)) == 0);
	for (const struct node *c = node_first(v); c; c = node_next(v, c), n++) {
		struct node key = { .text = c->key, .n = c->nkey, .kind = NODE_STRING };

		if (json_is_array(j)) {
			HOLDS(!c->key);
			same_value(c, json_array_get(j, n));
			continue;
		}
		HOLDS(node_raw(&key, text, sizeof(text)));
		same_value(c, json_object_get(j, text));
	}
	HOLDS(n == (json_is_array(j) ? json_array_size(j) : json_is_object(j) ? json_object_size(j) : 0));
}

static bool is_limit(const struct err *e)
{
	return strstr(e->text, "deeper") || strstr(e->text, "more than") || strstr(e->text, "twice");
}

/* Our parser takes what jansson takes, but for its limits; jansson takes what ours
 * takes, but for numbers it cannot hold. */
static void same_as_jansson(const char *text, size_t n)
{
	static struct payload p;
	struct err e = { 0 };
	json_error_t why;
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	int rc = payload_read(&p, text, n, &e);

	/* jansson 2.14 reads over a NUL behind a number */
	if (memchr(text, '\0', n))
		HOLDS(rc);
	else if (rc)
		HOLDS(!j || is_limit(&e));
	else if (!j)
		HOLDS(json_error_code(&why) == json_error_numeric_overflow);
	else
		same_value(&p.nodes[0], j);
	json_decref(j);
}

/* No reading is a value its register could not hold. */
static void check_reading(void *arg, size_t idx, const struct reading *r)
{
	const struct point *p = &profile_builtin_named("adw300")->points[idx];
	uint16_t regs[VALUE_WORDS] = { 0 };
	struct point wide = *p;
	struct err e = { 0 };

	(void)arg;
	if (r->quality == QUALITY_FAILED) {
		HOLDS(r->err.code == ERR_FOREIGN);
		check_err(&r->err);
		return;
	}
	if (r->quality == QUALITY_AMBIGUOUS) {
		HOLDS(r->value.kind == VALUE_NONE);	/* the readings of it stand in the text of the error */
		check_err(&r->err);
		return;
	}
	HOLDS((r->quality == QUALITY_OK || r->quality == QUALITY_LATE) && isfinite(r->value.num) && is_clean(r->value.text));
	wide.min = 1;	/* no range: what may be written is narrower than what may be read */
	wide.max = 0;
	HOLDS(codec_encode(&wide, &r->value, regs, &e) == 0);
}

/* What has been decoded, and what is delivered of it. */
static void check_upload(struct upload *up)
{
	HOLDS(up->dialect && up->kind < UPLOAD_KINDS && up->n <= UPLOAD_VALUES);
	HOLDS(!up->sn[0] || serial_plain(up->sn));
	HOLDS(is_clean(up->sn) && is_clean(up->product) && is_clean(up->via) && is_clean(up->model));
	HOLDS(up->drops.n <= REASONS_MAX && (up->drops.total == 0) == (up->drops.n == 0));
	for (size_t i = 0; i < up->drops.n; i++)
		HOLDS(is_clean(up->drops.list[i].text) && is_clean(up->drops.list[i].last));
	HOLDS(up->sent_us >= 0 && up->interval_s >= 0);
	for (size_t i = 0; i < up->n; i++) {
		HOLDS(up->values[i].item < up->dialect->nitems);
		HOLDS(up->values[i].is_text ? is_clean(up->values[i].text) : isfinite(up->values[i].num));
	}
	dialect_deliver(up, profile_builtin_named("adw300"), 1, 1, check_reading, NULL);
}

void fuzz_decode(const struct dialect *hint, const char *topic, size_t topic_n, const char *payload, size_t n)
{
	static struct upload up;
	struct err e = { 0 };

	if (dialect_decode(hint, topic, topic_n, payload, n, &up, &e))
		check_err(&e);
	else
		check_upload(&up);
}

/* A topic, a line feed, a payload. */
static void fuzz_dialect(struct input in)
{
	static struct upload up;
	const uint8_t *feed = memchr(in.at, '\n', in.n);
	size_t topic_n = feed ? (size_t)(feed - in.at) : 0, n = feed ? in.n - topic_n - 1 : in.n;
	const char *topic = (const char *)in.at, *payload = topic + in.n - n;
	struct dialect_outgoing l;
	struct err e = { 0 };

	snprintf(about, sizeof(about), "%.*s", (int)in.n, topic);
	same_as_jansson(payload, n);
	/* named in a target, each dialect (or none) gets what is not its own */
	fuzz_decode(dialect_nth((topic_n + n) % (DIALECTS + 5)), topic, topic_n, payload, n);
	if (dialect_decode(NULL, topic, topic_n, payload, n, &up, &e)) {
		check_err(&e);
		return;
	}
	check_upload(&up);
	if (up.dialect->answer && up.dialect->answer(&up, 1784117007000000LL, &l)) {
		HOLDS(mqtt_topic(l.topic, false) && l.n == strlen(l.payload));
		HOLDS(dialect_decode(NULL, l.topic, strlen(l.topic), l.payload, l.n, &up, &e) == 0);
		HOLDS(up.has_result);
	}
}

/* ---- inputs -------------------------------------------------------------- */

static const char *const target_seeds[] = {
	"rtu:/dev/ttyUSB0?baud=9600&parity=none&stop=1&unit=1", "rtu:/x?rs485=kernel&rs485-before=1&rs485-after=2",
	"tcp:host:502?unit=7",
	"rtutcp:[fe80::1]:4196?unit=2", "udp:[::1]?unit=2", "rtuudp:h:1", "sim:ct-reversed=b,pace=9600", "tcp:%41%zz?unit=", "tcp:[[]", NULL
};
static const char *const parse_seeds[] = {
	"230.5", "-1e3", "1e300", "#4", "9600", "2026-07-15 14:03:27", "8N1", "1 00:00",
	"00:00 valley, 08:00 flat, 18:00 peak", "07-15 14:45", "none", "0102 0304", "empty", NULL
};
static const char *const scenario_seeds[] = {
	"ct-reversed=b,ct-swapped=ab,phase-order=acb,voltage-missing=c,exporting,no-load",
	"ct-rotated,ct-missing=b,ct-shorted=c,voltage-duplicated=ab,voltage-low=a,lag=-15,clock-off=90",
	"pace=9600,turnaround=5,drop=1,flip=1,late=200/5,echo,exception=2/50,garbage=1,foreign=1,dead",
	"mqtt-jump=-5/2,mqtt-backlog=3/3600,mqtt-stuck,mqtt-no-stamp,mqtt-no-sn,mqtt-late=5/50",
	"unit=3,ct=40,pt=1,seed=7,start=2026-07-15T14:03:27Z,frozen", NULL
};
static const char *const profile_seeds[] = {
	"profile: x\ntitle: t\nsource: s\nread: {most: 60, holes: yes}\nwrite: {most: 1}\nlive: [v, g]\n"
	"groups:\n  - group: g\n    title: T\n    type: u16\n    scale: 0.1\n    unit: V\n    access: rw\n"
	"    from: public\n    section: \"1\"\n    ratio: pt\n    repeat: {count: 3, stride: 0x100}\n    points:\n"
	"      - {key: v, at: 0x10, name: N, min: 0, max: 9, ambiguous: \"a\"}\n"
	"      - {key: b, at: 0x11, type: bits, bits: [\"0=on b.on\", \"15=x\"], name: B}\n"
	"      - {key: c, at: 0x12, choices: [\"1=one\", \"2=two\"], drops_link: yes, name: C}\n"
	"      - {key: h, at: 0x13, name: H, array: {from: 2, count: 4}}\n"
	"      - {key: t, at: 0x20, type: daytable, name: D}\n      - {key: s, at: 0x40, type: string, words: 4, name: S}\n"
	"vectors:\n  - {at: 0x10, regs: [1, 0x8001, 2], expect: [\"v=0.1\", \"b.on=1\", \"c=two\"]}\n",
	"profile: y\nextends: adw300\ntitle: t\nsource: s\ngroups:\n  - group: voltage\n    title: V\n    points:\n"
	"      - {key: voltage.a, at: 20, type: f32, decimals: 2, unit: V, from: public, section: x, name: n}\n", NULL
};
static const char *const config_seeds[] = {
	"connections:\n  roof:\n    target: tcp:h\n    profile: sdm630\ndefaults:\n  timeout: 800 # ms\n"
	"commands: {check: {site: exporting}}\n",
	"connections:\n  bench: sim:\n  roof: {a: [1, 2]}\n", "connections: {a: \"tcp:h\", b: &x [*x]}\n", NULL
};
static const char *const sheet_seeds[] = {
	"target,ratio.ct,note\r\n\"rtu:/dev/ttyUSB0?unit=1\",60,\"say \"\"hi\"\"\"\r\n#off\r\n\r\n,,\r\nrtu:x,,\r\n",
	"\xEF\xBB\xBFtarget;note\n\"a\nb\";\xC3\xBC\n", "# c\ra;b\r\"1,5\" ; 2\r", NULL
};
static const char *const dialect_seeds[] = {
	"platform/acrel/meter/json-v2/analog/0000\n{\"data\":[{\"tp\":1631839905057,\"point\":[{\"id\":0,\"val\":\"20201998111433\"},"
	"{\"id\":1,\"val\":220.1},{\"id\":13,\"val\":-45.5e-1},{\"id\":27,\"val\":-77},{\"id\":40,\"val\":0.012},{\"id\":41,\"val\":5}]}]}",
	"x\n{\"data\":[{\"tp\":1,\"point\":[{\"id\":7,\"val\":123456789012345678},{\"id\":7,\"val\":\"\\ud83d\\ude00\\u00e9\"}]},{\"tp\":2,\"point\":[]}]}",
	"/gw/acrelHW/AWT100/data/12209263660002\n{\"type\":\"data\",\"time\":\"20211124101800\",\"gwSN\":\"1\",\"meterSN\":\"2\",\"meterStatus\":\"normal\","
	"\"ch\":0,\"ua\":230.1,\"ia\":4.12,\"pa\":0.912,\"p\":2.691,\"q\":0.306,\"pf\":0.994,\"pt\":1,\"ct\":40,\"wh\":8.98}",
	"/gw/acrelHW/null/time/1\n{\"type\":\"time\",\"utc\":\"8\",\"time\":\"20221008105600\",\"gwSN\":\"1\"}",
	"/server/acrelHW/null/para/1\n{\"type\":\"para\",\"gwSN\":\"1\",\"upInterval\":\"5\",\"res\":1}",
	"data/up/k1/1\n{\"method\":\"report\",\"reported\":{\"source\":\"REALTIME\",\"gateway\":{\"rssi\":77},\"meters\":[{\"addr\":\"1\",\"state\":\"ONLINE\","
	"\"Ua\":220.0,\"EPI\":100.5,\"Lg\":12}]},\"timestamp\":1638869890,\"sn\":\"1\"}",
	"m/status/em:0\n{\"id\":0,\"a_voltage\":236.1,\"a_act_power\":951.2,\"n_current\":null,\"total_act_power\":951.2}",
	"tele/t/SENSOR\n{\"Time\":\"2026-07-15T14:03:27.5+02:00\",\"ENERGY\":{\"Total\":1.3e2,\"Power\":[34,35],\"Voltage\":236,\"Current\":[1]}}",
	"tele/t/SENSOR\n{\"Time\":\"2026-07-15T14:03:27\",\"ENERGY\":{\"Power\":34,\"Factor\":0.9}}",
	"zigbee2mqtt/0x1\n{\"power\":34.5,\"voltage\":231,\"last_seen\":1784117007250}",
	"application/a/device/01/event/up\n{\"time\":\"2026-07-15T12:03:27Z\",\"deviceInfo\":{\"devEui\":\"01\"},\"object\":{\"Ua\":230.5,\"P\":0.2}}", NULL
};
static const char *const no_seeds[] = { NULL };

static const struct fuzz {
	const char *name;
	void (*run)(struct input in);
	const char *const *seeds;	/* NULL-terminated */
	size_t longest;
	unsigned rounds;
} targets[] = {
	{ "codec", fuzz_codec, no_seeds, 80, 150000 },
	{ "parse", fuzz_parse, parse_seeds, 64, 60000 },
	{ "target", fuzz_target, target_seeds, 400, 30000 },
	{ "scenario", fuzz_scenario, scenario_seeds, 300, 40000 },
	{ "profile", fuzz_profile, profile_seeds, INPUT_MAX, 4000 },
	{ "config", fuzz_config, config_seeds, 300, 5000 },
	{ "save", fuzz_save, config_seeds, 300, 5000 },
	{ "sheet", fuzz_sheet, sheet_seeds, 300, 10000 },
	{ "rtu", fuzz_rtu, no_seeds, 600, 60000 },
	{ "tcp", fuzz_tcp, no_seeds, 600, 60000 },
	{ "slave", fuzz_slave, no_seeds, 253, 60000 },
	{ "line", fuzz_line, no_seeds, 1500, 20000 },
	{ "splitter", fuzz_splitter, no_seeds, 1200, 8000 },
	{ "dialect", fuzz_dialect, dialect_seeds, 600, 60000 },
	{ "mapping", fuzz_mapping, mapping_seeds, 1500, 20000 },
};
#define NTARGETS (sizeof(targets) / sizeof(*targets))

#ifdef LIBFUZZER_TARGET
#define NAME_OF(x) #x
#define TARGET_NAME(x) NAME_OF(x)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < NTARGETS; i++)
		if (strcmp(targets[i].name, TARGET_NAME(LIBFUZZER_TARGET)) == 0)
			targets[i].run((struct input){ data, n });
	return 0;
}
#else

/* xorshift64* (Vigna, 2016) */
static uint64_t luck;

static unsigned dice(size_t sides)
{
	luck ^= luck >> 12;
	luck ^= luck << 25;
	luck ^= luck >> 27;
	return (unsigned)((luck * 0x2545F4914F6CDD1DULL >> 32) % sides);
}

static size_t random_input(uint8_t *buf, size_t longest)
{
	static const uint8_t edges[] = { 0, 1, 0x7F, 0x80, 0xFF };
	size_t n = dice(longest) + 1U;

	for (size_t i = 0; i < n; i++)
		buf[i] = dice(4) ? (uint8_t)dice(256) : edges[dice(sizeof(edges))];
	return n;
}

/* A seed with some bytes changed, taken out, or said twice. */
static size_t mutated_input(uint8_t *buf, const struct fuzz *f)
{
	static const char spice[] = "{}[]:,&?=%#-\"'\n\t \0\x7F\xC0\xFF*!9";
	size_t nseeds = 0, head = 0, n;
	const char *seed;

	while (f->seeds[nseeds])
		nseeds++;
	seed = f->seeds[dice(nseeds)];
	/* those that name a point first */
	if (f->run == fuzz_parse)
		for (; head < 3; head++)
			buf[head] = (uint8_t)dice(256);
	n = head + strlen(seed);
	memcpy(buf + head, seed, n - head);
	for (unsigned left = dice(6); left > 0 && n > head; left--) {
		size_t at = head + dice(n - head);
		size_t len = dice(n - at) % 24 + 1U;

		switch (dice(4)) {
		case 0:
			buf[at] = (uint8_t)dice(256);
			break;
		case 1:
			buf[at] = (uint8_t)spice[dice(sizeof(spice))];
			break;
		case 2:
			memmove(buf + at, buf + at + len, n - at - len);
			n -= len;
			break;
		default:
			if (n + len <= INPUT_MAX) {
				memmove(buf + at + len, buf + at, n - at);
				n += len;
			}
		}
	}
	return n;
}

static void run_target(const struct fuzz *f, unsigned rounds)
{
	static uint8_t buf[INPUT_MAX];

	luck = 88172645463325252ULL;
	for (unsigned i = 0; i < rounds; i++) {
		bool made_up = !f->seeds[0] || dice(8) == 0;
		size_t n = made_up ? random_input(buf, f->longest) : mutated_input(buf, f);
		/* its own memory, so that a read behind its end is seen */
		uint8_t *own = malloc(n ? n : 1);

		HOLDS(own);
		memcpy(own, buf, n);
		f->run((struct input){ own, n });
		free(own);
	}
}

int main(int argc, char **argv)
{
	unsigned n = 0;

	/* no one's own configuration may have a part in it */
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	for (size_t i = 0; i < NTARGETS; i++) {
		if (argc > 1 && strcmp(argv[1], targets[i].name) != 0)
			continue;
		run_target(&targets[i], argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10)
						 : targets[i].rounds);
		printf("ok %u - %s\n", ++n, targets[i].name);
		fflush(stdout);
	}
	printf("1..%u\n", n);
	return n ? 0 : 1;
}
#endif
