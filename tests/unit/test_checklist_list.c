/* checklist.yaml: what it may hold, and how a mistake in it is named. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checklist/kinds.h"

static char path[TEMP_PATH];

static void put(const char *name, const char *text)
{
	FILE *f = fopen(temp_path(path, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct checklist_list load(const char *text)
{
	struct checklist_list l;
	struct err e = { 0 };

	put("list.yaml", text);
	if (checklist_list_load(&l, path, &e))
		fail_msg("%s", e.text);
	return l;
}

/* WHERE: "LINE:COLUMN: ..." as it stands behind the file's name. */
static void refused(const char *text, const char *where)
{
	struct checklist_list l;
	struct err e = { 0 };
	char want[300];

	put("list.yaml", text);
	assert_int_equal(checklist_list_load(&l, path, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	snprintf(want, sizeof(want), "%s:%s", path, where);
	if (!strstr(e.text, want))
		fail_msg("no '%s' in '%s'", want, e.text);
}

static void whole(void **state)
{
	const struct checklist_list l = load("# ours\nitems:\n  - report\n  - clock: {tolerance: 5}\n"
		"  - settings: {file: site.yaml}\n  - wiring:\n      days: 30\n"
		"  - network: {keys: [network.apn, network.topic]}\n  - found:\n");
	char site[TEMP_PATH];

	(void)state;
	assert_int_equal(l.n, 6);
	assert_int_equal(l.entries[0].id, CHECKLIST_REPORT);
	assert_int_equal(l.entries[0].days, 0);
	assert_int_equal(l.entries[1].id, CHECKLIST_CLOCK);
	assert_int_equal(l.entries[1].tolerance_s, 5);
	assert_string_equal(l.entries[2].file, temp_path(site, "site.yaml"));
	assert_int_equal(l.entries[3].id, CHECKLIST_WIRING);
	assert_int_equal(l.entries[3].days, 30);
	assert_int_equal(l.entries[4].nkeys, 2);
	assert_string_equal(l.entries[4].keys[1], "network.topic");
	assert_int_equal(l.entries[5].id, CHECKLIST_FOUND);
	assert_string_equal(load("items: [settings: {file: /etc/site.yaml}]").entries[0].file, "/etc/site.yaml");
}

static void mistakes(void **state)
{
	(void)state;
	refused("", " no checklist: 'items:' is missing");
	refused("item: [clock]\n", "1:1: no checklist: 'items:' is missing");
	refused("items: [clock]\norder: none\n", "2:1: unknown entry 'order' (entries: items)");
	refused("items: []\n", "1:8: no items");
	refused("items: clock\n", "1:8: items are written as '- ID', one a line");
	refused("items:\n  - clock\n  - wirings\n", "3:5: unknown item 'wirings' (nearest: wiring)");
	refused("items:\n  - xyzzy\n", "2:5: unknown item 'xyzzy'");
	refused("items:\n  - clock\n  - wiring\n  - clock\n", "4:5: 'clock' is there twice");
	refused("items:\n  - clock: {tolerance: 0}\n", "2:24: '0' is no whole number from 1 to 86400");
	refused("items:\n  - clock: {tolerance: 1, tolerance: 2}\n", "2:27: 'tolerance' is given twice");
	refused("items:\n  - clock: {days: 3}\n", "2:13: unknown parameter 'days' of 'clock' (parameters: tolerance)");
	refused("items:\n  - found: {days: 3}\n", "2:13: unknown parameter 'days' of 'found' (parameters: none)");
	refused("items:\n  - wiring: {days: 3651}\n", "2:20: '3651' is no whole number from 1 to 3650");
	refused("items:\n  - clock: 30\n", "2:12: parameters are written as '{PARAMETER: VALUE}'");
	refused("items:\n  - {clock: , wiring: }\n", "2:5: an item is written as 'ID' or 'ID: {PARAMETER: VALUE}'");
	refused("items:\n  - [clock]\n", "2:5: expected a single value");
	refused("items:\n  - settings: {file: ''}\n", "2:22: no file named");
	refused("items:\n  - network: {keys: network.apn}\n", "2:21: 'keys' is a list");
	refused("items:\n  - network: {keys: []}\n", "2:21: no keys named");
	refused("items:\n  - network: {keys: [a, b, c, d, e, f, g, h, i]}\n", "2:46: more than 8 keys");
	refused("items:\n  - clock\n- wiring\n", "");
}

/* Without a file all of them, each as it is by itself; with one, that. */
static void own(void **state)
{
	struct checklist_list l;
	struct err e = { 0 };
	char folder[TEMP_PATH];

	(void)state;
	setenv("XDG_CONFIG_HOME", temp_path(folder, ""), 1);
	assert_int_equal(checklist_list_load(&l, NULL, &e), 0);
	assert_int_equal(l.n, CHECKLIST_IDS);
	for (enum checklist_id id = 0; id < CHECKLIST_IDS; id++) {
		assert_int_equal(l.entries[id].id, id);
		assert_int_equal(l.entries[id].tolerance_s, CHECKLIST_CLOCK_S);
		assert_int_equal(l.entries[id].days, 0);
		assert_non_null(checklist_kinds[id].id);
		assert_non_null(checklist_kinds[id].compute);
	}
	assert_int_equal(mkdir(temp_path(folder, "meterctl"), 0700), 0);
	put("meterctl/checklist.yaml", "items: [clock]\n");
	assert_int_equal(checklist_list_load(&l, NULL, &e), 0);
	assert_int_equal(l.n, 1);
	/* one that is named and not there is a mistake */
	assert_int_equal(checklist_list_load(&l, temp_path(path, "none.yaml"), &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole), cmocka_unit_test(mistakes), cmocka_unit_test(own),
	};

	return UNIT_RUN(tests);
}
