/* Batch files: every mistake is told with its place, and what a row means. */
#include "temp.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/sites.h"

static char csv[TEMP_PATH], yaml[TEMP_PATH];
static char told[8000];

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* Without the folder the file is in. */
static void take_mistake(void *arg, const struct err *e)
{
	const char *name = strstr(e->text, "a.csv:");

	(void)arg;
	assert_int_equal(e->code == ERR_USAGE || e->code == ERR_DENIED, 1);
	assert_non_null(name);
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s\n", name + strlen("a.csv:"));
}

static int load(const char *text, struct sites *s, struct err *e)
{
	struct sites_opts o = { .profile = "adw300" };

	told[0] = '\0';
	temp_path(csv, "a.csv");
	temp_path(yaml, "a.yaml");
	write_file(csv, text);
	return sites_load(csv, &o, s, take_mistake, NULL, e);
}

/* N mistakes, and WANT in what is said of them. */
static void refuses(const char *text, size_t n, const char *const *wants)
{
	char count[40];
	struct sites s;
	struct err e = { 0 };

	if (load(text, &s, &e) == 0)
		fail_msg("taken: %s", text);
	sites_release(&s);
	assert_int_equal(e.code, ERR_USAGE);
	for (size_t i = 0; i < n; i++)
		if (!strstr(told, wants[i]))
			fail_msg("%s\nis not in:\n%s", wants[i], told);
	snprintf(count, sizeof(count), "%zu mistake%s in '", n, n == 1 ? "" : "s");
	if (!strstr(e.text, count) || !strstr(e.text, "nothing was sent"))
		fail_msg("%s\nis not in: %s\n%s", count, e.text, told);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__ })
#define REFUSES(text, ...) refuses(text, sizeof(LIST(__VA_ARGS__)) / sizeof(char *), LIST(__VA_ARGS__))

static void takes(const char *text, struct sites *s)
{
	struct err e = { 0 };

	if (load(text, s, &e))
		fail_msg("%s\n%s", e.text, told);
}

static void columns(void **state)
{
	(void)state;
	REFUSES("target,ratio.c\nrtu:/x,60\n", "1:8: unknown column 'ratio.c'; did you mean 'ratio.ct'?");
	REFUSES("targets,ratio.ct\nrtu:/x,60\n", "1:1: unknown column 'targets'; did you mean 'target'?",
		"1:1: no column 'target'");
	REFUSES("target,expect.voltage.d\nrtu:/x,60\n", "1:8: unknown column 'expect.voltage.d'; did you mean 'expect.voltage.");
	REFUSES("target,f\xC3\xBC,zzzzzzzzzzzz\nrtu:/x,,1\n", "1:8: unknown column 'f\xC3\xBC'", "1:11: unknown column 'zzzzzzzzzzzz'");
	REFUSES("target,note,note\nrtu:/x,a,b\n", "1:13: column 'note' is there twice");
	REFUSES("target,,note\nrtu:/x,,b\n", "1:8: column without a name");
	REFUSES("target,note\nrtu:/x,a,b,\n", "2:10: a cell behind the last column: 'b'");
	REFUSES("note\na\nb\nc\n", "1:1: no column 'target'");
}

static void targets(void **state)
{
	(void)state;
	REFUSES("target,note\n,a\nfoo:bar,\nrtu:,\nmqtt://127.0.0.1,\n,b\nfoo:baz,\n", "2:1: no target in this row",
		"3:1: column 'target': 'foo:bar'", "4:1: column 'target': target 'rtu:': no port named", "5:1: column 'target': 'mqtt://127.0.0.1' is a broker",
		"6:1: no target in this row", "7:1: column 'target': 'foo:baz'");
	REFUSES("note,target\n,rtu:/x?unit=7\n,tcp:127.0.0.1\n,rtu:/x?unit=8\n,\"rtu:/x?unit=7&baud=9600\"\n,tcp:127.0.0.1:502\n",
		"5:2: column 'target': the meter of line 2 again", "6:2: column 'target': the meter of line 3 again");
}

static void values_out_of_range(void **state)
{
	(void)state;
	REFUSES("target,ratio.ct,demand.cycle\nrtu:/x,0,15min\nrtu:/y,1.5,17min\nrtu:/z,99999999,\n",
		"2:8: column 'ratio.ct': 'ratio.ct' 0 is out of range", "3:8: column 'ratio.ct': 'ratio.ct' 1.5",
		"3:12: column 'demand.cycle'", "4:8: column 'ratio.ct': 'ratio.ct' 99999999 is out of range");
	REFUSES("target;ratio.ct;clamp.a\nrtu:/x;230,5;118,5\n", "2:8: column 'ratio.ct': '230,5' is no number",
		"2:14: column 'clamp.a': '118,5' is not a current in A");
	REFUSES("target;expect.voltage.a;expect.frequency\nrtu:/x;220,5..240;\"49,5\"\n", "2:8: column 'expect.voltage.a'",
		"2:19: column 'expect.frequency'");
	REFUSES("target,voltage.a,expect.voltage.a\nrtu:/x,230,240..220\n", "2:8: column 'voltage.a': 'voltage.a'",
		"2:12: column 'expect.voltage.a'");
	REFUSES("target,check,clamp.b,nameplate.ct,nameplate.pt\nrtu:/x,maybe,-1,x,0/5\n", "2:8: column 'check': 'maybe': write yes or no",
		"2:14: column 'clamp.b': '-1'", "2:17: column 'nameplate.ct'", "2:19: column 'nameplate.pt'");
	REFUSES("target,ratio.ct\nrtu:/x?unit=0,60\n", "2:15: column 'ratio.ct': 'ratio.ct': write not allowed at unit address 0");
}

static void several_rows_of_mistakes(void **state)
{
	(void)state;
	REFUSES("target,ratio.ct,check\n\nrtu:/x,0,\n# a comment\n\"foo\n\",60,no\nrtu:/z,60,nein\n", "3:8: column 'ratio.ct'",
		"5:1: column 'target'", "7:11: column 'check'");
}

static void profiles(void **state)
{
	char own[TEMP_PATH];
	struct sites s;

	(void)state;
	/* one that is not there is as much a mistake in its last row as in its first */
	REFUSES("target,profile\nrtu:/x,nope\n", "2:8: column 'profile': no profile 'nope'");
	REFUSES("target,profile,ratio.ct\nrtu:/x,,60\nrtu:/y,nope,60\nrtu:/z,nope,60\n", "3:8: column 'profile': no profile 'nope'",
		"4:8: column 'profile': no profile 'nope'");
	REFUSES("target,profile,demand.cycle\nrtu:/x,adw300,15min\nrtu:/y,sdm630,15min\n",
		"3:15: column 'demand.cycle': profile 'sdm630' has no 'demand.cycle'");
	/* a file is beside the batch file, and its keys are columns */
	write_file(temp_path(own, "own.yaml"), "profile: own\ntitle: t\nsource: s\ngroups:\n  - group: g\n    title: T\n    type: u16\n"
		   "    access: rw\n    from: public\n    section: x\n    points:\n"
		   "      - {key: lamp.hours, at: 0x10, name: N, unit: h, min: 1, max: 9}\n");
	takes("target,profile,lamp.hours\nrtu:/x,own.yaml,5\n", &s);
	assert_int_equal(s.list[0].nwanted, 1);
	sites_release(&s);
	REFUSES("target,profile,lamp.hours\nrtu:/x,own.yaml,10\nrtu:/y,,5\n", "2:17: column 'lamp.hours': 'lamp.hours' 10 is out of range",
		"3:9: column 'lamp.hours': profile 'adw300' has no 'lamp.hours'");
}

static void files_of_settings(void **state)
{
	struct sites s;

	(void)state;
	temp_path(yaml, "a.yaml");
	unlink(yaml);
	REFUSES("target,settings\nrtu:/x,a.yaml\nrtu:/y,a.yaml\n", "2:8: column 'settings': cannot read '");
	write_file(yaml, "settings:\n  ratio.ct: 60\n  ratio.c: 60\n");
	REFUSES("target,settings\nrtu:/x,a.yaml\nrtu:/y,a.yaml\n", "2:8: column 'settings': ");
	assert_non_null(strstr(told, "a.yaml:3:3: unknown key 'ratio.c'"));
	write_file(yaml, "settings:\n  ratio.ct: 60\n  demand.cycle: 17min\n");
	REFUSES("target,settings,note\nrtu:/x,a.yaml,\nrtu:/y,a.yaml,\n", "2:8: column 'settings': ");
	assert_non_null(strstr(told, "a.yaml:3:3: "));
	write_file(yaml, "settings:\n  security.code: 1234\n");
	REFUSES("target,settings\nrtu:/x,a.yaml\n", "2:8: column 'settings': ");
	assert_null(strstr(told, "1234"));
	/* a cell is more than the file */
	write_file(yaml, "settings:\n  ratio.ct: 60\n  demand.cycle: 15min\n");
	takes("target,settings,ratio.ct\nrtu:/x,a.yaml,80\nrtu:/y,a.yaml,\n", &s);
	assert_ptr_equal(s.list[0].settings, s.list[1].settings);
	assert_string_equal(s.list[0].wanted[0].text, "80");
	assert_int_equal(s.list[1].nwanted, 0);
	sites_release(&s);
}

static void secrets(void **state)
{
	char file[TEMP_PATH];
	struct sites s;

	(void)state;
	REFUSES("target,security.code\nrtu:/x,1234\n", "2:8: column 'security.code': 'security.code' is a secret: write @env:NAME or @file:NAME");
	assert_null(strstr(told, "1234"));
	unsetenv("METERCTL_TEST_NONE");
	REFUSES("target,security.code\nrtu:/x,@env:METERCTL_TEST_NONE\nrtu:/y,@file:none\n", "2:8: column 'security.code': ",
		"3:8: column 'security.code': ");
	write_file(temp_path(file, "code"), "1234\n");
	assert_int_equal(chmod(file, 0644), 0);
	REFUSES("target,security.code\nrtu:/x,@file:code\n", "2:8: column 'security.code': ");
	assert_int_equal(chmod(file, 0600), 0);
	setenv("METERCTL_TEST_CODE", "99999999", 1);
	REFUSES("target,security.code\nrtu:/x,@env:METERCTL_TEST_CODE\n", "2:8: column 'security.code': ");
	assert_null(strstr(told, "99999999"));
	setenv("METERCTL_TEST_CODE", "4321", 1);
	takes("target,security.code\nrtu:/x,@file:code\nrtu:/y,@env:METERCTL_TEST_CODE\n", &s);
	assert_string_equal(s.list[0].wanted[0].text, "1234");
	assert_string_equal(s.list[1].wanted[0].text, "4321");
	assert_true(s.list[0].wanted[0].secret);
	sites_release(&s);
}

static void reports(void **state)
{
	char text[800], name[400];

	(void)state;
	REFUSES("target,report\nrtu:/x,a.html\nrtu:/y,b.html\nrtu:/z,a.html\n", "4:8: column 'report': the file of line 2 again");
	/* a name that is cut off would be another file */
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 100; i < sizeof(name) - 1; i += 100)
		name[i] = '/';
	snprintf(text, sizeof(text), "target,report\nrtu:/x,%s\n", name);
	REFUSES(text, "2:8: column 'report': the path is too long");
}

static void what_a_row_means(void **state)
{
	char folder[TEMP_PATH], report[2 * TEMP_PATH];
	struct sites s;

	(void)state;
	takes("\xEF\xBB\xBFtarget;profile;ratio.ct;expect.voltage.a;check;clamp.b;nameplate.ct;report;note\r\n"
	      "rtu:/x;;60;220..240;yes;118.5;200/5;out/x.html;\"roof, \"\"left\"\"\"\r\n\r\n#rtu:/n;;;;;;;;\r\nsim:;sdm630;;;no;;;;\r\nsim:;;;;;;;;\r\n",
	      &s);
	snprintf(report, sizeof(report), "%s/out/x.html", temp_path(folder, ""));
	assert_int_equal(s.n, 3);
	assert_int_equal(s.list[0].row, 1);
	assert_int_equal(s.list[0].line, 2);
	assert_string_equal(s.list[0].wanted[0].key, "ratio.ct");
	assert_string_equal(s.list[0].expected[0].key, "voltage.a");
	assert_string_equal(s.list[0].expected[0].text, "220..240");
	assert_true(s.list[0].check);
	assert_true(isnan(s.list[0].clamp[0]) && s.list[0].clamp[1] == 118.5);
	assert_string_equal(s.list[0].nameplate_ct, "200/5");
	assert_string_equal(s.list[0].report, report);
	assert_string_equal(s.list[0].note, "roof, \"left\"");
	assert_int_equal(s.list[1].row, 2);
	assert_int_equal(s.list[1].line, 5);
	assert_false(s.list[1].check);
	assert_int_equal(s.list[1].nwanted + s.list[1].nexpected, 0);
	sites_release(&s);
}

static void the_hash_is_of_all_files(void **state)
{
	char first[65];
	struct sites s;

	(void)state;
	temp_path(yaml, "a.yaml");
	write_file(yaml, "settings:\n  ratio.ct: 60\n");
	takes("target,settings\nrtu:/x,a.yaml\n", &s);
	memcpy(first, s.hash, sizeof(first));
	assert_int_equal(strlen(first), 64);
	sites_release(&s);
	takes("target,settings\nrtu:/x,a.yaml\n", &s);
	assert_string_equal(s.hash, first);
	sites_release(&s);
	takes("target,settings\nrtu:/x,a.yaml\n\n", &s);
	assert_string_not_equal(s.hash, first);
	sites_release(&s);
	write_file(yaml, "settings:\n  ratio.ct: 61\n");
	takes("target,settings\nrtu:/x,a.yaml\n", &s);
	assert_string_not_equal(s.hash, first);
	sites_release(&s);
}

static void files_without_meters(void **state)
{
	static const char *const texts[] = { "", "target\n", "target\n\n#rtu:/x\n" };
	struct sites s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(load(texts[i], &s, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_non_null(strstr(e.text, "no row"));
		sites_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns),
		cmocka_unit_test(targets),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(several_rows_of_mistakes),
		cmocka_unit_test(profiles),
		cmocka_unit_test(files_of_settings),
		cmocka_unit_test(secrets),
		cmocka_unit_test(reports),
		cmocka_unit_test(what_a_row_means),
		cmocka_unit_test(the_hash_is_of_all_files),
		cmocka_unit_test(files_without_meters),
	};

	/* no profile of a person's own */
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	return UNIT_RUN(tests);
}
