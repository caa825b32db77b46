#include "payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct reader {
	const char *start, *at, *end;
	struct payload *p;
	struct err *e;
};

static int payload_wrong(const struct reader *r, const char *what)
{
	return err_set(r->e, ERR_FOREIGN, "not JSON at byte %zu: %s", (size_t)(r->at - r->start),
		       r->at >= r->end && *what == '\0' ? "ends early" : *what ? what
		       : "unexpected character");
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static bool digit_at(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* ---- strings ---------------------------------------------------------------- */

static int hex4(const char *s, const char *end, unsigned *out)
{
	*out = 0;
	if (end - s < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s[i];
		int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
		      : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (v < 0)
			return -1;
		*out = *out << 4 | (unsigned)v;
	}
	return 0;
}

/* The character behind a backslash at S: its bytes, 0 when it is none. */
static size_t escape(const char *s, const char *end, unsigned *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple;
	unsigned low;

	if (end - s < 2)
		return 0;
	simple = s[1] ? strchr(from, s[1]) : NULL;
	if (simple) {
		*out = (unsigned char)to[simple - from];
		return 2;
	}
	if (s[1] != 'u' || hex4(s + 2, end, out) || *out == 0)
		return 0;
	if (*out < 0xD800 || *out > 0xDFFF)
		return 6;
	/* the two halves of a character above U+FFFF */
	if (*out > 0xDBFF || end - s < 12 || s[6] != '\\' || s[7] != 'u'
	    || hex4(s + 8, end, &low) || low < 0xDC00 || low > 0xDFFF)
		return 0;
	*out = 0x10000 + ((*out - 0xD800) << 10 | (low - 0xDC00));
	return 12;
}

/* From behind the opening quote to behind the closing one. */
static int read_string(struct reader *r, const char **text, uint32_t *n, bool *escaped)
{
	*text = r->at;
	*escaped = false;
	while (r->at < r->end && *r->at != '"') {
		unsigned char c = (unsigned char)*r->at;
		unsigned u;
		size_t len = 1;

		if (c < 0x20)
			return payload_wrong(r, "control character in a string");
		if (c == '\\') {
			*escaped = true;
			len = escape(r->at, r->end, &u);
			if (len == 0)
				return payload_wrong(r, "no such character");
		} else if (c >= 0x80) {
			len = text_utf8(r->at, (size_t)(r->end - r->at), &u);
			if (len == 0)
				return payload_wrong(r, "not UTF-8");
		}
		r->at += len;
	}
	if (r->at >= r->end)
		return payload_wrong(r, "");
	*n = (uint32_t)(r->at - *text);
	r->at++;
	return 0;
}

/* Unescapes N bytes of a string that has been read; *LEN bytes in BUF. */
static bool unescape(const char *s, size_t n, char *buf, size_t size, size_t *len)
{
	const char *end = s + n;

	*len = 0;
	while (s < end) {
		unsigned c = 0;
		size_t width;

		if (*s != '\\') {
			if (*len + 1 >= size)
				return false;
			buf[(*len)++] = *s++;
			continue;
		}
		s += escape(s, end, &c);
		width = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		if (*len + width >= size)
			return false;
		for (size_t i = width; i-- > 1; c >>= 6)
			buf[*len + i] = (char)(0x80 | (c & 0x3F));
		buf[*len] = (char)(width == 1 ? c : (0xF0U << (4 - width) & 0xFF) | c);
		*len += width;
	}
	buf[*len] = '\0';
	return true;
}

/* ---- numbers ---------------------------------------------------------------- */

/* Up to 15 digits and a power of ten up to 22 are exact in a double, and one
 * multiplication or division rounds correctly (Clinger 1990); the rest is
 * strtod()'s. The locale's numbers stay those of C (main.c sets LC_CTYPE alone). */
static double number_value(const char *s, size_t n, uint64_t digits, int ndigits, int exponent)
{
	static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	char buf[1100];	/* a double written out has up to 1,077 characters */
	double v = (double)digits;

	if (ndigits <= 15 && exponent >= -22 && exponent <= 22) {
		v = exponent < 0 ? v / tens[-exponent] : v * tens[exponent];
		return *s == '-' ? -v : v;
	}
	if (n < sizeof(buf)) {
		memcpy(buf, s, n);
		buf[n] = '\0';
		return strtod(buf, NULL);
	}
	return *s == '-' ? -(double)(1.0 / 0.0) : 1.0 / 0.0;
}

static int payload_read_number(struct reader *r, struct node *v)
{
	uint64_t digits = 0;
	int ndigits = 0, exponent = 0, power = 0;
	bool minus;

	v->text = r->at;
	r->at += *r->at == '-';
	if (!digit_at(r))
		return payload_wrong(r, "");
	if (*r->at == '0' && r->end - r->at > 1 && r->at[1] >= '0' && r->at[1] <= '9')
		return payload_wrong(r, "number with a zero in front");
	for (; digit_at(r); r->at++) {
		digits = digits * 10 + (uint64_t)(*r->at - '0');
		ndigits += ndigits > 0 || *r->at != '0';
	}
	if (r->at < r->end && *r->at == '.') {
		r->at++;
		if (!digit_at(r))
			return payload_wrong(r, "");
		for (; digit_at(r); r->at++, exponent--) {
			digits = digits * 10 + (uint64_t)(*r->at - '0');
			ndigits += ndigits > 0 || *r->at != '0';
		}
	}
	if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
		r->at++;
		minus = r->at < r->end && *r->at == '-';
		r->at += r->at < r->end && (*r->at == '-' || *r->at == '+');
		if (!digit_at(r))
			return payload_wrong(r, "");
		for (; digit_at(r); r->at++)
			power = power < 100000 ? power * 10 + (*r->at - '0') : power;
		exponent += minus ? -power : power;
	}
	v->kind = NODE_NUMBER;
	v->n = (uint32_t)(r->at - v->text);
	v->num = number_value(v->text, v->n, digits, ndigits, exponent);
	return 0;
}

/* ---- values ----------------------------------------------------------------- */

static int read_word(struct reader *r, struct node *v)
{
	static const struct { const char *word; enum node_kind kind; } words[] = {
		{ "null", NODE_NULL }, { "true", NODE_TRUE }, { "false", NODE_FALSE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0) {
			r->at += n;
			v->kind = (uint8_t)words[i].kind;
			return 0;
		}
	}
	return payload_wrong(r, "");
}

static bool same_key(const struct node *a, const struct node *b)
{
	char x[256], y[256];
	size_t nx, ny;

	/* the first byte, of an empty key the quote behind it, tells most apart */
	if (!a->key_escaped && !b->key_escaped)
		return a->nkey == b->nkey && *a->key == *b->key && memcmp(a->key, b->key, a->nkey) == 0;
	/* too long to compare is as good as the same: nobody names things so */
	return !unescape(a->key, a->nkey, x, sizeof(x), &nx)
		|| !unescape(b->key, b->nkey, y, sizeof(y), &ny)
		|| (nx == ny && memcmp(x, y, nx) == 0);
}

static int check_keys(const struct reader *r, const struct node *v)
{
	unsigned members = 0;

	for (const struct node *a = node_first(v); a; a = node_next(v, a)) {
		if (++members > PAYLOAD_MEMBERS)
			return err_set(r->e, ERR_FOREIGN, "an object with more than %d members", PAYLOAD_MEMBERS);
		for (const struct node *b = node_first(v); b != a; b = node_next(v, b))
			if (same_key(a, b))
				return err_set(r->e, ERR_FOREIGN, "key '%.*s' stands twice in one object",
					       (int)(a->nkey < 40 ? a->nkey : 40), a->key);
	}
	return 0;
}

static int read_value(struct reader *r, struct node key, unsigned depth);

/* What stands between brackets or braces; the opening one is behind us. */
static int read_inside(struct reader *r, struct node *v, char close, unsigned depth)
{
	struct node none = { .key = NULL };

	if (depth > PAYLOAD_DEPTH)
		return err_set(r->e, ERR_FOREIGN, "nested deeper than %d", PAYLOAD_DEPTH);
	skip_space(r);
	if (r->at < r->end && *r->at == close) {
		r->at++;
		return 0;
	}
	for (;;) {
		struct node key = none;

		skip_space(r);
		if (close == '}') {
			if (r->at >= r->end || *r->at != '"')
				return payload_wrong(r, "");
			r->at++;
			if (read_string(r, &key.key, &key.nkey, &key.key_escaped))
				return -1;
			skip_space(r);
			if (r->at >= r->end || *r->at != ':')
				return payload_wrong(r, "");
			r->at++;
		}
		if (read_value(r, key, depth))
			return -1;
		skip_space(r);
		if (r->at >= r->end || (*r->at != ',' && *r->at != close))
			return payload_wrong(r, "");
		if (*r->at++ == close)
			break;
	}
	v->size = (uint32_t)(&r->p->nodes[r->p->n] - v);
	return close == '}' ? check_keys(r, v) : 0;
}

/* KEY is the node as far as it is known. DEPTH brackets are open around it. */
static int read_value(struct reader *r, struct node key, unsigned depth)
{
	struct node *v;

	skip_space(r);
	if (r->at >= r->end)
		return payload_wrong(r, "");
	if (r->p->n == PAYLOAD_NODES)
		return err_set(r->e, ERR_FOREIGN, "more than %d values", PAYLOAD_NODES);
	v = &r->p->nodes[r->p->n++];
	*v = key;
	v->size = 1;
	switch (*r->at) {
	case '{':
		r->at++;
		v->kind = NODE_OBJECT;
		return read_inside(r, v, '}', depth + 1);
	case '[':
		r->at++;
		v->kind = NODE_ARRAY;
		return read_inside(r, v, ']', depth + 1);
	case '"':
		r->at++;
		v->kind = NODE_STRING;
		return read_string(r, &v->text, &v->n, &v->escaped);
	default:
		return *r->at == '-' || digit_at(r) ? payload_read_number(r, v) : read_word(r, v);
	}
}

int payload_read(struct payload *p, const char *text, size_t n, struct err *e)
{
	struct reader r = { text, text, text + n, p, e };

	p->n = 0;
	if (read_value(&r, (struct node){ .key = NULL }, 0))
		return -1;
	skip_space(&r);
	return r.at == r.end ? 0 : payload_wrong(&r, "something stands behind it");
}

/* ---- looking at it ---------------------------------------------------------- */

const struct node *node_first(const struct node *v)
{
	return v->size > 1 ? v + 1 : NULL;
}

const struct node *node_next(const struct node *v, const struct node *c)
{
	c += c->size;
	return c < v + v->size ? c : NULL;
}

bool node_named(const struct node *v, const char *key)
{
	struct node k = { .key = key, .nkey = (uint32_t)strlen(key) };

	return v->key && same_key(v, &k);
}

const struct node *node_get(const struct node *v, const char *key)
{
	if (v->kind != NODE_OBJECT)
		return NULL;
	for (const struct node *c = node_first(v); c; c = node_next(v, c))
		if (node_named(c, key))
			return c;
	return NULL;
}

const struct node *node_get_kind(const struct node *v, const char *key, enum node_kind kind)
{
	const struct node *c = node_get(v, key);

	return c && c->kind == kind ? c : NULL;
}

bool node_raw(const struct node *v, char *buf, size_t size)
{
	size_t n;

	if (v && v->kind == NODE_STRING && unescape(v->text, v->n, buf, size, &n))
		return true;
	buf[0] = '\0';
	return false;
}

bool node_text(const struct node *v, char *buf, size_t size)
{
	char raw[256];
	bool whole = node_raw(v, raw, size < sizeof(raw) ? size : sizeof(raw));

	text_clean(buf, size, raw);
	return whole;
}

bool node_is(const struct node *v, const char *s)
{
	return v && v->kind == NODE_STRING && !v->escaped && v->n == strlen(s)
		&& memcmp(v->text, s, v->n) == 0;
}

const char *node_what(const struct node *v)
{
	static const char *const names[] = {
		[NODE_NULL] = "null", [NODE_FALSE] = "false", [NODE_TRUE] = "true",
		[NODE_NUMBER] = "a number", [NODE_STRING] = "a string", [NODE_ARRAY] = "an array",
		[NODE_OBJECT] = "an object",
	};

	return v ? names[v->kind] : "nothing";
}
