/* Saved connections and recent ones. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/config.h"
#include "base/paths.h"

static char home[TEMP_PATH];
static char file[TEMP_PATH];

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void bad(const char *text, const char *where, const char *what)
{
	struct config c;
	struct err e = { 0 };

	write_file(text);
	if (config_load_file(&c, file, &e) == 0)
		fail_msg("taken: %s", text);
	config_release(&c);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, file));
	if (!strstr(e.text, where) || !strstr(e.text, what))
		fail_msg("no '%s' and '%s' in: %s", where, what, e.text);
}

static void connections(void **state)
{
	struct config c;
	struct err e = { 0 };

	(void)state;
	write_file("connections:\n  shed: tcp:10.0.0.7\n  'cabinet 2': \"rtu:/dev/ttyUSB0?unit=2\"\n");
	assert_int_equal(config_load_file(&c, file, &e), 0);
	assert_int_equal(c.nconnections, 2);
	assert_string_equal(c.connections[0].name, "shed");
	assert_string_equal(c.connections[1].name, "cabinet 2");
	assert_string_equal(c.connections[1].target, "rtu:/dev/ttyUSB0?unit=2");
	config_release(&c);
	for (int i = 0; i < 3; i++) {
		static const char *const empty[] = { "", "connections:\n", "# nothing yet\n" };

		write_file(empty[i]);
		assert_int_equal(config_load_file(&c, file, &e), 0);
		assert_int_equal(c.nconnections, 0);
		config_release(&c);
	}
}

static void mistakes_name_their_place(void **state)
{
	(void)state;
	bad("connections:\n  a: [1, 2]\n", ":2:6:", "a target");
	bad("connections:\n  a:\n    target: [1, 2]\n", ":3:13:", "single value");
	bad("connections:\n  a:\n    timeout: 5\n", ":2:3:", "'a' has no target");
	bad("connections:\n  a:\n    target: tcp:x\n    timeout:\n", ":4:5:", "'timeout' has no value");
	bad("defaults:\n  timeout: {a: b}\n", ":2:12:", "single value");
	bad("defaults: 5\n", ":1:11:", "OPTION: VALUE");
	bad("defaults:\n  retries: 1\n  retries: 2\n", ":3:3:", "twice");
	bad("defaults: {}\ndefaults: {}\n", ":2:1:", "twice");
	bad("commands:\n  check: 5\n", ":2:10:", "OPTION: VALUE");
	bad("defalts:\n", ":1:1:", "did you mean 'defaults'?");
	bad("conections:\n  a: b\n", ":1:1:", "connections");
	bad("connections: 5\n", ":1:14:", "NAME: TARGET");
	bad("connections:\n  a: tcp:x\n  a: tcp:y\n", ":3:3:", "twice");
	bad("connections:\n  a/b: tcp:x\n", ":2:3:", "a/b");
	bad("- a\n", ":1:1:", "connections");
	bad("connections: {a: tcp:x\n", ":", "");
}

/* All of them, and what is right is there all the same. */
static void every_mistake_is_found(void **state)
{
	static const char text[] =
		"connections:\n  a: tcp:x\n  b: [1]\n  c/d: tcp:y\n  pump:\n    target: tcp:z\n    profile: sdm630\n"
		"defaults:\n  timeout: 800\n  timeout: 900\n  retries:\nelse: 1\n"
		"commands:\n  check: {site: exporting}\n";
	static const size_t lines[] = { 3, 4, 10, 11, 12 };
	struct config c;
	struct err e;

	(void)state;
	write_file(text);
	assert_int_equal(config_load_file(&c, file, &e), -1);
	assert_int_equal(c.nmistakes, sizeof(lines) / sizeof(*lines));
	for (size_t i = 0; i < c.nmistakes; i++)
		assert_int_equal(c.mistakes[i].at.line, lines[i]);
	assert_int_equal(c.nconnections, 2);
	assert_string_equal(config_find(&c, "pump")->target, "tcp:z");
	assert_int_equal(c.nsettings, 3);
	assert_string_equal(c.settings[0].of, "pump");
	assert_string_equal(c.settings[0].value, "sdm630");
	assert_int_equal(c.settings[0].value_at.line, 7);
	assert_int_equal(c.settings[0].value_at.column, 14);
	assert_string_equal(c.settings[1].value, "800");
	assert_string_equal(c.settings[2].of, "check");
	assert_string_equal(c.settings[2].name, "site");
	config_release(&c);
}

/* A file that is no YAML can only concern those who look for a connection, unless it may
 * hold options. */
static void whom_a_broken_file_concerns(void **state)
{
	static const struct {
		const char *text;
		enum config_part part;
	} broken[] = {
		{ "connections: [a\n", CONFIG_CONNECTIONS },
		{ "connections: [a\ndefaults: {read-only: yes}\n", CONFIG_FILE },
		{ "commands: [\n", CONFIG_FILE },
	};
	struct config c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		write_file(broken[i].text);
		assert_int_equal(config_load_file(&c, file, &e), -1);
		assert_int_equal(c.nmistakes, 1);
		assert_int_equal(c.mistakes[0].part, broken[i].part);
		assert_true(c.mistakes[0].at.line > 0);
		config_release(&c);
	}
	assert_int_equal(config_load_file(&c, "/", &e), -1);
	assert_int_equal(c.mistakes[0].part, CONFIG_FILE);
	config_release(&c);
}

static void by_name(void **state)
{
	struct err e = { 0 };
	char target[320], path[300];

	(void)state;
	temp_path(path, "meterctl/config.yaml");
	assert_int_equal(paths_replace(path, "connections: {shed: tcp:10.0.0.7}\n", &e), 0);
	assert_int_equal(config_connection("shed", target, sizeof(target), &e), 0);
	assert_string_equal(target, "tcp:10.0.0.7");
	assert_int_equal(config_connection("shde", target, sizeof(target), &e), -1);
	assert_non_null(strstr(e.text, "'shed'"));
	unlink(path);
	assert_int_equal(config_connection("shed", target, sizeof(target), &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, path));
}

static void recent_newest_first_each_once(void **state)
{
	struct recent r;
	struct err e = { 0 };
	char text[32], path[300];
	struct stat st;

	(void)state;
	recent_load(&r);
	assert_int_equal(r.n, 0);
	for (int i = 0; i < 12; i++) {
		snprintf(text, sizeof(text), "tcp:10.0.0.%d", i);
		assert_int_equal(recent_add(text, &e), 0);
	}
	assert_int_equal(recent_add("tcp:10.0.0.8", &e), 0);
	recent_load(&r);
	assert_int_equal(r.n, RECENT_MAX);
	assert_string_equal(r.target[0], "tcp:10.0.0.8");
	assert_string_equal(r.target[1], "tcp:10.0.0.11");
	assert_string_equal(r.target[4], "tcp:10.0.0.7");
	assert_string_equal(r.target[7], "tcp:10.0.0.4");
	temp_path(path, "meterctl");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

static void recent_survives_what_others_wrote(void **state)
{
	char path[300], text[2000];
	struct recent r;
	struct err e;

	(void)state;
	temp_path(path, "meterctl/recent");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "tcp:a\n\n\033[2J\n", 12);
	assert_int_equal(paths_replace(path, text, &e), 0);
	recent_load(&r);
	assert_true(r.n >= 2 && r.n <= RECENT_MAX);
	assert_string_equal(r.target[0], "tcp:a");
	assert_string_equal(r.target[1], "?[2J");
}

static void folders(void **state)
{
	char buf[200], small[8];

	(void)state;
	setenv("HOME", "/home/x", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_string_equal(paths_config(buf, sizeof(buf), "config.yaml"), "/home/x/.config/meterctl/config.yaml");
	unsetenv("XDG_STATE_HOME");
	assert_string_equal(paths_state(buf, sizeof(buf), NULL), "/home/x/.local/state/meterctl");
	assert_string_equal(paths_state(small, sizeof(small), "recent"), "");
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
}

static void replacing_fails_cleanly(void **state)
{
	char path[300];
	struct err e = { 0 };

	(void)state;
	snprintf(path, sizeof(path), "%s/config/below-a-file", file);
	write_file("x");
	assert_int_equal(paths_replace(path, "x", &e), -1);
	assert_int_equal(e.code, ERR_NO);
}

static int prepare(void **state)
{
	(void)state;
	temp_path(home, "");
	temp_path(file, "test.yaml");
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
	return 0;
}

static char *slurp(const char *path)
{
	static char text[2000];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* The file BEFORE becomes AFTER when the meter saved as "bench" moves. */
static void moves(const char *before, const char *to, const char *after)
{
	struct err e = { 0 };

	temp_path(file, "meterctl/config.yaml");
	assert_int_equal(paths_ensure_parent(file, &e), 0);
	write_file(before);
	if (config_follow("bench", "tcp:a", to, &e))
		fail_msg("%s: %s", before, e.text);
	assert_string_equal(slurp(file), after);
}

static void connections_follow(void **state)
{
	struct err e = { 0 };
	struct recent r;

	(void)state;
	moves("connections:\n  bench: tcp:a\n", "tcp:a?unit=7", "connections:\n  bench: tcp:a?unit=7\n");
	moves("# gr\xC3\xBC\xC3\x9F" "e\nconnections: {x: tcp:b, bench: 'tcp:a' }   # one\n", "tcp:a?unit=7",
	      "# gr\xC3\xBC\xC3\x9F" "e\nconnections: {x: tcp:b, bench: tcp:a?unit=7 }   # one\n");
	moves("connections:\r\n  bench: \"tcp:\\x61\"\r\n  x: tcp:a\r\n", "sim:frozen,unit=7",
	      "connections:\r\n  bench: \"sim:frozen,unit=7\"\r\n  x: tcp:a\r\n");
	moves("connections:\n  bench: {target: tcp:a, timeout: 5}\n", "tcp:c",
	      "connections:\n  bench: {target: tcp:c, timeout: 5}\n");
	moves("\xEF\xBB\xBF" "connections:\n  bench: tcp:a", "tcp:c", "\xEF\xBB\xBF" "connections:\n  bench: tcp:c");
	/* no name: nothing is saved, and nothing is changed */
	assert_int_equal(config_follow("tcp:a", "tcp:a", "tcp:d", &e), 0);
	assert_string_equal(slurp(file), "\xEF\xBB\xBF" "connections:\n  bench: tcp:c");
	assert_int_equal(config_follow("other", "tcp:a", "tcp:d", &e), -1);
	assert_non_null(strstr(e.text, "other"));
	write_file("connections:\n  bench: &a tcp:a\n  x: *a\n");
	assert_int_equal(config_follow("bench", "tcp:a", "tcp:d", &e), -1);
	assert_string_equal(slurp(file), "connections:\n  bench: &a tcp:a\n  x: *a\n");

	assert_int_equal(recent_add("tcp:a", &e), 0);
	assert_int_equal(recent_add("tcp:z", &e), 0);
	assert_int_equal(config_follow("tcp:a", "tcp:a", "tcp:a?unit=9", &e), 0);
	recent_load(&r);
	assert_string_equal(r.target[0], "tcp:a?unit=9");
	assert_string_equal(r.target[1], "tcp:z");
	for (size_t i = 0; i < r.n; i++)
		assert_string_not_equal(r.target[i], "tcp:a");
	unlink(file);
}

/* Seconds of a processor to read a file of N connections, the last of them of a name that is there
 * before, at the best of some tries. */
static double cost_of(size_t n)
{
	char *text = malloc(n * 64 + 64), *at = text;
	double least = 1e9;

	assert_non_null(text);
	at += sprintf(at, "connections:\n");
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "  meter%zu: {target: tcp:192.0.2.7, profile: r%zu}\n", i, i);
	sprintf(at, "  meter%zu: tcp:a\n", n / 2);
	for (int i = 0; i < 3; i++) {
		struct config c;
		struct err e = { 0 };
		clock_t began = clock();
		double took;

		assert_int_equal(config_load_text(&c, "F", text, &e), -1);
		took = (double)(clock() - began) / CLOCKS_PER_SEC;
		least = took < least ? took : least;
		assert_int_equal(c.nconnections, n);
		assert_int_equal(c.nmistakes, 1);
		assert_int_equal(c.mistakes[0].at.line, n + 2);
		assert_string_equal(config_option_of(&c, &c.connections[n - 1], "profile"), c.connections[n - 1].name + 4);
		config_release(&c);
	}
	free(text);
	return least;
}

/* Time squared would be sixteen times as much. */
static void many_connections_take_no_longer_each(void **state)
{
	double few = cost_of(10000), many = cost_of(40000);

	(void)state;
	if (many > 9 * few)
		fail_msg("10,000 connections: %.3f s, 40,000: %.3f s", few, many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_connections_take_no_longer_each),
		cmocka_unit_test(connections),
		cmocka_unit_test(mistakes_name_their_place),
		cmocka_unit_test(every_mistake_is_found),
		cmocka_unit_test(whom_a_broken_file_concerns),
		cmocka_unit_test(by_name),
		cmocka_unit_test(recent_newest_first_each_once),
		cmocka_unit_test(recent_survives_what_others_wrote),
		cmocka_unit_test(connections_follow),
		cmocka_unit_test(folders),
		cmocka_unit_test(replacing_fails_cleanly),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
