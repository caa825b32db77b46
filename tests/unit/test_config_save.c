/* Saving a connection: what it changes, and that every other byte of the file stays. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "target/config.h"

static char home[TEMP_PATH], file[TEMP_PATH];

static int prepare(void **state)
{
	struct err e;

	(void)state;
	temp_path(home, "");
	temp_path(file, "meterctl/config.yaml");
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
	return paths_ensure_parent(file, &e);
}

static void put(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static char *got(void)
{
	struct err e = { 0 };
	char *text = paths_read(file, &e);

	if (!text)
		fail_msg("%s", e.text);
	return text;
}

/* BEFORE becomes AFTER (NULL: it is refused, with CODE, and stays). */
static void saved_as(const char *before, const struct config_new *n, const char *after, enum err_code code)
{
	struct err e = { 0 };
	char *text;
	int rc;

	put(before);
	rc = config_save(n, &e);
	if (rc != (after ? 0 : -1))
		fail_msg("%s: %s", before, e.text);
	assert_int_equal(e.code, after ? ERR_NONE : code);
	text = got();
	assert_string_equal(text, after ? after : before);
	free(text);
}

static void saved(const char *before, const char *name, const char *target, const char *profile, const char *after)
{
	saved_as(before, &(struct config_new){ name, target, profile, true, false }, after, ERR_NO);
}

static void is_added(void **state)
{
	(void)state;
	saved("", "pump", "tcp:a", NULL, "connections:\n  pump: tcp:a\n");
	saved("# mine\n", "pump", "tcp:a", "sdm630",
	      "# mine\nconnections:\n  pump:\n    target: tcp:a\n    profile: sdm630\n");
	saved("connections:\n", "pump", "tcp:a", NULL, "connections:\n  pump: tcp:a\n");
	saved("connections: # none yet\ndefaults:\n  retries: 1\n", "pump", "tcp:a", NULL,
	      "connections: # none yet\n  pump: tcp:a\ndefaults:\n  retries: 1\n");
	saved("connections:\n  x: tcp:b   # the old one\n\n# and\ndefaults: {}\n", "pump", "tcp:a", NULL,
	      "connections:\n  x: tcp:b   # the old one\n  pump: tcp:a\n\n# and\ndefaults: {}\n");
	saved("connections:\n    x:\n        target: tcp:b\n        timeout: 5 # ms\n\n# end\n", "pump", "tcp:a", "sdm630",
	      "connections:\n    x:\n        target: tcp:b\n        timeout: 5 # ms\n    pump:\n      target: tcp:a\n"
	      "      profile: sdm630\n\n# end\n");
	saved("connections: {x: tcp:b} # one\n", "pump", "tcp:a", NULL, "connections: {x: tcp:b, pump: tcp:a} # one\n");
	saved("connections: {}\n", "pump", "tcp:a", "sdm630",
	      "connections: {pump: {target: tcp:a, profile: sdm630}}\n");
	saved("{defaults: {retries: 1}}\n", "pump", "tcp:a", NULL,
	      "{defaults: {retries: 1}, connections: {pump: tcp:a}}\n");
	saved("defaults:\n  retries: 1", "pump", "tcp:a", NULL, "defaults:\n  retries: 1\nconnections:\n  pump: tcp:a");
	saved("connections:\r\n  x: tcp:b\r\n", "pump", "tcp:a", "sdm630",
	      "connections:\r\n  x: tcp:b\r\n  pump:\r\n    target: tcp:a\r\n    profile: sdm630\r\n");
	saved("\xEF\xBB\xBF" "connections:\n  x: tcp:b", "gr\xC3\xBCn", "sim:frozen,unit=7", NULL,
	      "\xEF\xBB\xBF" "connections:\n  x: tcp:b\n  \"gr\xC3\xBCn\": \"sim:frozen,unit=7\"");
}

static void is_changed(void **state)
{
	(void)state;
	saved("connections:\n  pump: tcp:b # two\n", "pump", "tcp:a", NULL, "connections:\n  pump: tcp:a # two\n");
	saved("connections:\n  pump: tcp:b # two\n", "pump", "tcp:a", "sdm630",
	      "connections:\n  pump: {target: tcp:a, profile: sdm630} # two\n");
	saved("connections:\n  pump:\n    target: 'tcp:b' # two\n    timeout: 5\n\n", "pump", "tcp:a", "sdm630",
	      "connections:\n  pump:\n    target: tcp:a # two\n    timeout: 5\n    profile: sdm630\n\n");
	saved("connections:\n  pump: {profile: adw300, target: tcp:b}\n", "pump", "tcp:a", "sdm630",
	      "connections:\n  pump: {profile: sdm630, target: tcp:a}\n");
	saved("connections:\n  pump: {target: tcp:b}\n", "pump", "tcp:b", "sdm630",
	      "connections:\n  pump: {target: tcp:b, profile: sdm630}\n");
	/* the same one, said otherwise, stays as it was said */
	saved("connections:\n  pump: tcp:a:502?unit=1\n", "pump", "tcp:a", NULL, "connections:\n  pump: tcp:a:502?unit=1\n");
	saved("connections:\n  pump: {target: tcp:a, profile: sdm630}\n", "pump", "tcp:a", NULL,
	      "connections:\n  pump: {target: tcp:a, profile: sdm630}\n");
}

static void is_refused(void **state)
{
	const struct config_new n = { .name = "pump", .target = "tcp:a" };
	struct err e = { 0 };

	(void)state;
	saved_as("connections:\n  pump: tcp:b\n", &n, NULL, ERR_DENIED);
	saved_as("connections:\n  pump: [tcp:b]\n", &n, NULL, ERR_USAGE);
	saved_as("connections: [\n", &n, NULL, ERR_USAGE);
	/* an anchor: more would change than this */
	saved("connections:\n  pump: &a tcp:b\n  x: *a\n", "pump", "tcp:a", NULL, NULL);
	saved("connections:\n  x: tcp:b\n...\n", "pump", "tcp:a", NULL, "connections:\n  x: tcp:b\n  pump: tcp:a\n...\n");
	saved("defaults:\n  retries: 1\n...\n", "pump", "tcp:a", NULL, NULL);
	/* it would go into the second document, which is not read */
	/* it is not read either */
	saved_as("defaults:\n  retries: 1\n---\nx: 1\n", &(struct config_new){ "pump", "tcp:a", NULL, true, false }, NULL, ERR_USAGE);
	for (size_t i = 0; i < 5; i++) {
		static const char *const names[] = { "", "a:b", "a/b", " a", "a\nb" };

		saved_as("", &(struct config_new){ .name = names[i], .target = "tcp:a" }, NULL, ERR_USAGE);
	}
	setenv("XDG_CONFIG_HOME", file, 1);
	assert_int_equal(config_save(&n, &e), -1);
	assert_int_equal(e.code, ERR_NO);
	setenv("XDG_CONFIG_HOME", home, 1);
}

/* How many bytes of BEFORE are no longer there in AFTER, which keeps those at the ends. */
static size_t lost(const char *before, const char *after)
{
	size_t n = strlen(before), m = strlen(after), head = 0, tail = 0;

	while (head < n && head < m && before[head] == after[head])
		head++;
	while (tail < n - head && tail < m - head && before[n - 1 - tail] == after[m - 1 - tail])
		tail++;
	return n - head - tail;
}

/* A line of its own for the profile, at another place than the target: taken out, so that
 * there is one change to look for. */
static void without_profile_line(char *text)
{
	char *at = strstr(text, "\n        profile: sdm630"), *end = at ? strchr(at + 1, '\n') : NULL;

	if (end)
		memmove(at, end, strlen(end) + 1);
}

static void each_file(const char *text)
{
	const struct config_new n[] = {
		{ "pump", "rtu:/dev/ttyUSB0?unit=3", NULL, true, false }, { "pump", "sim:frozen,ct=40", "sdm630", true, false },
		{ "new", "tcp:192.0.2.7", NULL, false, false }, { "new one", "tcp:192.0.2.7", "sdm630", false, false },
	};

	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++) {
		struct config before, after;
		struct err e = { 0 };
		char *now;

		put(text);
		if (config_load_file(&before, file, &e) || config_save(&n[i], &e))
			fail_msg("%s: %s: %s", text, n[i].name, e.text);
		now = got();
		if (n[i].replace)
			without_profile_line(now);
		/* the target of the one that is changed, and no more */
		if (lost(text, now) > (n[i].replace ? strlen("\"tcp:203.0.113.7\"") : 0))
			fail_msg("too much has changed: %s\n%s", text, now);
		assert_int_equal(config_load_file(&after, file, &e), 0);
		assert_string_equal(config_find(&after, n[i].name)->target, n[i].target);
		for (size_t k = 0; k < before.nconnections; k++)
			if (strcmp(before.connections[k].name, n[i].name) != 0)
				assert_string_equal(config_find(&after, before.connections[k].name)->target,
						    before.connections[k].target);
		assert_int_equal(after.nsettings, before.nsettings + (n[i].profile != NULL));
		free(now);
		config_release(&before);
		config_release(&after);
	}
}

/* Files put together of pieces in every way. */
static void every_other_byte_stays(void **state)
{
	static const char *const heads[] = { "", "\xEF\xBB\xBF", "# gr\xC3\xBC\xC3\x9F" "e\n\n", "---\n",
					     "defaults:\n  timeout: 800 # ms\n\n" };
	static const char *const bodies[] = {
		"connections:\n  pump: tcp:203.0.113.7\n", "connections:\n  pump: tcp:203.0.113.7   # note\n\n\n  # more\n  x: tcp:b\n",
		"connections:\n    x: tcp:b\n\n    pump:\n        # why\n        target: \"tcp:203.0.113.7\"\n        timeout: 5\n",
		"connections: {pump: tcp:203.0.113.7, x: 'tcp:b',}\n", "connections: { x: {target: tcp:b}, pump: { target: tcp:203.0.113.7 } } #\n",
		"connections:\n  pump: {timeout: 5, target: tcp:203.0.113.7} # \xE2\x82\xAC\n  'x y': tcp:b\n",
	};
	static const char *const tails[] = { "", "# end", "\n\n# end\n", "commands: {check: {site: exporting}}\n",
					     "commands:\n  check:\n    site: exporting # \xC3\xBC\n" };
	char text[800], crlf[1000];

	(void)state;
	for (size_t h = 0; h < sizeof(heads) / sizeof(*heads); h++)
		for (size_t b = 0; b < sizeof(bodies) / sizeof(*bodies); b++)
			for (size_t t = 0; t < sizeof(tails) / sizeof(*tails); t++) {
				size_t n = 0;

				snprintf(text, sizeof(text), "%s%s%s", heads[h], bodies[b], tails[t]);
				each_file(text);
				for (const char *p = text; *p; p++) {
					if (*p == '\n')
						crlf[n++] = '\r';
					crlf[n++] = *p;
				}
				crlf[n] = '\0';
				each_file(crlf);
			}
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & (S_IFMT | 0777);
}

static void who_may_read_it(void **state)
{
	const struct config_new one = { .name = "a", .target = "tcp:a" }, two = { .name = "b", .target = "tcp:b" };
	char real[TEMP_PATH];
	struct err e = { 0 };

	(void)state;
	unlink(file);
	assert_int_equal(config_save(&one, &e), 0);
	assert_int_equal(mode_of(file), S_IFREG | 0600);
	chmod(file, 0644);
	assert_int_equal(config_save(&two, &e), 0);
	assert_int_equal(mode_of(file), S_IFREG | 0644);
	/* a link stays one */
	temp_path(real, "elsewhere.yaml");
	assert_int_equal(rename(file, real), 0);
	assert_int_equal(symlink(real, file), 0);
	assert_int_equal(config_save(&(struct config_new){ .name = "c", .target = "tcp:c" }, &e), 0);
	assert_int_equal(mode_of(file) & S_IFMT, S_IFLNK);
	assert_int_equal(mode_of(real), S_IFREG | 0644);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_added),
		cmocka_unit_test(is_changed),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(every_other_byte_stays),
		cmocka_unit_test(who_may_read_it),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
