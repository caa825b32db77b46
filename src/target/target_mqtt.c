#include "target_mqtt.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

enum part {
	PART_DIALECT, PART_VENDOR, PART_PRODUCT, PART_GROUP, PART_TOPIC, PART_REQUEST,
	PART_REPLY, PART_CODING, PART_USER, PART_PASSFILE, PART_CA, PART_CERT, PART_KEY,
	PART_KEYPASS, PART_VERSION, PART_QOS, PART_KEEPALIVE, PART_SESSION, PART_CLIENT, PART_SHARE,
	PART_WILL, PART_PATH, PART_ALPN, PART_PROXY, PARTS
};

const char *const target_mqtt_parts[] = {
	[PART_DIALECT] = "dialect", [PART_VENDOR] = "vendor", [PART_PRODUCT] = "product",
	[PART_GROUP] = "group", [PART_TOPIC] = "topic", [PART_REQUEST] = "request",
	[PART_REPLY] = "reply", [PART_CODING] = "coding", [PART_USER] = "user",
	[PART_PASSFILE] = "passfile", [PART_CA] = "ca", [PART_CERT] = "cert",
	[PART_KEY] = "key", [PART_KEYPASS] = "keypass", [PART_VERSION] = "version", [PART_QOS] = "qos",
	[PART_KEEPALIVE] = "keepalive", [PART_SESSION] = "session",
	[PART_CLIENT] = "client", [PART_SHARE] = "share", [PART_WILL] = "will",
	[PART_PATH] = "path", [PART_ALPN] = "alpn", [PART_PROXY] = "proxy", NULL
};

/* What the parts that are plain text are: the name of a file, where a secret is, a string of MQTT, or
 * a piece of a topic. */
enum text_kind { TEXT_ANY, TEXT_SECRET, TEXT_STRING, TEXT_LEVEL, TEXT_TOPIC, TEXT_FILTER };

static const struct field {
	size_t offset, size;	/* size 0: no text */
	enum text_kind kind;
} fields[PARTS] = {
#define FIELD(member, kind) { offsetof(struct target_mqtt, member), \
			      sizeof(((struct target_mqtt *)0)->member), kind }
	[PART_DIALECT] = FIELD(dialect, TEXT_LEVEL),
	[PART_VENDOR] = FIELD(vendor, TEXT_LEVEL),
	[PART_PRODUCT] = FIELD(product, TEXT_LEVEL),
	[PART_GROUP] = FIELD(group, TEXT_LEVEL),
	[PART_TOPIC] = FIELD(topic, TEXT_FILTER),
	[PART_REQUEST] = FIELD(request, TEXT_TOPIC),
	[PART_REPLY] = FIELD(reply, TEXT_FILTER),
	[PART_USER] = FIELD(user, TEXT_STRING),
	[PART_PASSFILE] = FIELD(password_file, TEXT_ANY),
	[PART_CA] = FIELD(ca, TEXT_ANY),
	[PART_CERT] = FIELD(cert, TEXT_ANY),
	[PART_KEY] = FIELD(key, TEXT_ANY),
	[PART_KEYPASS] = FIELD(key_password, TEXT_SECRET),
	[PART_CLIENT] = FIELD(client, TEXT_STRING),
	[PART_SHARE] = FIELD(share, TEXT_LEVEL),
	[PART_WILL] = FIELD(will, TEXT_FILTER),
	[PART_PATH] = FIELD(path, TEXT_STRING),
	[PART_ALPN] = FIELD(alpn, TEXT_STRING),
	[PART_PROXY] = FIELD(proxy, TEXT_STRING),
#undef FIELD
};

static const struct target_mqtt defaults = { .version = MQTT_311, .qos = 1, .keepalive = 30 };

void target_mqtt_init(struct target_mqtt *t, bool tls)
{
	*t = defaults;
	t->tls = tls;
}

/* A broker hangs up on a text that is no UTF-8 (MQTT 3.1.1, 1.5.3). */
static bool target_mqtt_is_text(const char *s)
{
	size_t left = strlen(s);
	unsigned cp;

	while (left > 0) {
		size_t n = text_utf8(s, left, &cp);

		if (n == 0 || cp < 0x20 || cp == 0x7F)
			return false;
		s += n;
		left -= n;
	}
	return true;
}

/* "@env:NAME", "@file:PATH", "@ask": nothing that is a secret itself. */
static bool target_mqtt_refers(const char *s)
{
	return strcmp(s, "@ask") == 0 || (strncmp(s, "@env:", 5) == 0 && s[5]) || (strncmp(s, "@file:", 6) == 0 && s[6]);
}

static int target_mqtt_set_text(struct target_mqtt *t, enum part p, const char *value, struct err *e)
{
	const struct field *f = &fields[p];
	const char *name = target_mqtt_parts[p];

	if (!*value)
		return err_set(e, ERR_USAGE, "%s is empty", name);
	if (f->kind == TEXT_SECRET && !target_mqtt_refers(value))
		return err_set(e, ERR_USAGE, "%s says where the password is, never what it is (write @env:NAME, @file:PATH or @ask)", name);
	if (strlen(value) >= f->size)
		return err_set(e, ERR_USAGE, "%s '%.40s...' is too long (at most %zu bytes)",
			       name, value, f->size - 1);
	if (f->kind == TEXT_STRING && !target_mqtt_is_text(value))
		return err_set(e, ERR_USAGE, "%s '%s' holds a control character, or is not UTF-8", name, value);
	if (f->kind == TEXT_LEVEL && !mqtt_level(value))
		return err_set(e, ERR_USAGE, "%s '%s' is no level of a topic (no '/', '+', '#')",
			       name, value);
	if ((f->kind == TEXT_TOPIC || f->kind == TEXT_FILTER)
	    && !mqtt_topic(value, f->kind == TEXT_FILTER))
		return err_set(e, ERR_USAGE, "%s '%s' is no topic%s", name, value,
			       f->kind == TEXT_TOPIC ? " to publish to (no '+', '#')"
			       : " ('+' stands alone in its level, '#' alone in the last)");
	memcpy((char *)t + f->offset, value, strlen(value) + 1);
	return 0;
}

static int target_mqtt_set_number(const char *name, const char *value, long min, long max, int *out,
				  struct err *e)
{
	long v;

	if (!text_long(value, min, max, &v))
		return err_set(e, ERR_USAGE, "%s '%s' is not a number from %ld to %ld",
			       name, value, min, max);
	*out = (int)v;
	return 0;
}

/* One of two words. */
static int set_word(const char *name, const char *value, const char *no, const char *yes,
		    bool *out, struct err *e)
{
	if (strcmp(value, no) != 0 && strcmp(value, yes) != 0)
		return err_set(e, ERR_USAGE, "%s '%s' is not %s or %s", name, value, no, yes);
	*out = strcmp(value, yes) == 0;
	return 0;
}

int target_mqtt_set(struct target_mqtt *t, const char *key, const char *value, struct err *e)
{
	bool five = false;
	size_t i = 0;

	while (target_mqtt_parts[i] && strcmp(target_mqtt_parts[i], key) != 0)
		i++;
	switch ((enum part)i) {
	case PART_CODING:
		return set_word(key, value, "binary", "hex", &t->hex, e);
	case PART_SESSION:
		return set_word(key, value, "clean", "persistent", &t->persistent, e);
	case PART_VERSION:
		if (set_word(key, value, "3.1.1", "5", &five, e))
			return -1;
		t->version = five ? MQTT_5 : MQTT_311;
		return 0;
	case PART_QOS:
		return target_mqtt_set_number(key, value, 0, 2, &t->qos, e);
	case PART_KEEPALIVE:
		return target_mqtt_set_number(key, value, 1, 65535, &t->keepalive, e);
	case PARTS:
		return err_set(e, ERR_USAGE, "unknown part '%s'", key);
	default:
		return target_mqtt_set_text(t, (enum part)i, value, e);
	}
}

int target_mqtt_check(const struct target_mqtt *t, struct err *e)
{
	if (t->persistent && !t->client[0])
		return err_set(e, ERR_USAGE, "a persistent session belongs to a client: add &client=NAME");
	if (!t->cert[0] != !t->key[0])
		return err_set(e, ERR_USAGE, "a client certificate needs both cert=FILE and key=FILE");
	if (t->key_password[0] && !t->key[0])
		return err_set(e, ERR_USAGE, "keypass is the password of a key: add cert=FILE and key=FILE");
	if (t->password_file[0] && !t->user[0])
		return err_set(e, ERR_USAGE, "a password is a user's: add &user=NAME to passfile=");
	if (!t->tls && (t->ca[0] || t->cert[0]))
		return err_set(e, ERR_USAGE, "certificates are for mqtts:// and wss:// (this is in clear)");
	if (!t->tls && t->alpn[0])
		return err_set(e, ERR_USAGE, "alpn is for mqtts:// and wss:// (this is in clear)");
	if (t->path[0] && (!t->web || t->path[0] != '/' || strpbrk(t->path, " ?#")))
		return err_set(e, ERR_USAGE, "path '%s' is not for ws:// or wss://, or does not begin with '/'", t->path);
	if (t->proxy[0] && !mqtt_proxy(t, NULL, 0, NULL))
		return err_set(e, ERR_USAGE, "proxy '%s' is not HOST:PORT", t->proxy);
	if (strcmp(t->dialect, "tunnel") == 0 && !t->sn[0])
		return err_set(e, ERR_USAGE, "a tunnel leads to one meter: write its serial number behind the host (/SN)");
	if (strcmp(t->dialect, "tunnel") == 0 && t->share[0])
		return err_set(e, ERR_USAGE, "share is not for a tunnel: a reply is for who has asked, and could go to another member");
	if (strcmp(t->dialect, "tunnel") != 0 && (t->request[0] || t->reply[0] || t->hex))
		return err_set(e, ERR_USAGE, "request, reply and coding are for dialect=tunnel");
	return 0;
}

const char *target_mqtt_get(const struct target_mqtt *t, size_t i, bool full,
			    char *buf, size_t size)
{
	const struct field *f = &fields[i];

	switch ((enum part)i) {
	case PART_CODING:
		snprintf(buf, size, "%s", t->hex ? "hex" : "binary");
		return (full && strcmp(t->dialect, "tunnel") == 0) || t->hex ? buf : NULL;
	case PART_SESSION:
		snprintf(buf, size, "%s", t->persistent ? "persistent" : "clean");
		return full || t->persistent ? buf : NULL;
	case PART_VERSION:
		snprintf(buf, size, "%s", t->version == MQTT_5 ? "5" : "3.1.1");
		return full || t->version != defaults.version ? buf : NULL;
	case PART_QOS:
		snprintf(buf, size, "%d", t->qos);
		return full || t->qos != defaults.qos ? buf : NULL;
	case PART_KEEPALIVE:
		snprintf(buf, size, "%d", t->keepalive);
		return full || t->keepalive != defaults.keepalive ? buf : NULL;
	default:
		snprintf(buf, size, "%s", (const char *)t + f->offset);
		return *buf ? buf : NULL;
	}
}

const char *target_mqtt_shown(const char *text, char *buf, size_t size)
{
	const char *host = strstr(text, "://"), *query = text + strcspn(text, "?"), *login;
	size_t at = 0;

	buf[0] = '\0';
	/* "mqtt://USER:PASSWORD@HOST" */
	login = host ? memrchr(host, '@', (size_t)(query - (host < query ? host : query))) : NULL;
	if (login) {
		text_append(buf, size, &at, "%.*s...", (int)(host + 3 - text), text);
		text = login;
	}
	text_append(buf, size, &at, "%.*s", (int)(query - text), text);
	/* "&password=...", which there is not, and "&keypass=" that is no reference */
	for (const char *p = query; *p;) {
		size_t len = 1 + strcspn(p + 1, "&"), name = strcspn(p, "=");
		bool secret = (strncmp(p + 1, "pass", 4) == 0 || strncmp(p + 1, "pw", 2) == 0)
			&& strncmp(p + 1, "passfile=", 9) != 0;
		secret = secret || (strncmp(p + 1, "keypass=", 8) == 0 && p[9] != '@');

		text_append(buf, size, &at, "%.*s%s", secret && name < len ? (int)name + 1 : (int)len, p,
			    secret ? "..." : "");
		p += len;
	}
	return buf;
}

bool mqtt_level(const char *s)
{
	return *s && !strpbrk(s, "/+#") && target_mqtt_is_text(s);
}

bool mqtt_topic(const char *s, bool filter)
{
	for (const char *p = s; *p; p++) {
		bool first = p == s || p[-1] == '/';

		if ((*p == '+' || *p == '#') && !filter)
			return false;
		if (*p == '+' && !(first && (p[1] == '/' || !p[1])))
			return false;
		if (*p == '#' && !(first && !p[1]))
			return false;
	}
	return *s && target_mqtt_is_text(s);
}

/* Behind $share/NAME/, or all of it. */
static const char *unshared(const char *filter)
{
	const char *slash;

	if (strncmp(filter, "$share/", 7) != 0)
		return filter;
	slash = strchr(filter + 7, '/');
	return slash ? slash + 1 : filter;
}

bool mqtt_match(const char *filter, const char *topic, size_t n)
{
	const char *f = unshared(filter), *t = topic, *end = topic + n;

	/* what begins with $ is not for wildcards (MQTT 3.1.1, 4.7.2) */
	if (n > 0 && *t == '$' && (*f == '+' || *f == '#'))
		return false;
	for (;;) {
		size_t level = strcspn(f, "/");
		const char *slash = memchr(t, '/', (size_t)(end - t));
		size_t here = (size_t)((slash ? slash : end) - t);

		if (level == 1 && *f == '#')
			return true;
		if (!(level == 1 && *f == '+') && (level != here || memcmp(f, t, here) != 0))
			return false;
		f += level;
		t += here;
		if (t == end)
			return !*f || strcmp(f, "/#") == 0;	/* "a/#" takes "a", too */
		if (!*f)
			return false;
		f++;
		t++;
	}
}

bool mqtt_fill(char *buf, size_t size, const char *form, const char *sn)
{
	size_t at = 0;

	for (const char *p = form; *p;) {
		const char *here = strstr(p, "{sn}");
		size_t len = here ? (size_t)(here - p) : strlen(p);

		text_append(buf, size, &at, "%.*s%s", (int)len, p, here ? sn : "");
		p += len + (here ? 4 : 0);
	}
	if (size > 0 && at == 0)
		buf[0] = '\0';
	return at + 1 < size;
}

bool mqtt_proxy(const struct target_mqtt *t, char *host, size_t size, int *port)
{
	const char *colon = strrchr(t->proxy, ':');
	long n;

	if (!colon || colon == t->proxy || strpbrk(t->proxy, "/@ ") || !text_long(colon + 1, 1, 65535, &n))
		return false;
	if (host)
		snprintf(host, size, "%.*s", (int)(colon - t->proxy), t->proxy);
	if (port)
		*port = (int)n;
	return true;
}

bool mqtt_names(const struct target_mqtt *t)
{
	size_t n = strlen(t->sn);

	if (!t->topic[0] || strstr(t->topic, "{sn}"))
		return true;
	for (const char *p = t->topic; n && p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, t->sn, n) == 0 && (p[n] == '/' || !p[n]))
			return true;
	}
	return false;
}

bool mqtt_fill_any(char *buf, size_t size, const char *form)
{
	size_t at = 0;

	buf[0] = '\0';
	for (const char *p = form; *p;) {
		size_t len = strcspn(p, "/");
		const char *sn = strstr(p, "{sn}");
		bool any = sn && sn < p + len;

		text_append(buf, size, &at, "%.*s%s", any ? 1 : (int)len, any ? "+" : p,
			    p[len] ? "/" : "");
		p += len + (p[len] != '\0');
	}
	return at + 1 < size;
}

bool mqtt_serial(const char *form, const char *topic, size_t n, char *buf, size_t size)
{
	const char *sn = strstr(form, "{sn}"), *level = form, *end = topic + n;
	char filter[MQTT_TOPIC * 2];
	size_t before, behind, len;

	if (!sn || !mqtt_fill_any(filter, sizeof(filter), form) || !mqtt_match(filter, topic, n))
		return false;
	/* as many levels in as "{sn}" is; a '+' or '#' in front of it is one, too */
	for (const char *p = form; p < sn; p++)
		if (*p == '/') {
			level = p + 1;
			topic = memchr(topic, '/', (size_t)(end - topic));
			topic++;
		}
	before = (size_t)(sn - level);
	behind = strcspn(sn + 4, "/");
	for (len = 0; topic + len < end && topic[len] != '/'; len++)
		;
	if (len <= before + behind || len - before - behind >= size
	    || memcmp(topic, level, before) != 0
	    || memcmp(topic + len - behind, sn + 4, behind) != 0)
		return false;
	len -= before + behind;
	memcpy(buf, topic + before, len);
	buf[len] = '\0';
	return strlen(buf) == len;
}

bool mqtt_will_gone(const char *payload, size_t n)
{
	static const char *const here[] = { "", "online", "connected", "true", "1" };

	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		if (strlen(here[i]) == n && ascii_ncasecmp(payload, here[i], n) == 0)
			return false;
	return true;
}
