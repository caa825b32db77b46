/* What options are when they are not given: of one invocation, and of what comes after it. */
#include "temp.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "cmd/preset.h"

static struct app app;
static const struct cmd *cmd;

static int begin(void **state)
{
	static const char text[] =
		"connections:\n"
		"  pump: {target: 'sim:ct=7', profile: sdm630, timeout: 500, read-only: yes}\n"
		"  roof: {target: 'sim:ct=8', retries: 5}\n"
		"defaults: {timeout: 800, connect: pump}\n"
		"commands: {watch: {count: 2}}\n";
	struct err e;
	char path[TEMP_PATH];

	(void)state;
	setenv("XDG_CONFIG_HOME", temp_path(path, ""), 1);
	unsetenv("METERCTL_TIMEOUT");
	app_init(&app);
	return paths_replace(temp_path(path, "meterctl/config.yaml"), text, &e);
}

static int end(void **state)
{
	(void)state;
	cmd_release(&app);
	return 0;
}

/* WORDS, a blank between two, on a command line of A. */
static int given(struct app *a, const char *words, struct err *e)
{
	static char line[200];
	char *argv[20] = { (char *)"meterctl" }, *rest = NULL;
	int argc = 1;

	snprintf(line, sizeof(line), "%s", words);
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	return cmd_parse(a, &argc, argv, &cmd, e);
}

static void is_now(const struct app *a, const char *profile, int timeout_ms, int retries, bool read_only)
{
	assert_string_equal(a->profile, profile);
	assert_int_equal(a->timeout_ms, timeout_ms);
	assert_int_equal(a->retries, retries);
	assert_int_equal(a->read_only, read_only);
}

/* One connection after another: what the first had brought goes with it. */
static void goes_on_with_another(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(given(&app, "read", &e), 0);
	is_now(&app, "sdm630", 500, -1, true);
	assert_int_equal(preset_connect(&app, "roof", &e), 0);
	is_now(&app, "adw300", 800, 5, false);
	assert_string_equal(app.connect, "roof");
	assert_int_equal(preset_connect(&app, "tcp:192.0.2.7", &e), 0);
	is_now(&app, "adw300", 800, -1, false);
	assert_int_equal(preset_connect(&app, "pump", &e), 0);
	is_now(&app, "sdm630", 500, -1, true);
}

static void what_was_given_stays(void **state)
{
	struct err e = { 0 };

	(void)state;
	setenv("METERCTL_TIMEOUT", "900", 1);
	assert_int_equal(given(&app, "-p adw300 -c roof read", &e), 0);
	is_now(&app, "adw300", 900, 5, false);
	assert_int_equal(preset_connect(&app, "pump", &e), 0);
	is_now(&app, "adw300", 900, -1, true);
}

/* A copy that is settled, as the prompt and the shell make one for each line. */
static void a_line_takes_little(void **state)
{
	struct err e = { 0 };
	struct app line;

	(void)state;
	assert_int_equal(given(&app, "-c roof -t 7 read", &e), 0);
	setenv("METERCTL_TIMEOUT", "900", 1);
	line = app;
	assert_int_equal(given(&line, "watch voltage", &e), 0);
	is_now(&line, "adw300", 7, 5, false);
	assert_int_equal(line.ngiven, 1);	/* that of the command, from the file */
	assert_string_equal(line.given[0]->name, "count");
	cmd_release(&line);
	line = app;
	assert_int_equal(given(&line, "-c pump -r 1 read", &e), 0);
	is_now(&line, "sdm630", 7, 1, true);
	cmd_release(&line);
	is_now(&app, "adw300", 7, 5, false);
}

static void what_is_wrong_is_not_taken(void **state)
{
	struct err e = { 0 };

	(void)state;
	setenv("METERCTL_TIMEOUT", "soon", 1);
	assert_int_equal(given(&app, "read", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	cmd_release(&app);
	app_init(&app);
	assert_int_equal(given(&app, "config path", &e), 0);
	is_now(&app, "adw300", 0, -1, false);
	assert_int_equal(app.unset.code, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(goes_on_with_another, begin, end),
		cmocka_unit_test_setup_teardown(what_was_given_stays, begin, end),
		cmocka_unit_test_setup_teardown(a_line_takes_little, begin, end),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_not_taken, begin, end),
	};

	return UNIT_RUN(tests);
}
