/* Targets behind a broker: every part, what is refused, and the topics of MQTT. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/target.h"

static struct target good(const char *text)
{
	struct target t;
	struct err e = { 0 };

	if (target_parse(text, &t, &e))
		fail_msg("%s: %s", text, e.text);
	assert_true(target_is_broker(&t));
	return t;
}

/* TEXT is refused and the message has every one of the WORDS. */
static void bad(const char *text, const char *words)
{
	struct target t;
	struct err e = { 0 };
	char copy[200], *save = NULL;

	if (target_parse(text, &t, &e) == 0)
		fail_msg("'%s' is taken", text);
	assert_int_equal(e.code, ERR_USAGE);
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(e.text, w))
			fail_msg("'%s': no '%s' in: %s", text, w, e.text);
}

/* TEXT, written again, is WANT, and that means the same. */
static void written(const char *text, int full, const char *want)
{
	struct target t = good(text), again;
	char out[TARGET_TEXT], twice[TARGET_TEXT];

	assert_string_equal(target_format(&t, full, out, sizeof(out)), want);
	again = good(out);
	assert_string_equal(target_format(&again, full, twice, sizeof(twice)), want);
	/* all but how it was typed */
	memset(t.text, 0, sizeof(t.text));
	memset(again.text, 0, sizeof(again.text));
	assert_memory_equal(&t, &again, sizeof(t));
}

static void plain(void **state)
{
	struct target t = good("mqtt://broker.example/20201998111433");

	(void)state;
	assert_string_equal(t.host, "broker.example");
	assert_int_equal(t.port, 1883);
	assert_string_equal(t.mqtt.sn, "20201998111433");
	assert_true(!t.mqtt.tls && t.mqtt.version == MQTT_311 && t.mqtt.qos == 1);
	assert_true(t.mqtt.keepalive == 30 && !t.mqtt.persistent && !t.mqtt.hex);
	assert_string_equal(t.mqtt.dialect, "");
	assert_true(target_is_meter(&t) && !target_tunnels(&t));
	t = good("mqtts://broker.example");
	assert_true(t.mqtt.tls && t.port == 8883 && !target_is_meter(&t));
	t = good("mqtts://[2001:db8::7]:18883/7");
	assert_string_equal(t.host, "2001:db8::7");
	assert_int_equal(t.port, 18883);
	t = good("mqtt://h/");
	assert_string_equal(t.mqtt.sn, "");
	t = good("mqtt://h?dialect=shadow");
	assert_string_equal(t.mqtt.dialect, "shadow");
	t = good("mqtt://h:1884?");
	assert_int_equal(t.port, 1884);
}

static void parts(void **state)
{
	struct target t = good("mqtts://h/7?dialect=tunnel&vendor=v&product=p&group=g&topic=t/{sn}/%2B&request=a/{sn}"
			       "&reply=b/%23&coding=hex&user=u&passfile=/p&ca=/ca&cert=/c&key=/k&version=5"
			       "&qos=2&keepalive=65535&session=persistent&client=c&will=w/{sn}&unit=9");
	const struct target_mqtt *m = &t.mqtt;

	(void)state;
	assert_string_equal(m->dialect, "tunnel");
	assert_string_equal(m->vendor, "v");
	assert_string_equal(m->product, "p");
	assert_string_equal(m->group, "g");
	assert_string_equal(m->topic, "t/{sn}/+");
	assert_string_equal(m->request, "a/{sn}");
	assert_string_equal(m->reply, "b/#");
	assert_string_equal(m->user, "u");
	assert_string_equal(m->password_file, "/p");
	assert_string_equal(m->ca, "/ca");
	assert_string_equal(m->cert, "/c");
	assert_string_equal(m->key, "/k");
	assert_true(m->hex && m->version == MQTT_5 && m->qos == 2 && m->keepalive == 65535);
	assert_true(m->persistent && t.unit == 9 && target_tunnels(&t));
	assert_string_equal(m->client, "c");
	assert_string_equal(m->will, "w/{sn}");
	t = good("mqtts://h/7?share=s");
	assert_string_equal(m->share, "s");
}

static void round_trip(void **state)
{
	(void)state;
	written("mqtt://h:1883/7", 0, "mqtt://h/7");
	written("mqtts://h:8883/7?qos=1&version=3.1.1&keepalive=30&session=clean", 0, "mqtts://h/7");
	written("mqtts://h:1883", 0, "mqtts://h:1883");
	written("mqtt://[::1]:1884/7?qos=0", 0, "mqtt://[::1]:1884/7?qos=0");
	written("mqtt://h/7", 1, "mqtt://h:1883/7?version=3.1.1&qos=1&keepalive=30&session=clean");
	written("mqtt://h/7?dialect=tunnel", 1, "mqtt://h:1883/7?dialect=tunnel&coding=binary&version=3.1.1"
		"&qos=1&keepalive=30&session=clean&unit=1");
	written("mqtt://h/7?unit=9&dialect=tunnel&coding=hex", 0, "mqtt://h/7?dialect=tunnel&coding=hex&unit=9");
	written("mqtts://h/7?will=w&share=s&client=c&session=persistent&keepalive=1&qos=2&version=5&keypass=@env:K&key=k&cert=c"
		"&ca=a&passfile=p&user=u&topic=t&group=g&product=p&vendor=v&dialect=json-v2", 0,
		"mqtts://h/7?dialect=json-v2&vendor=v&product=p&group=g&topic=t&user=u&passfile=p&ca=a&cert=c"
		"&key=k&keypass=@env:K&version=5&qos=2&keepalive=1&session=persistent&client=c&share=s&will=w");
}

static void encoding(void **state)
{
	struct target t = good("mqtt://h/a%20b%25c?user=a%26b%3Dc&passfile=/srv/x%3Fy&client=a=b");

	(void)state;
	assert_string_equal(t.mqtt.sn, "a b%c");
	assert_string_equal(t.mqtt.user, "a&b=c");
	assert_string_equal(t.mqtt.password_file, "/srv/x?y");
	assert_string_equal(t.mqtt.client, "a=b");
	written("mqtt://h/a%20b%25c?user=a%26b=c", 0, "mqtt://h/a%20b%25c?user=a%26b=c");
	written("mqtt://h/%C3%A9?user=%C3%A9&passfile=a%0A", 0, "mqtt://h/%C3%A9?user=%C3%A9&passfile=a%0A");
	written("mqtt://h/7?topic=a/%2B/%23", 0, "mqtt://h/7?topic=a/+/#");
	bad("mqtt://h/%0", "two hex digits");
	bad("mqtt://h/7?user=%00", "two hex digits");
	bad("mqtt://h/%2F", "'/' is no serial number");
}

static void refused(void **state)
{
	char text[400] = "mqtt://h/7?user=";

	(void)state;
	bad("mqtt:h/7", "mqtt://HOST/SN");
	bad("mqtts:/h", "mqtts://HOST/SN");
	bad("wss:/h", "wss://HOST/SN");
	bad("mqtt://h/7?path=/mqtt", "path '/mqtt'|ws://");
	bad("ws://h/7?path=mqtt", "path 'mqtt'|begin with '/'");
	bad("ws://h/7?alpn=mqtt", "alpn|wss://");
	bad("mqtt://h/7?proxy=there", "proxy 'there'|HOST:PORT");
	bad("mqtt://", "no host");
	bad("mqtt:///7", "no host");
	bad("mqtt://h:0/7", "port '0'");
	bad("mqtt://h:65536", "port '65536'");
	bad("mqtt://::1/7", "brackets");
	bad("mqtt://user:secret@h/7", "?user=NAME|never here");
	bad("mqtt://h/7?password=x", "password");
	bad("mqtt://h/a/b", "'a/b' is no serial number");
	bad("mqtt://h/+", "'+' is no serial number");
	bad("mqtt://h/7?qos=3", "qos '3'|0 to 2");
	bad("mqtt://h/7?qos=", "qos");
	bad("mqtt://h/7?qos", "qos|no value");
	bad("mqtt://h/7?qos=1&qos=1", "qos|twice");
	bad("mqtt://h/7?keepalive=0", "keepalive '0'|1 to 65535");
	bad("mqtt://h/7?version=4", "version '4'|3.1.1 or 5");
	bad("mqtt://h/7?session=new", "session 'new'|clean or persistent");
	bad("mqtt://h/7?session=persistent", "client=NAME");
	bad("mqtt://h/7?passfile=/x", "&user=NAME");
	bad("mqtt://h/7?coding=hex", "dialect=tunnel");
	bad("mqtt://h/7?request=a", "dialect=tunnel");
	bad("mqtt://h?dialect=tunnel", "serial number");
	bad("mqtt://h/7?dialect=tunnel&coding=base64", "coding 'base64'|binary or hex");
	bad("mqtt://h/7?dialect=tunnel&request=a/%23", "request 'a/#'|to publish to");
	bad("mqtt://h/7?dialect=tunnel&reply=a%2B", "reply 'a+'|alone in its level");
	bad("mqtt://h/7?topic=a/%23/b", "topic 'a/#/b'|alone in the last");
	bad("mqtt://h/7?vendor=a/b", "vendor 'a/b'|level of a topic");
	bad("mqtt://h/7?share=a/b", "share 'a/b'");
	bad("mqtt://h/7?dialect=tunnel&share=a", "share|tunnel|who has asked");
	bad("mqtt://h/7?ca=/x", "mqtts://");
	bad("mqtts://h/7?cert=/x", "cert=FILE and key=FILE");
	bad("mqtts://h/7?cert=/x&key=/y&keypass=hush", "'mqtts://h/7?cert=/x&key=/y&keypass=...'|@env:NAME, @file:PATH or @ask");
	bad("mqtts://h/7?cert=/x&key=/y&keypass=@env:", "@env:NAME");
	bad("mqtts://h/7?keypass=@ask", "keypass|cert=FILE and key=FILE");
	bad("mqtt://h/7?baud=9600", "baud");
	bad("mqtt://h/7?dialct=x", "dialct|dialect");
	bad("mqtt://h/7?unit=256", "unit '256'");
	bad("mqtt://h/7?unit=0", "unit '0'");
	bad("mqtt://h/7?user=a%0Ab", "user 'a?b'|control character");
	bad("mqtt://h/7?client=%1Ba", "client|control character");
	bad("mqtt://h/7?client=%FF", "client|UTF-8");
	memset(text + strlen(text), 'u', 64);
	bad(text, "user|too long|63");
}

/* ---- topics (MQTT 3.1.1, 4.7, with its own examples) ---------------------------- */

static void matching(void **state)
{
	static const struct { const char *filter, *topic; bool yes; } cases[] = {
		/* 4.7.1.2 */
		{ "sport/tennis/player1/#", "sport/tennis/player1", true },
		{ "sport/tennis/player1/#", "sport/tennis/player1/ranking", true },
		{ "sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true },
		{ "sport/tennis/player1/#", "sport/tennis/player10", false },
		{ "sport/#", "sport", true }, { "#", "sport/tennis", true }, { "#", "/", true },
		/* 4.7.1.3 */
		{ "sport/tennis/+", "sport/tennis/player1", true },
		{ "sport/tennis/+", "sport/tennis/player2", true },
		{ "sport/tennis/+", "sport/tennis/player1/ranking", false },
		{ "sport/+", "sport", false }, { "sport/+", "sport/", true },
		{ "+/+", "/finance", true }, { "/+", "/finance", true }, { "+", "/finance", false },
		{ "+/tennis/#", "sport/tennis", true }, { "+/tennis/#", "a/tennis/b/c", true },
		{ "sport/+/player1", "sport/tennis/player1", true },
		/* 4.7.2 */
		{ "#", "$SYS/broker/uptime", false }, { "+/monitor/Clients", "$SYS/monitor/Clients", false },
		{ "$SYS/#", "$SYS/broker/uptime", true }, { "$SYS/#", "$SYS", true },
		{ "$SYS/monitor/+", "$SYS/monitor/Clients", true },
		/* 4.7.3 */
		{ "ACCOUNTS", "Accounts", false }, { "finance", "/finance", false },
		{ "finance", "finance", true }, { "finance", "finance/", false },
		{ "finance/", "finance", false }, { "Accounts payable", "Accounts payable", true },
		{ "a//b", "a//b", true }, { "a/+/b", "a//b", true }, { "a//b", "a/b", false },
		/* shared subscriptions are of the filter behind them (MQTT 5, 4.8.2) */
		{ "$share/g/a/+", "a/b", true }, { "$share/g/a/+", "$share/g/a/b", false },
		{ "$share/g/#", "$SYS/x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (mqtt_match(cases[i].filter, cases[i].topic, strlen(cases[i].topic)) != cases[i].yes)
			fail_msg("'%s' and '%s'", cases[i].filter, cases[i].topic);
	/* what comes is not terminated and may hold a NUL */
	assert_true(mqtt_match("a/b", "a/bc", 3));
	assert_false(mqtt_match("a/b", "a/b\0c", 5));
	assert_true(mqtt_match("a/+", "a/\0", 3));
	assert_false(mqtt_match("a", "", 0));
	assert_true(mqtt_match("#", "", 0));
}

static void topics(void **state)
{
	static const struct { const char *text; bool filter, topic; } cases[] = {
		{ "sport/tennis/#", true, false }, { "#", true, false },
		{ "sport/tennis#", false, false }, { "sport/tennis/#/ranking", false, false },
		{ "+", true, false }, { "+/tennis/#", true, false }, { "sport+", false, false },
		{ "sport/+/player1", true, false }, { "a/++/b", false, false }, { "+a", false, false },
		{ "/", true, true }, { "/finance", true, true }, { "a b", true, true }, { "", false, false },
		{ "a\nb", false, false }, { "a\x7F", false, false }, { "\xC3\xA9", true, true },
		{ "a\xFF", false, false }, { "a\xC3", false, false }, { "\xED\xA0\x80", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (mqtt_topic(cases[i].text, true) != cases[i].filter)
			fail_msg("filter '%s'", cases[i].text);
		if (mqtt_topic(cases[i].text, false) != cases[i].topic)
			fail_msg("topic '%s'", cases[i].text);
	}
	assert_true(mqtt_level("20201998111433") && mqtt_level("a b"));
	assert_false(mqtt_level("") || mqtt_level("a/b") || mqtt_level("+") || mqtt_level("a#")
		     || mqtt_level("a\t") || mqtt_level("\xFF"));
}

static void filling(void **state)
{
	char buf[16];

	(void)state;
	assert_true(mqtt_fill(buf, sizeof(buf), "a/{sn}/b", "42"));
	assert_string_equal(buf, "a/42/b");
	assert_true(mqtt_fill(buf, sizeof(buf), "{sn}-{sn}", "42"));
	assert_string_equal(buf, "42-42");
	assert_true(mqtt_fill(buf, sizeof(buf), "a/{s}/{sn", "42"));
	assert_string_equal(buf, "a/{s}/{sn");
	/* a serial is put in once, whatever it holds */
	assert_true(mqtt_fill(buf, sizeof(buf), "a/{sn}", "{sn}"));
	assert_string_equal(buf, "a/{sn}");
	assert_true(mqtt_fill(buf, sizeof(buf), "", "42"));
	assert_string_equal(buf, "");
	assert_false(mqtt_fill(buf, sizeof(buf), "{sn}{sn}{sn}", "20201998111433"));
}

static bool gone(const char *payload)
{
	return mqtt_will_gone(payload, strlen(payload));
}

static void wills(void **state)
{
	(void)state;
	assert_true(gone("offline") && gone("0") && gone("gone") && gone("{}") && gone("online?"));
	assert_false(gone("") || gone("online") || gone("Online") || gone("1") || gone("true")
		     || gone("connected"));
	assert_true(mqtt_will_gone("online\0", 7) && mqtt_will_gone("on", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain), cmocka_unit_test(parts), cmocka_unit_test(round_trip),
		cmocka_unit_test(encoding), cmocka_unit_test(refused), cmocka_unit_test(matching),
		cmocka_unit_test(topics), cmocka_unit_test(filling), cmocka_unit_test(wills),
	};

	return UNIT_RUN(tests);
}
