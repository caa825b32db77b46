/* The transparent gateway: frames in messages, as bytes and as hex. */
#include <stdlib.h>

#include "base/crc16.h"
#include "sim/gateway.h"
#include "simmeter.h"

#define MS 1000000LL

static struct gateway *gateway(const char *scenario, bool hex)
{
	static struct scenario s;
	struct gateway *g = calloc(1, sizeof(*g));
	struct target_mqtt t = { .hex = hex };
	struct err e = { 0 };

	assert_non_null(g);
	if (scenario_parse(scenario, &s, &e) || gateway_init(g, &t, "77", NULL, &s, 1, &e))
		fail_msg("%s", e.text);
	return g;
}

/* Unit 1, function 03, 3 registers from 20. */
static size_t ask(uint8_t out[8])
{
	static const uint8_t frame[] = { 0x01, 0x03, 0x00, 0x14, 0x00, 0x03 };

	memcpy(out, frame, sizeof(frame));
	return crc16_append(out, sizeof(frame));
}

/* Takes the request out of G and answers it with nothing but 00H. */
static bool answer(struct gateway *g, int64_t now)
{
	static const uint8_t pdu[] = { 0x03, 0x06, 0, 0, 0, 0, 0, 0 };
	struct request rq;

	if (!line_request(&g->line, now, &rq))
		return false;
	assert_int_equal(rq.unit, 1);
	assert_int_equal(rq.n, 5);
	line_answer(&g->line, &rq, pdu, sizeof(pdu), 9600, 10, now);
	return true;
}

static void topics_have_the_serial_number(void **state)
{
	struct target_mqtt t = { .request = "a/{sn}", .reply = "b/+" };
	struct gateway *g = gateway("", false);
	struct scenario s;
	struct err e = { 0 };

	(void)state;
	assert_string_equal(g->request, "modbus/77/request");
	assert_string_equal(g->reply, "modbus/77/reply");
	assert_int_equal(scenario_parse("", &s, &e), 0);
	assert_int_equal(gateway_init(g, &t, "77", NULL, &s, 1, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	memcpy(t.reply, "b/{sn}", 7);
	assert_int_equal(gateway_init(g, &t, "77", NULL, &s, 1, &e), 0);
	assert_string_equal(g->request, "a/77");
	assert_string_equal(g->reply, "b/77");
	free(g);
}

static void bytes_and_hex(void **state)
{
	char out[GATEWAY_REPLY_MAX];
	struct gateway *g = gateway("", false);
	uint8_t frame[8];
	size_t n = ask(frame);

	(void)state;
	gateway_put(g, (const char *)frame, n, 1000 * MS);
	assert_true(answer(g, 1000 * MS));
	n = gateway_take(g, 1000 * MS, out);
	assert_int_equal(n, 11);
	assert_true(crc16_good((uint8_t *)out, n));
	assert_int_equal(gateway_take(g, 2000 * MS, out), 0);
	free(g);

	g = gateway("", true);
	gateway_put(g, "01 03 00 14 00 03 45 cf\n", 24, 1000 * MS);
	assert_true(answer(g, 1000 * MS));
	n = gateway_take(g, 1000 * MS, out);
	assert_int_equal(n, 22);
	assert_memory_equal(out, "010306000000000000", 18);
	free(g);
}

static void what_is_no_frame_stays_unanswered(void **state)
{
	static const char *const broken[] = {
		"", "0", "01 0", "01030014000345ce", "0103001400034", "zz", "\xFF\xFE", "01030014",
		"0103001400034 5cf",
	};
	char out[GATEWAY_REPLY_MAX], longest[4 * PDU_MAX];
	struct gateway *g = gateway("", true);

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		gateway_put(g, broken[i], strlen(broken[i]), 1000 * MS);
		assert_false(answer(g, 1000 * MS));
		assert_int_equal(gateway_take(g, 9000 * MS, out), 0);
	}
	memset(longest, '0', sizeof(longest));
	gateway_put(g, longest, sizeof(longest), 1000 * MS);
	assert_false(answer(g, 1000 * MS));
	g->hex = false;
	gateway_put(g, longest, sizeof(longest), 1000 * MS);
	assert_false(answer(g, 1000 * MS));
	free(g);
}

static void faults_of_the_line_are_its_own(void **state)
{
	char out[GATEWAY_REPLY_MAX];
	struct gateway *g = gateway("late=300", false);
	uint8_t frame[8];
	size_t n = ask(frame);

	(void)state;
	gateway_put(g, (const char *)frame, n, 1000 * MS);
	assert_true(answer(g, 1000 * MS));
	assert_int_equal(gateway_take(g, 1200 * MS, out), 0);
	/* half duplex: what comes meanwhile is not heard */
	gateway_put(g, (const char *)frame, n, 1200 * MS);
	assert_false(answer(g, 1200 * MS));
	assert_true(line_next(&g->line) == 1300 * MS);
	assert_int_equal(gateway_take(g, 1300 * MS, out), 11);
	free(g);

	g = gateway("flip=100", false);
	gateway_put(g, (const char *)frame, n, 1000 * MS);
	assert_true(answer(g, 1000 * MS));
	n = gateway_take(g, 1000 * MS, out);
	assert_int_equal(n, 11);
	assert_false(crc16_good((uint8_t *)out, n));
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_have_the_serial_number),
		cmocka_unit_test(bytes_and_hex),
		cmocka_unit_test(what_is_no_frame_stays_unanswered),
		cmocka_unit_test(faults_of_the_line_are_its_own),
	};

	return UNIT_RUN(tests);
}
