#include "target.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "base/text.h"
#include "profile/profile.h"

int target_rate(const char *text)
{
	long v, rate;

	for (size_t i = 0; text_long(text, 1, 115200, &v) && i < NBAUDS; i++)
		if (text_long(baud_names[i], 1, 115200, &rate) && rate == v)
			return (int)rate;
	return 0;
}

#define PARTS_MAX 32

/* The `?` parts a scheme takes. */
struct part {
	const char *key;
	int (*set)(struct target *t, const char *key, const char *value, struct err *e);
};

static int set_baud(struct target *t, const char *key, const char *value, struct err *e)
{
	(void)key;
	t->baud = target_rate(value);
	return t->baud ? 0 : err_set(e, ERR_USAGE, "baud '%s' is not a rate; it is " TARGET_RATES, value);
}

static int set_parity(struct target *t, const char *key, const char *value, struct err *e)
{
	(void)key;
	if (strcmp(value, "none") == 0)
		t->parity = 'N';
	else if (strcmp(value, "even") == 0)
		t->parity = 'E';
	else if (strcmp(value, "odd") == 0)
		t->parity = 'O';
	else
		return err_set(e, ERR_USAGE, "parity '%s' is not none, even or odd", value);
	return 0;
}

static int set_stop(struct target *t, const char *key, const char *value, struct err *e)
{
	long v;

	(void)key;
	if (!text_long(value, 1, 2, &v))
		return err_set(e, ERR_USAGE, "stop '%s' is not 1 or 2", value);
	t->stop = (int)v;
	return 0;
}

static int target_set_unit(struct target *t, const char *key, const char *value, struct err *e)
{
	struct unit_range r = target_units(t->scheme);
	long v;

	(void)key;
	if (!text_long(value, r.least, r.most, &v))
		return err_set(e, ERR_USAGE, "unit '%s' is not an address from %d to %d", value, r.least, r.most);
	t->unit = (int)v;
	return 0;
}

static int set_pause(struct target *t, const char *key, const char *value, struct err *e)
{
	long v;

	(void)key;
	if (!text_long(value, 1, TARGET_PAUSE_MAX, &v))
		return err_set(e, ERR_USAGE, "pause '%s' is not 1 to %d (ms of silence before a request)", value, TARGET_PAUSE_MAX);
	t->pause_ms = (int)v;
	return 0;
}

static int target_set_exclusive(struct target *t, const char *key, const char *value, struct err *e)
{
	(void)key;
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(e, ERR_USAGE, "exclusive '%s' is not yes or no", value);
	t->exclusive = value[0] == 'y';
	return 0;
}

static const char *const rs485_names[] = {
	[RS485_ADAPTER] = "", [RS485_KERNEL] = "kernel", [RS485_RTS] = "rts",
	[RS485_RTS_INVERTED] = "rts-inverted",
};

static int set_rs485(struct target *t, const char *key, const char *value, struct err *e)
{
	(void)key;
	for (unsigned i = RS485_KERNEL; i <= RS485_RTS_INVERTED; i++)
		if (strcmp(value, rs485_names[i]) == 0) {
			t->rs485 = (enum target_rs485)i;
			return 0;
		}
	return err_set(e, ERR_USAGE, "rs485 '%s' is not kernel, rts or rts-inverted", value);
}

static int set_rs485_time(struct target *t, const char *key, const char *value, struct err *e)
{
	int *ms = strcmp(key, "rs485-before") == 0 ? &t->rs485_before : &t->rs485_after;
	long v;

	if (!text_long(value, 0, RS485_MOST_MS, &v))
		return err_set(e, ERR_USAGE, "%s '%s' is not a time from 0 to %d ms", key, value, RS485_MOST_MS);
	*ms = (int)v;
	return 0;
}

static const struct part rtu_parts[] = {
	{ "baud", set_baud }, { "parity", set_parity },
	{ "stop", set_stop }, { "rs485", set_rs485 }, { "rs485-before", set_rs485_time },
	{ "rs485-after", set_rs485_time }, { "unit", target_set_unit },
	{ "pause", set_pause }, { "exclusive", target_set_exclusive }, { NULL, NULL },
};

static const struct part network_parts[] = {
	{ "unit", target_set_unit }, { "pause", set_pause },
	{ "exclusive", target_set_exclusive }, { NULL, NULL },
};

/* Bits for a set of parts seen. */
static int set_part(struct target *t, const struct part *parts, const char *key,
		    const char *value, unsigned *seen, struct err *e)
{
	const char *names[PARTS_MAX];
	char known[240] = "";
	size_t n = 0, at = 0;

	for (; parts[n].key; n++) {
		names[n] = parts[n].key;
		text_append(known, sizeof(known), &at, "%s%s", n ? ", " : "", names[n]);
		if (strcmp(parts[n].key, key) != 0)
			continue;
		if (*seen & 1U << n)
			return err_set(e, ERR_USAGE, "%s is given twice", key);
		*seen |= 1U << n;
		return parts[n].set(t, key, value, e);
	}
	const char *near = text_nearest(key, names, n);

	if (near)
		return err_set(e, ERR_USAGE, "unknown part '%s'; did you mean %s?", key, near);
	return err_set(e, ERR_USAGE, "unknown part '%s'; there is %s", key, known);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
	     : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes percent-encoding of the N bytes at SRC. */
static int target_decode(char *dst, size_t size, const char *src, size_t n, struct err *e)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		char c = src[i];

		if (c == '%') {
			int hi = i + 2 < n ? hex(src[i + 1]) : -1;
			int lo = i + 2 < n ? hex(src[i + 2]) : -1;

			/* a NUL would end the text early */
			if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
				return err_set(e, ERR_USAGE, "'%%' in '%.*s' is not followed by two hex digits (write %%25 for a percent sign)", (int)n, src);
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if (at + 1 >= size)
			return err_set(e, ERR_USAGE, "'%.40s...' is too long", src);
		dst[at++] = c;
	}
	dst[at] = '\0';
	return 0;
}

static int parse_parts(struct target *t, const struct part *parts,
		       const char *query, struct err *e)
{
	unsigned seen = 0;

	while (query && *query) {
		size_t len = strcspn(query, "&");
		size_t key_len = strcspn(query, "=&");
		char key[32], value[256];

		if (key_len >= len)
			return err_set(e, ERR_USAGE, "part '%.*s' has no value (write %.*s=...)",
				       (int)len, query, (int)key_len, query);
		if (target_decode(key, sizeof(key), query, key_len, e)
		    || target_decode(value, sizeof(value), query + key_len + 1, len - key_len - 1, e)
		    || set_part(t, parts, key, value, &seen, e))
			return -1;
		query += len;
		if (*query == '&')
			query++;
	}
	return 0;
}

static int parse_rtu(struct target *t, const char *rest, struct err *e)
{
	size_t len = strcspn(rest, "?");

	if (target_decode(t->path, sizeof(t->path), rest, len, e))
		return -1;
	if (!t->path[0])
		return err_set(e, ERR_USAGE, "no port named (write rtu:/dev/ttyUSB0)");
	if (!strchr(t->path, '/'))
		return err_set(e, ERR_USAGE, "port '%s' is not a path (write rtu:/dev/%s)",
			       t->path, t->path);
	if (parse_parts(t, rtu_parts, rest[len] ? rest + len + 1 : NULL, e))
		return -1;
	if (t->rs485 == RS485_ADAPTER && (t->rs485_before || t->rs485_after))
		return err_set(e, ERR_USAGE, "rs485-before and rs485-after need rs485=kernel, rts or rts-inverted");
	return 0;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT. */
static int parse_host(struct target *t, const char *s, size_t n, struct err *e)
{
	const char *host = s, *colon;
	size_t len;
	char port[16];
	long v;

	if (n >= 2 && s[0] == '/' && s[1] == '/')
		return err_set(e, ERR_USAGE, "the host follows the colon without '//'");
	if (n > 0 && s[0] == '[') {
		const char *end = memchr(s, ']', n);

		if (!end)
			return err_set(e, ERR_USAGE, "'[' without ']' in '%.*s'", (int)n, s);
		host = s + 1;
		len = (size_t)(end - host);
		colon = end + 1 < s + n ? end + 1 : NULL;
		if (colon && *colon != ':')
			return err_set(e, ERR_USAGE, "only ':PORT' may follow ']' in '%.*s'", (int)n, s);
	} else {
		colon = memchr(s, ':', n);
		len = colon ? (size_t)(colon - s) : n;
		if (colon && memchr(colon + 1, ':', n - len - 1))
			return err_set(e, ERR_USAGE, "an IPv6 address stands in brackets: [%.*s]", (int)n, s);
	}
	if (target_decode(t->host, sizeof(t->host), host, len, e))
		return -1;
	if (strpbrk(t->host, "[]"))
		return err_set(e, ERR_USAGE, "'%s' is no host (brackets go around an IPv6 address)", t->host);
	if (!t->host[0])
		return err_set(e, ERR_USAGE, "no host named (write %sHOST%s)",
			       target_prefix(t), t->port ? "" : ":PORT");
	if (!colon) {
		if (!t->port)
			return err_set(e, ERR_USAGE, "no port named (write %s%s:PORT; serial servers have no common one)",
				       target_prefix(t), t->host);
		return 0;
	}
	if (target_decode(port, sizeof(port), colon + 1, (size_t)(s + n - colon - 1), e))
		return -1;
	if (!text_long(port, 1, 65535, &v))
		return err_set(e, ERR_USAGE, "port '%s' is not a number from 1 to 65535", port);
	t->port = (int)v;
	return 0;
}

static int parse_network(struct target *t, const char *rest, struct err *e)
{
	size_t len = strcspn(rest, "?");

	if (parse_host(t, rest, len, e))
		return -1;
	return parse_parts(t, network_parts, rest[len] ? rest + len + 1 : NULL, e);
}

static int set_mqtt(struct target *t, const char *key, const char *value, struct err *e)
{
	return target_mqtt_set(&t->mqtt, key, value, e);
}

/* //HOST[:PORT][/SN][?parts] */
static int parse_mqtt(struct target *t, const char *rest, struct err *e)
{
	struct part parts[PARTS_MAX] = { { NULL, NULL } };
	size_t all = strcspn(rest, "?"), host = strcspn(rest, "/?"), n = 0;

	target_mqtt_init(&t->mqtt, target_can(t, SCHEME_TLS));
	t->mqtt.web = target_can(t, SCHEME_WEB);
	if (memchr(rest, '@', host))
		return err_set(e, ERR_USAGE, "who logs in is said by ?user=NAME, the password never here (METERCTL_MQTT_PASSWORD)");
	if (parse_host(t, rest, host, e))
		return -1;
	if (host + 1 < all
	    && target_decode(t->mqtt.sn, sizeof(t->mqtt.sn), rest + host + 1, all - host - 1, e))
		return -1;
	if (t->mqtt.sn[0] && !mqtt_level(t->mqtt.sn))
		return err_set(e, ERR_USAGE, "'%s' is no serial number (it is one level of a topic)", t->mqtt.sn);
	for (; target_mqtt_parts[n]; n++)
		parts[n] = (struct part){ target_mqtt_parts[n], set_mqtt };
	parts[n] = (struct part){ "unit", target_set_unit };
	if (parse_parts(t, parts, rest[all] ? rest + all + 1 : NULL, e))
		return -1;
	return target_mqtt_check(&t->mqtt, e);
}

/* The scenario is the simulator's to judge; the address and the pace it sets
 * are ours as well, being those of the line. */
static int parse_sim(struct target *t, const char *rest, struct err *e)
{
	if (target_decode(t->scenario, sizeof(t->scenario), rest, strlen(rest), e))
		return -1;
	t->baud = 115200;
	for (const char *p = t->scenario; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		char word[64];

		snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, ","), p);
		if (strncmp(word, "pace=", 5) == 0 && set_baud(t, "pace", word + 5, e))
			return -1;
		if (strncmp(word, "unit=", 5) == 0 && target_set_unit(t, "unit", word + 5, e))
			return -1;
	}
	return 0;
}

/* What follows the prefix: read, and as a person writes it. */
struct form {
	int (*parse)(struct target *t, const char *rest, struct err *e);
	const char *like;
};
static const struct form form_rtu = { parse_rtu, "/dev/..." };
static const struct form form_network = { parse_network, "HOST" };
static const struct form form_sim = { parse_sim, "" };
static const struct form form_mqtt = { parse_mqtt, "HOST/SN" };

static const struct scheme_row {
	const char *prefix;
	int port;		/* the usual one; 0: there is none */
	const struct form *form;
	struct unit_range units;
	enum scheme others;
	unsigned flags;
	const char *name, *title;
} schemes[SCHEMES] = {
#define SCHEME(id, prefix, port, form, least, most, others, flags, opener, name, title) \
	[SCHEME_##id] = { prefix, port, &form_##form, { least, most }, SCHEME_##others, flags, name, title },
#include "schemes.h"
#undef SCHEME
};

bool target_can(const struct target *t, unsigned flags)
{
	return (schemes[t->scheme].flags & flags) == flags;
}

enum scheme target_other_frames(const struct target *t)
{
	return schemes[t->scheme].others;
}

struct unit_range target_units(enum scheme scheme)
{
	return schemes[scheme].units;
}

const char *scheme_name(enum scheme s)
{
	return schemes[s].name;
}

const char *scheme_title(enum scheme s)
{
	return schemes[s].title;
}

const char *target_scheme(size_t i)
{
	return i < SCHEMES ? schemes[i].prefix : NULL;
}

const char *target_forms(char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < SCHEMES; i++) {
		bool port = schemes[i].flags & SCHEME_NETWORK && !schemes[i].port;

		text_append(buf, size, &at, "%s%s%s%s", i ? ", " : "", schemes[i].prefix,
			    schemes[i].form->like, port ? ":PORT" : "");
	}
	return buf;
}

static const struct scheme_row *scheme_of(const char *text)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	return NULL;
}

static int parse_scheme(const struct scheme_row *s, const char *text,
			struct target *t, struct err *e)
{
	t->scheme = (enum scheme)(s - schemes);
	t->port = s->port;
	t->baud = 9600;
	t->parity = 'N';
	t->stop = 1;
	t->unit = 1;
	return s->form->parse(t, text + strlen(s->prefix), e);
}

/* TEXT is neither a target nor can it be a name: say what it looks like. */
static int target_complain(const char *text, struct err *e)
{
	char forms[TARGET_FORMS];

	if (strncmp(text, "ws:", 3) == 0 || strncmp(text, "wss:", 4) == 0)
		return err_set(e, ERR_USAGE, "'%s' is not a target (write ws://HOST/SN or wss://HOST/SN)", text);
	if (strncmp(text, "mqtt:", 5) == 0 || strncmp(text, "mqtts:", 6) == 0)
		return err_set(e, ERR_USAGE, "'%s' is not a target (write mqtt://HOST/SN or mqtts://HOST/SN)", text);
	if (text[0] == '/')
		return err_set(e, ERR_USAGE, "'%s' has no scheme (write rtu:%s)", text, text);
	return err_set(e, ERR_USAGE, "'%s' is not a target; it is %s or a saved name", text,
		       target_forms(forms, sizeof(forms)));
}

int target_parse(const char *text, struct target *t, struct err *e)
{
	const struct scheme_row *s = scheme_of(text);
	char saved[sizeof(t->text)], shown[sizeof(t->text)];

	*t = (struct target){ 0 };
	if (snprintf(t->text, sizeof(t->text), "%s", text) >= (int)sizeof(t->text))
		return err_set(e, ERR_USAGE, "target '%.40s...' is too long", text);
	if (s) {
		if (parse_scheme(s, text, t, e))
			return err_prefix(e, "target '%s'", target_mqtt_shown(text, shown, sizeof(shown)));
		return 0;
	}
	if (!*text || strpbrk(text, ":/"))
		return target_complain(text, e);
	if (config_connection(text, saved, sizeof(saved), e))
		return -1;
	s = scheme_of(saved);
	if (s ? parse_scheme(s, saved, t, e) : target_complain(saved, e))
		return err_prefix(e, "saved connection '%s' ('%s')", text,
				  target_mqtt_shown(saved, shown, sizeof(shown)));
	return 0;
}

/* Percent-encodes what would end a path, a host or (with ENDS) a part, or could not
 * be seen. */
static void append_encoded(char *buf, size_t size, size_t *at, const char *s, const char *ends)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c >= 0x7F || c == '%' || c == '?' || strchr(ends, c))
			text_append(buf, size, at, "%%%02X", c);
		else
			text_append(buf, size, at, "%c", c);
	}
}

static const char *parity_word(char parity)
{
	return parity == 'E' ? "even" : parity == 'O' ? "odd" : "none";
}

const char *target_prefix(const struct target *t)
{
	return schemes[t->scheme].prefix;
}

/* What stands before the next part. */
static const char *append_mqtt(const struct target_mqtt *m, int full, char *buf, size_t size,
			       size_t *at)
{
	const char *sep = "?", *value;
	char text[MQTT_FILE];

	if (m->sn[0]) {
		text_append(buf, size, at, "/");
		append_encoded(buf, size, at, m->sn, "");
	}
	for (size_t i = 0; target_mqtt_parts[i]; i++) {
		value = target_mqtt_get(m, i, full, text, sizeof(text));
		if (!value)
			continue;
		text_append(buf, size, at, "%s%s=", sep, target_mqtt_parts[i]);
		append_encoded(buf, size, at, value, "&");
		sep = "&";
	}
	return sep;
}

/* Likewise. */
static const char *append_rs485(const struct target *t, const char *sep, char *buf, size_t size,
				size_t *at)
{
	text_append(buf, size, at, "%srs485=%s", sep, rs485_names[t->rs485]);
	if (t->rs485_before)
		text_append(buf, size, at, "&rs485-before=%d", t->rs485_before);
	if (t->rs485_after)
		text_append(buf, size, at, "&rs485-after=%d", t->rs485_after);
	return "&";
}

bool target_tunnels(const struct target *t)
{
	return target_is_broker(t) && strcmp(t->mqtt.dialect, "tunnel") == 0;
}

bool target_pushes(const struct target *t)
{
	return target_is_broker(t) && !target_tunnels(t);
}

bool target_frames_rtu(const struct target *t)
{
	return !target_frames_tcp(t) && !target_pushes(t);
}

enum unit_ban target_unit_ban(const struct target *t)
{
	if (t->unit == 0)
		return UNIT_BROADCAST;
	return t->unit > UNIT_MAX && target_frames_rtu(t) ? UNIT_RESERVED : UNIT_FREE;
}

int unit_ban_complain(enum unit_ban ban, struct err *e)
{
	switch (ban) {
	case UNIT_BROADCAST:
		return err_set(e, ERR_DENIED, "write not allowed at unit address 0: more than one meter may take it (use the meter's own address, unit=1 to %d)", UNIT_MAX);
	case UNIT_RESERVED:
		return err_set(e, ERR_DENIED, "write not allowed at unit addresses %d to 255: a serial line reserves them (give the meter an address from 1 to %d at its own keys)", UNIT_MAX + 1, UNIT_MAX);
	case UNIT_FREE:
		break;
	}
	return 0;
}

int target_may_write(const struct target *t, struct err *e)
{
	return unit_ban_complain(target_unit_ban(t), e);
}

bool target_is_meter(const struct target *t)
{
	return !target_is_broker(t) || t->mqtt.sn[0];
}

const char *target_format(const struct target *t, int full, char *buf, size_t size)
{
	bool v6 = strchr(t->host, ':') != NULL;
	const char *sep = "?";
	size_t at = 0;

	if (size == 0)
		return buf;
	buf[0] = '\0';
	text_append(buf, size, &at, "%s", target_prefix(t));
	if (target_is_simulated(t)) {
		append_encoded(buf, size, &at, t->scenario, "");
		return buf;
	}
	if (target_is_serial(t)) {
		append_encoded(buf, size, &at, t->path, "");
	} else {
		text_append(buf, size, &at, "%s", v6 ? "[" : "");
		append_encoded(buf, size, &at, t->host, "/");
		text_append(buf, size, &at, "%s", v6 ? "]" : "");
		if (full || t->port != schemes[t->scheme].port)
			text_append(buf, size, &at, ":%d", t->port);
	}
	if (target_is_broker(t))
		sep = append_mqtt(&t->mqtt, full, buf, size, &at);
	if (target_is_serial(t) && (full || t->baud != 9600)) {
		text_append(buf, size, &at, "%sbaud=%d", sep, t->baud);
		sep = "&";
	}
	if (target_is_serial(t) && (full || t->parity != 'N')) {
		text_append(buf, size, &at, "%sparity=%s", sep, parity_word(t->parity));
		sep = "&";
	}
	if (target_is_serial(t) && (full || t->stop != 1)) {
		text_append(buf, size, &at, "%sstop=%d", sep, t->stop);
		sep = "&";
	}
	if (target_is_serial(t) && t->rs485)
		sep = append_rs485(t, sep, buf, size, &at);
	if ((full && !target_pushes(t)) || t->unit != 1) {
		text_append(buf, size, &at, "%sunit=%d", sep, t->unit);
		sep = "&";
	}
	if (t->pause_ms) {
		text_append(buf, size, &at, "%spause=%d", sep, t->pause_ms);
		sep = "&";
	}
	if (t->exclusive)
		text_append(buf, size, &at, "%sexclusive=yes", sep);
	return buf;
}

int64_t target_char_us(const struct target *t)
{
	int bits = 9 + t->stop + (t->parity != 'N');

	return bits * (int64_t)1000000 / t->baud;
}

const char *target_line(const struct target *t, char *buf, size_t size)
{
	snprintf(buf, size, "%d 8%c%d", t->baud, t->parity, t->stop);
	return buf;
}

/* WORD=VALUE in place of what SCENARIO says of it. */
static int rewrite(char *scenario, size_t size, const char *word, int value, struct err *e)
{
	char out[256] = "";
	size_t at = 0, len = strlen(word);

	for (const char *p = scenario; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");

		if (n > 0 && (strncmp(p, word, len) != 0 || p[len] != '='))
			text_append(out, sizeof(out), &at, "%s%.*s", at ? "," : "", (int)n, p);
		p += n;
	}
	text_append(out, sizeof(out), &at, "%s%s=%d", at ? "," : "", word, value);
	if (at + 1 >= size || at + 1 >= sizeof(out))
		return err_set(e, ERR_USAGE, "the scenario has no room for %s=%d", word, value);
	memcpy(scenario, out, at + 1);
	return 0;
}

int target_follow(struct target *t, const struct target *before, struct err *e)
{
	size_t size = sizeof(t->scenario);

	if (!target_is_simulated(t))
		return 0;
	if (t->unit != before->unit && rewrite(t->scenario, size, "unit", t->unit, e))
		return -1;
	/* without a pace it is heard as fast as it goes, whatever it is set to */
	if (t->baud != before->baud && strstr(t->scenario, "pace="))
		return rewrite(t->scenario, size, "pace", t->baud, e);
	return 0;
}

bool target_change(struct target *t, const char *key, const char *value)
{
	const struct target before = *t;
	struct err e;
	long n;

	if (strcmp(key, "comm.address") == 0
	    && text_long(value, 1, target_units(t->scheme).most, &n)) {
		t->unit = (int)n;
	} else if (strcmp(key, "comm.baud") == 0 && text_long(value, 1, 1000000, &n)) {
		t->baud = (int)n;
	} else if (strcmp(key, "comm.frame") == 0 && strlen(value) == 3) {
		t->parity = value[1];
		t->stop = value[2] - '0';
	} else {
		return false;
	}
	if (target_follow(t, &before, &e) == 0)
		return true;
	*t = before;
	return false;
}
