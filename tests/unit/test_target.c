/* Targets: what is understood, and what is said about the rest. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/target.h"

static struct target good(const char *text)
{
	struct target t;
	struct err e = { 0 };

	if (target_parse(text, &t, &e))
		fail_msg("%s: %s", text, e.text);
	assert_string_equal(t.text, text);
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

static void rtu(void **state)
{
	struct target t = good("rtu:/dev/ttyUSB0");

	(void)state;
	assert_int_equal(t.scheme, SCHEME_RTU);
	assert_string_equal(t.path, "/dev/ttyUSB0");
	assert_int_equal(t.baud, 9600);
	assert_int_equal(t.parity, 'N');
	assert_int_equal(t.stop, 1);
	assert_int_equal(t.unit, 1);
	t = good("rtu:/dev/serial/by-path/pci-0:1:1.0-port0?unit=247&parity=even&baud=115200&stop=2");
	assert_string_equal(t.path, "/dev/serial/by-path/pci-0:1:1.0-port0");
	assert_int_equal(t.baud, 115200);
	assert_int_equal(t.parity, 'E');
	assert_int_equal(t.stop, 2);
	assert_int_equal(t.unit, 247);
	t = good("rtu:/srv/odd%3Fname%20%25?parity=odd");
	assert_string_equal(t.path, "/srv/odd?name %");
	assert_int_equal(t.parity, 'O');
	t = good("rtu:/dev/ttyS1?rs485=kernel&rs485-before=1&rs485-after=100&unit=3");
	assert_int_equal(t.rs485, RS485_KERNEL);
	assert_int_equal(t.rs485_before, 1);
	assert_int_equal(t.rs485_after, 100);
	t = good("rtu:/dev/ttyS1?rs485-after=0&rs485=rts-inverted");
	assert_int_equal(t.rs485, RS485_RTS_INVERTED);
	t = good("rtu:./pty?");
	assert_int_equal(t.rs485, RS485_ADAPTER);
	assert_string_equal(t.path, "./pty");
}

static void rtu_refused(void **state)
{
	(void)state;
	bad("rtu:", "no port|rtu:/dev/ttyUSB0");
	bad("rtu:ttyUSB0", "ttyUSB0|rtu:/dev/ttyUSB0");
	bad("rtu:/dev/ttyUSB0?baud=9601", "baud|9601|1200|115200");
	bad("rtu:/dev/ttyUSB0?baud=", "baud|1200");
	bad("rtu:/dev/ttyUSB0?baud", "baud|no value");
	bad("rtu:/dev/ttyUSB0?baud=300", "300|1200");
	bad("rtu:/dev/ttyUSB0?parity=N", "parity 'N'|none, even or odd");
	bad("rtu:/dev/ttyUSB0?stop=3", "stop '3'|1 or 2");
	bad("rtu:/dev/ttyUSB0?unit=256", "unit '256'|0 to 255");
	bad("rtu:/dev/ttyUSB0?unit=-1", "unit '-1'");
	bad("rtu:/dev/ttyUSB0?unit=1x", "unit '1x'");
	bad("rtu:/dev/ttyUSB0?buad=9600", "buad|baud");
	bad("rtu:/dev/ttyUSB0?color=red", "color|baud, parity, stop, rs485, rs485-before, rs485-after, unit");
	bad("rtu:/dev/ttyUSB0?unit=1&unit=2", "unit|twice");
	bad("rtu:/dev/ttyS1?rs485=on", "rs485 'on'|kernel, rts or rts-inverted");
	bad("rtu:/dev/ttyS1?rs485=", "rs485 ''");
	bad("rtu:/dev/ttyS1?rs485=rts&rs485-before=101", "rs485-before '101'|100 ms");
	bad("rtu:/dev/ttyS1?rs485=rts&rs485-after=-1", "rs485-after '-1'");
	bad("rtu:/dev/ttyS1?rs485-after=1", "need rs485=");
	bad("tcp:host?rs485=rts", "rs485|unit");
	bad("rtu:/dev/tty%2", "two hex digits");
	bad("rtu:/dev/tty%zz", "two hex digits");
	bad("rtu:/dev/tty%00", "two hex digits");
}

/* Who may be read, and who written: 0 is not one meter, 248 to 255 are reserved on a
 * serial line only. */
static void units(void **state)
{
	static const struct {
		const char *text;
		enum unit_ban ban;
		const char *words;
	} rows[] = {
		{ "rtu:/dev/ttyUSB0?unit=0", UNIT_BROADCAST, "unit address 0" },
		{ "rtu:/dev/ttyUSB0?unit=1", UNIT_FREE, "" },
		{ "rtu:/dev/ttyUSB0?unit=247", UNIT_FREE, "" },
		{ "rtu:/dev/ttyUSB0?unit=248", UNIT_RESERVED, "248 to 255" },
		{ "rtu:/dev/ttyUSB0?unit=255", UNIT_RESERVED, "248 to 255" },
		{ "rtutcp:host:1?unit=0", UNIT_BROADCAST, "unit address 0" },
		{ "rtutcp:host:1?unit=248", UNIT_RESERVED, "248 to 255" },
		{ "tcp:host?unit=0", UNIT_BROADCAST, "unit address 0" },
		{ "tcp:host?unit=248", UNIT_FREE, "" },
		{ "tcp:host?unit=255", UNIT_FREE, "" },
		{ "mqtt://host/7?dialect=tunnel&unit=248", UNIT_RESERVED, "248 to 255" },
		{ "mqtt://host/7?dialect=tunnel&unit=247", UNIT_FREE, "" },
		/* without a tunnel no unit is ever asked */
		{ "mqtt://host/7?unit=248", UNIT_FREE, "" },
		{ "sim:unit=247", UNIT_FREE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct target t = good(rows[i].text);
		struct err e = { 0 };

		if (target_unit_ban(&t) != rows[i].ban)
			fail_msg("%s: ban %d", rows[i].text, target_unit_ban(&t));
		assert_int_equal(target_may_write(&t, &e), rows[i].ban == UNIT_FREE ? 0 : -1);
		assert_int_equal(e.code, rows[i].ban == UNIT_FREE ? ERR_NONE : ERR_DENIED);
		assert_non_null(strstr(e.text, rows[i].words));
	}
	bad("tcp:host?unit=256", "256|0 to 255");
	bad("mqtt://host/7?dialect=tunnel&unit=0", "'0'|1 to 255");
	bad("sim:unit=0", "'0'|1 to 247");
	bad("sim:unit=248", "'248'|1 to 247");
}

static void tcp(void **state)
{
	struct target t = good("tcp:meter.example");

	(void)state;
	assert_int_equal(t.scheme, SCHEME_TCP);
	assert_string_equal(t.host, "meter.example");
	assert_int_equal(t.port, 502);
	t = good("tcp:10.0.0.7:1502?unit=3");
	assert_int_equal(t.port, 1502);
	assert_int_equal(t.unit, 3);
	t = good("tcp:[fe80::1%25eth0]:503");
	assert_string_equal(t.host, "fe80::1%eth0");
	assert_int_equal(t.port, 503);
	t = good("tcp:[::1]");
	assert_string_equal(t.host, "::1");
	assert_int_equal(t.port, 502);
	t = good("rtutcp:server:4001?unit=9");
	assert_int_equal(t.scheme, SCHEME_RTUTCP);
	assert_int_equal(t.port, 4001);
	t = good("udp:10.0.0.7?unit=3");
	assert_int_equal(t.scheme, SCHEME_UDP);
	assert_int_equal(t.port, 502);
	assert_int_equal(t.unit, 3);
	t = good("rtuudp:[fe80::1]:4001");
	assert_int_equal(t.scheme, SCHEME_RTUUDP);
	assert_string_equal(t.host, "fe80::1");
	assert_int_equal(t.port, 4001);
}

static void tcp_refused(void **state)
{
	(void)state;
	bad("tcp:", "no host");
	bad("tcp://host", "without '//'");
	bad("tcp:fe80::1", "brackets|[fe80::1]");
	bad("tcp:[fe80::1", "']'");
	bad("tcp:[::1]502", "':PORT'");
	bad("tcp:host:0", "port '0'|65535");
	bad("tcp:host:70000", "port '70000'");
	bad("tcp:host:", "port ''");
	bad("tcp:host?baud=9600", "baud|unit");
	bad("rtutcp:host", "no port|rtutcp:host:PORT");
	bad("rtuudp:host", "no port|rtuudp:host:PORT");
	bad("rtuudp:", "no host|rtuudp:HOST:PORT");
	bad("udp:", "no host|udp:HOST");
	bad("mqtts:///1", "no host|mqtts://HOST");
	bad("udp:host?baud=9600", "baud|unit");
}

static void sim(void **state)
{
	struct target t = good("sim:");

	(void)state;
	assert_int_equal(t.scheme, SCHEME_SIM);
	assert_string_equal(t.scenario, "");
	assert_int_equal(t.unit, 1);
	t = good("sim:ct-reversed=b,pace=9600,unit=17,drop=1");
	assert_string_equal(t.scenario, "ct-reversed=b,pace=9600,unit=17,drop=1");
	assert_int_equal(t.baud, 9600);
	assert_int_equal(t.unit, 17);
	bad("sim:pace=9601", "9601|9600");
	bad("sim:unit=300", "300|247");
}

static void others(void **state)
{
	char longest[400];

	(void)state;
	bad("mqtt:broker/123", "mqtt://HOST");
	bad("/dev/ttyUSB0", "rtu:/dev/ttyUSB0");
	bad("http:host", "not a target|rtu:");
	bad("", "not a target");
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "rtu:/", 5);
	longest[sizeof(longest) - 1] = '\0';
	bad(longest, "too long");
	longest[300] = '\0';
	bad(longest, "too long");
	/* nothing a target holds reaches a terminal as it is */
	bad("rtu:/x?\033[2J=1", "unknown part");
}

static void saved(void **state)
{
	struct target t = good("cabinet");

	(void)state;
	assert_int_equal(t.scheme, SCHEME_RTU);
	assert_int_equal(t.unit, 5);
	bad("cabinte", "cabinte|cabinet");
	bad("zzz", "zzz|config.yaml");
	bad("broken", "broken|baud|9601");
	bad("circle", "circle|not a target");
}

static void canonical(void **state)
{
	static const struct {
		const char *in, *brief, *full;
	} rows[] = {
		{ "rtu:/dev/ttyUSB0?baud=9600", "rtu:/dev/ttyUSB0",
		  "rtu:/dev/ttyUSB0?baud=9600&parity=none&stop=1&unit=1" },
		{ "rtu:/dev/ttyS1?unit=3&baud=1200&parity=odd", "rtu:/dev/ttyS1?baud=1200&parity=odd&unit=3",
		  "rtu:/dev/ttyS1?baud=1200&parity=odd&stop=1&unit=3" },
		{ "rtu:/srv/odd%3fname%20%25", "rtu:/srv/odd%3Fname%20%25",
		  "rtu:/srv/odd%3Fname%20%25?baud=9600&parity=none&stop=1&unit=1" },
		{ "rtu:/dev/ttyS1?unit=3&rs485-after=2&rs485=rts&baud=9600",
		  "rtu:/dev/ttyS1?rs485=rts&rs485-after=2&unit=3",
		  "rtu:/dev/ttyS1?baud=9600&parity=none&stop=1&rs485=rts&rs485-after=2&unit=3" },
		{ "rtu:/dev/ttyS1?rs485-before=7&rs485=rts-inverted&rs485-after=0",
		  "rtu:/dev/ttyS1?rs485=rts-inverted&rs485-before=7",
		  "rtu:/dev/ttyS1?baud=9600&parity=none&stop=1&rs485=rts-inverted&rs485-before=7&unit=1" },
		{ "tcp:host:502", "tcp:host", "tcp:host:502?unit=1" },
		{ "tcp:[::1]:1502?unit=2", "tcp:[::1]:1502?unit=2", "tcp:[::1]:1502?unit=2" },
		{ "rtutcp:host:502", "rtutcp:host:502", "rtutcp:host:502?unit=1" },
		{ "udp:host:502", "udp:host", "udp:host:502?unit=1" },
		{ "udp:[::1]:1502?unit=2", "udp:[::1]:1502?unit=2", "udp:[::1]:1502?unit=2" },
		{ "rtuudp:host:502?unit=9", "rtuudp:host:502?unit=9", "rtuudp:host:502?unit=9" },
		{ "sim:no-load", "sim:no-load", "sim:no-load" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct target t = good(rows[i].in), again;
		struct err e;
		char buf[320];

		assert_string_equal(target_format(&t, 0, buf, sizeof(buf)), rows[i].brief);
		assert_string_equal(target_format(&t, 1, buf, sizeof(buf)), rows[i].full);
		assert_int_equal(target_parse(buf, &again, &e), 0);
		assert_string_equal(again.path, t.path);
		assert_string_equal(again.host, t.host);
		assert_int_equal(again.port, t.port);
		assert_int_equal(again.unit, t.unit);
		assert_int_equal(again.rs485, t.rs485);
		assert_int_equal(again.rs485_before, t.rs485_before);
		assert_int_equal(again.rs485_after, t.rs485_after);
	}
}

/* What a scheme is, for who asks; and each is told. */
static void schemes(void **state)
{
	static const struct {
		const char *text;
		bool serial, frames_tcp, datagram, network;
	} rows[] = {
		{ "rtu:/dev/x", true, false, false, false }, { "tcp:h", false, true, false, true },
		{ "rtutcp:h:1", false, false, false, true }, { "udp:h", false, true, true, true },
		{ "rtuudp:h:1", false, false, true, true }, { "sim:", false, false, false, false },
		{ "mqtt://h/1", false, false, false, false }, { "mqtts://h/1", false, false, false, false },
		{ "ws://h/1", false, false, false, false }, { "wss://h/1", false, false, false, false },
	};
	char forms[TARGET_FORMS];
	size_t n = 0;

	(void)state;
	target_forms(forms, sizeof(forms));
	for (; target_scheme(n); n++) {
		struct target t;

		assert_true(n < sizeof(rows) / sizeof(rows[0]));
		t = good(rows[n].text);
		assert_string_equal(target_prefix(&t), target_scheme(n));
		assert_non_null(strstr(forms, target_scheme(n)));
		assert_int_equal(target_is_serial(&t), rows[n].serial);
		assert_int_equal(target_frames_tcp(&t), rows[n].frames_tcp);
		assert_int_equal(target_is_datagram(&t), rows[n].datagram);
		assert_int_equal(target_is_network(&t), rows[n].network);
	}
	assert_int_equal(n, sizeof(rows) / sizeof(rows[0]));
}

static void line(void **state)
{
	struct target t = good("rtu:/dev/ttyUSB0?baud=19200&parity=even");
	char buf[24];

	(void)state;
	assert_string_equal(target_line(&t, buf, sizeof(buf)), "19200 8E1");
}

static int prepare(void **state)
{
	char path[TEMP_PATH];
	FILE *f;

	(void)state;
	setenv("XDG_CONFIG_HOME", temp_path(path, ""), 1);
	mkdir(temp_path(path, "meterctl"), 0700);
	f = fopen(temp_path(path, "meterctl/config.yaml"), "w");
	if (!f)
		return -1;
	fputs("connections:\n  cabinet: rtu:/dev/ttyUSB0?unit=5\n"
	      "  broken: rtu:/dev/ttyUSB0?baud=9601\n  circle: cabinet\n", f);
	return fclose(f);
}

/* The serial is where the form says. */
static void serial_of(const char *form, const char *topic, const char *want)
{
	char got[16];

	if (!mqtt_serial(form, topic, strlen(topic), got, sizeof(got)))
		strcpy(got, "-");
	assert_string_equal(got, want);
}

/* A password where none belongs is not said again in the complaint. */
static void passwords(void **state)
{
	static const char *const texts[] = {
		"mqtt://bob:hush@host/1", "mqtts://bob:hu/hush@host/1?qos=1", "mqtt://host/1?password=hush",
		"mqtt://host/1?user=bob&pass=hush&qos=1", "mqtt://host/1?pw=hush", "mqtt://bob:a@hush@host/1",
	};
	struct target t;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(target_parse(texts[i], &t, &e), -1);
		assert_non_null(strstr(e.text, "..."));
		assert_null(strstr(e.text, "hush"));
	}
	assert_int_equal(target_parse("mqtt://host/1?user=b@c&passfile=/p/w&qos=7", &t, &e), -1);
	assert_non_null(strstr(e.text, "user=b@c&passfile=/p/w&qos=7"));
}

static void serials_in_topics(void **state)
{
	char filter[MQTT_TOPIC];

	(void)state;
	assert_true(mqtt_fill_any(filter, sizeof(filter), "site/meter-{sn}/up"));
	assert_string_equal(filter, "site/+/up");
	assert_true(mqtt_fill_any(filter, sizeof(filter), "/{sn}"));
	assert_string_equal(filter, "/+");
	assert_false(mqtt_fill_any(filter, 6, "site/{sn}"));
	serial_of("site/meter-{sn}/up", "site/meter-42/up", "42");
	serial_of("site/meter-{sn}x/up", "site/meter-42x/up", "42");
	serial_of("site/meter-{sn}/up", "site/meter-/up", "-");
	serial_of("site/meter-{sn}/up", "site/other-42/up", "-");
	serial_of("site/meter-{sn}/up", "site/meter-42/down", "-");
	serial_of("{sn}", "42", "42");
	serial_of("+/{sn}/#", "a/42/b/c", "42");
	serial_of("a/b", "a/b", "-");
	serial_of("{sn}", "0123456789abcdef", "-");	/* no room for it */
	assert_false(mqtt_serial("{sn}", "4\0002", 3, filter, sizeof(filter)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rtu), cmocka_unit_test(rtu_refused),
		cmocka_unit_test(units),
		cmocka_unit_test(tcp), cmocka_unit_test(tcp_refused),
		cmocka_unit_test(sim), cmocka_unit_test(others),
		cmocka_unit_test(saved), cmocka_unit_test(canonical),
		cmocka_unit_test(schemes), cmocka_unit_test(line),
		cmocka_unit_test(serials_in_topics), cmocka_unit_test(passwords),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
