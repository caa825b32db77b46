/*
 * A meter that speaks by itself, as the screens see it: whose a message is, what is kept
 * and shown of it, what never comes and what cannot be set.
 */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/bus/kept.h"
#include "ui/screens/message.h"
#include "ui/screens/upload_support.h"
#include "ui/screens/setting.h"

#define SECOND 1000000LL

static struct ui ui;

static int start(void **state)
{
	struct err e = { 0 };

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	ui = (struct ui){ .profile = profile_builtin_named("adw300"), .line = LINE_LIVE };
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	return ui.readings && target_parse("mqtt://broker/20201998111433", &ui.target, &e) == 0 ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	free(ui.readings);
	return 0;
}

static size_t idx(const char *key)
{
	int i = profile_find(ui.profile, key);

	assert_true(i >= 0);
	return (size_t)i;
}

static const struct point *point(const char *key)
{
	return &ui.profile->points[idx(key)];
}

/* ---- messages ------------------------------------------------------------- */

static void whose_it_is(void **state)
{
	(void)state;
	assert_true(kept_names("{\"val\":\"42\"}", 12, "42"));
	assert_true(kept_names("42", 2, "42"));
	assert_true(kept_names("142,42", 6, "42"));
	assert_false(kept_names("{\"val\":\"142\"}", 13, "42"));
	assert_false(kept_names("{\"val\":\"420\"}", 13, "42"));
	assert_false(kept_names("4", 1, "42"));
	assert_false(kept_names("", 0, "42"));
	assert_false(kept_names("anything", 8, ""));
}

static struct trace_frame message(const char *topic, const void *payload, size_t n)
{
	return (struct trace_frame){
		.dir = TRACE_IN, .at_us = 1, .topic = topic, .topic_len = strlen(topic),
		.bytes = payload, .n = n, .note = "",
	};
}

static void others(void **state)
{
	struct trace_frame f = message("gw/20201998111433", "{}", 2);

	(void)state;
	assert_false(kept_is_other(&f, &ui.target));
	f = message("any/topic", "{\"sn\":\"20201998111433\"}", 23);
	assert_false(kept_is_other(&f, &ui.target));
	f = message("any/topic", "{\"sn\":\"20201998111434\"}", 23);
	assert_true(kept_is_other(&f, &ui.target));
	f.dir = TRACE_OUT;
	assert_false(kept_is_other(&f, &ui.target));
	/* a topic of its own needs no serial; a frame has no topic */
	f.dir = TRACE_IN;
	snprintf(ui.target.mqtt.topic, sizeof(ui.target.mqtt.topic), "any/topic");
	assert_false(kept_is_other(&f, &ui.target));
	snprintf(ui.target.mqtt.topic, sizeof(ui.target.mqtt.topic), "any/+");
	assert_true(kept_is_other(&f, &ui.target));
	f.topic = NULL;
	assert_false(kept_is_other(&f, &ui.target));
}

static void longest_line(const char *page, size_t most)
{
	for (const char *at = page; *at;) {
		size_t n = strcspn(at, "\n");

		assert_true(n <= most);
		at += n + (at[n] != '\0');
	}
}

static void kept_and_cut(void **state)
{
	static char payload[5000];
	struct trace_frame f = message("a/20201998111433", payload, sizeof(payload));
	struct ui_frame kept;
	char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = i % 9 ? 'x' : ',';
	kept_frame(&kept, &f, &ui.target);
	assert_int_equal(kept.n, UI_FRAME_BYTES);
	assert_int_equal(kept.whole, 5000);
	page = message_page(&kept, 40);
	assert_non_null(strstr(page, "5000 bytes\nthe first 1280 are kept\n"));
	longest_line(strstr(page, "\n\n") + 2, 40);
	free(page);
	/* a whole one, every byte of it, wrapped behind commas */
	f.n = 100;
	kept_frame(&kept, &f, &ui.target);
	page = message_page(&kept, 40);
	assert_null(strstr(page, "are kept"));
	assert_non_null(strstr(page, ",xxxxxxxx,xxxxxxxx,xxxxxxxx,xxxxxxxx,\nxxxxxxxx,"));
	free(page);
}

static void hostile(void **state)
{
	static const char bidi[] = "a\xE2\x80\xAE\033[2J\nb";
	struct trace_frame f = message("t", "\x01\x03\x00\xFF", 4);
	struct ui_frame kept;
	char text[64];

	(void)state;
	f.topic = "a\0\033b";
	f.topic_len = 4;
	kept_frame(&kept, &f, &ui.target);
	assert_string_equal(kept.topic, "a??b");
	assert_string_equal(message_text(&kept, text, sizeof(text)), "01 03 00 FF");
	f = message("t", "", 0);
	kept_frame(&kept, &f, &ui.target);
	assert_string_equal(message_text(&kept, text, sizeof(text)), "");
	/* an escape is no text; a line end and what turns the text round are shown harmless */
	f = message("t", bidi, sizeof(bidi) - 1);
	kept_frame(&kept, &f, &ui.target);
	assert_non_null(strstr(message_text(&kept, text, sizeof(text)), "1B 5B"));
	f = message("t", "a\xE2\x80\xAE\nb", 6);
	kept_frame(&kept, &f, &ui.target);
	assert_string_equal(message_text(&kept, text, sizeof(text)), "a? b");
}

/* A character that the cut goes through makes no binary of a text. */
static void cut_in_a_character(void **state)
{
	static char payload[UI_FRAME_BYTES + 10];
	struct trace_frame f = message("t", payload, sizeof(payload));
	struct ui_frame kept;
	char text[8];

	(void)state;
	memset(payload, 'x', sizeof(payload));
	memcpy(payload + UI_FRAME_BYTES - 1, "\xC3\xA9", 2);
	kept_frame(&kept, &f, &ui.target);
	assert_string_equal(message_text(&kept, text, sizeof(text)), "xxxxxxx");
}

/* ---- what never comes ------------------------------------------------------ */

static void uploads_by(const char *dialect)
{
	snprintf(ui.uplink.dialect, sizeof(ui.uplink.dialect), "%s", dialect);
	ui.uplink.rhythm.uploads = 1;
}

static void never(void **state)
{
	struct selection sel = { 0 };

	(void)state;
	/* nothing is said of a dialect that only a login has shown */
	snprintf(ui.uplink.dialect, sizeof(ui.uplink.dialect), "acrelhw");
	assert_null(support_dialect(&ui));
	assert_false(support_never(&ui, idx("thd.voltage.a")));
	uploads_by("json-v2");
	assert_true(support_never(&ui, idx("thd.voltage.a")));
	assert_false(support_never(&ui, idx("voltage.a")));
	assert_false(support_never(&ui, idx("di.1")));	/* a bit of what comes */
	ui_want(&ui, &sel, "thd.voltage.a");
	assert_true(support_none(&ui, &sel));
	ui_want(&ui, &sel, "voltage.a");
	assert_false(support_none(&ui, &sel));
	selection_release(&sel);
	assert_false(support_none(&ui, &sel));
	/* what has come all the same is there */
	ui.readings[idx("thd.voltage.a")].quality = QUALITY_OK;
	assert_false(support_never(&ui, idx("thd.voltage.a")));
	/* a tunnel has registers */
	ui.readings[idx("thd.voltage.a")].quality = QUALITY_NEVER;
	snprintf(ui.target.mqtt.dialect, sizeof(ui.target.mqtt.dialect), "tunnel");
	assert_false(support_never(&ui, idx("thd.voltage.a")));
}

static void lines(void **state)
{
	struct link_uplink up = { .sn = "7" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(support_line(&up, 100 * SECOND, &e), LINE_CONNECTING);
	assert_non_null(strstr(e.text, "waiting for the first upload of '7'"));
	reasons_add(&up.drops, 1, "no JSON", "");
	assert_int_equal(support_line(&up, 100 * SECOND, &e), LINE_CONNECTING);
	assert_non_null(strstr(e.text, "no JSON"));
	for (int i = 0; i < 3; i++)
		rhythm_take(&up.rhythm, (100 + i * 60) * SECOND, SECOND, 0, false, false);
	err_clear(&e);
	assert_int_equal(support_line(&up, 250 * SECOND, &e), LINE_LIVE);
	assert_string_equal(e.text, "");
	assert_int_equal(support_line(&up, 400 * SECOND, &e), LINE_STALE);
	assert_non_null(strstr(e.text, "2 uploads are overdue: one every 60 s"));
	up.offline = true;
	assert_int_equal(support_line(&up, 250 * SECOND, &e), LINE_STALE);
	assert_non_null(strstr(e.text, "offline"));
}

static void said(void **state)
{
	static struct upload up = { .n = 3, .values = { { .item = 0, .is_text = true, .text = "20\033" },
							 { .item = 1, .num = 230 }, { .item = 33, .num = 5 } } };
	struct ui_said kept[UI_SAID];
	size_t n;

	(void)state;
	up.dialect = dialect_find("json-v2");
	n = support_keep_said(kept, 0, &up, 7);
	assert_int_equal(n, 2);	/* 1 is a point */
	assert_string_equal(kept[0].text, "20?");
	assert_string_equal(kept[1].text, "5");
	up.values[2].num = 6;
	assert_int_equal(support_keep_said(kept, n, &up, 8), 2);
	assert_string_equal(kept[1].text, "6");
	up.down = true;
	assert_int_equal(support_keep_said(kept, 0, &up, 9), 0);
}

/* ---- what cannot be set ---------------------------------------------------- */

static void no_way(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_false(support_cannot_set(&ui, point("ratio.ct"), &e));	/* not known yet */
	uploads_by("json-v2");
	assert_true(support_cannot_set(&ui, point("ratio.ct"), &e));
	assert_non_null(strstr(e.text, "no public way"));
	assert_int_not_equal(setting_check(&ui, point("ratio.ct"), "60", &e), 0);
	uploads_by("acrelhw");
	assert_true(support_cannot_set(&ui, point("ratio.ct"), &e));
	assert_false(support_cannot_set(&ui, point("network.upload_interval"), &e));
	assert_true(support_cannot_set_to(&ui, point("network.upload_interval"), 45, &e));
	assert_non_null(strstr(e.text, "whole minutes"));
	assert_int_not_equal(setting_check(&ui, point("network.upload_interval"), "45", &e), 0);
	err_clear(&e);
	assert_int_equal(setting_check(&ui, point("network.upload_interval"), "120", &e), 0);
}

/* Where a message is sent, nobody is asked about a register. */
static void consent(void **state)
{
	const struct plan_policy remote = { .remote = true }, line = { .remote = false };
	char buf[400];

	(void)state;
	setting_consent(ui.profile, point("network.upload_interval"), &remote, buf, sizeof(buf));
	assert_non_null(strstr(buf, "message"));
	assert_null(strstr(buf, "register"));
	setting_consent(ui.profile, point("network.upload_interval"), &line, buf, sizeof(buf));
	assert_non_null(strstr(buf, "register"));
	uploads_by("acrelhw");
	assert_null(strstr(setting_note(&ui, point("network.upload_interval")), "register"));
	assert_string_equal(setting_source(&ui, point("network.upload_interval"), buf, sizeof(buf)),
			    "upInterval: documented");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whose_it_is), TEST(others), TEST(kept_and_cut), TEST(hostile),
		TEST(cut_in_a_character), TEST(never), TEST(lines), TEST(said), TEST(no_way), TEST(consent),
	};

	return UNIT_RUN(tests);
}
