/* The prompt: words, what completes them, what is kept and what is hidden. */
#include "screen_bench.h"
#include "temp.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "ui/prompt/commands.h"
#include "ui/prompt/prompt.h"
#include "ui/prompt/complete.h"
#include "cmd/cmdline.h"

static struct ui ui;
static char state_dir[TEMP_PATH];
static char connected[TARGET_TEXT], as_model[64];
static const struct profile *profile;

/* ---- words -------------------------------------------------------------- */

static void split(const char *line, const char *want)
{
	struct cmdline w;
	struct err e = { 0 };
	char got[800] = "";

	if (cmdline_split(&w, line, &e))
		snprintf(got, sizeof(got), "error");
	else
		for (int i = 0; i < w.argc; i++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s]", w.argv[i]);
	assert_string_equal(got, want);
}

static void test_split(void **state)
{
	char many[800] = "";

	(void)state;
	split("", "");
	split("   ", "");
	split("set a=1  b=2 ", "[set][a=1][b=2]");
	split("set 'a b=c d'", "[set][a b=c d]");
	split("a=\"x y\"z 'it'\\''s'", "[a=x yz][it's]");
	split("a '' b", "[a][][b]");
	split("a \"\"", "[a][]");
	split("back\\ slash '\\'", "[back slash][\\]");
	split("open 'quote", "error");
	split("trailing\\", "[trailing\\]");
	for (int i = 0; i < 70; i++)
		strcat(many, "a ");
	split(many, "error");
}

static void test_too_long(void **state)
{
	char *line = malloc(3000);
	struct cmdline w;
	struct err e;

	(void)state;
	memset(line, 'x', 2999);
	line[2999] = '\0';
	assert_int_equal(cmdline_split(&w, line, &e), -1);
	free(line);
}

/* ---- completion --------------------------------------------------------- */

/* What completes the last word of LINE, '|' between and at both ends. */
static const char *offers(const char *line)
{
	static char got[8192];
	struct candidates c;
	size_t end = strlen(line), start = end;

	while (start > 0 && line[start - 1] != ' ')
		start--;
	cmdline_complete(&commands_of_screens, profile, line, start, end, &c);
	snprintf(got, sizeof(got), "|");
	for (size_t i = 0; i < c.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s|", c.list[i]);
	if (c.files)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "FILES");
	candidates_release(&c);
	return got;
}

static void test_commands(void **state)
{
	(void)state;
	assert_string_equal(offers("con"), "|config|connect|");
	assert_string_equal(offers("tr"), "|trace|trend|");
	assert_non_null(strstr(offers(""), "|help|"));
	assert_string_equal(offers("nosuch"), "|");
	assert_string_equal(offers("nosuch x"), "|");
	assert_string_equal(offers("quit x"), "|");
}

static void test_keys(void **state)
{
	(void)state;
	assert_string_equal(offers("read ratio"), "|ratio.|");
	assert_string_equal(offers("read ratio."), "|ratio.ct|ratio.pt|");
	assert_string_equal(offers("get voltage.a"), "|voltage.a|voltage.ab|");
	assert_non_null(strstr(offers("read "), "|voltage.|"));
	/* every argument of it, not only the first */
	assert_string_equal(offers("read voltage.a ratio.c"), "|ratio.ct|");
}

static void test_settings(void **state)
{
	(void)state;
	assert_string_equal(offers("set ratio."), "|ratio.ct=|ratio.pt=|");
	assert_string_equal(offers("set ratio.ct=1 ratio.p"), "|ratio.pt=|");
	assert_string_equal(offers("set voltage"), "|");
	assert_non_null(strstr(offers("set comm.baud="), "|comm.baud=9600|"));
	assert_string_equal(offers("set comm.baud=96"), "|comm.baud=9600|");
	assert_string_equal(offers("set clock="), "|clock=now|");
	assert_string_equal(offers("set nosuch="), "|");
	/* the last of the bits that are added up */
	assert_non_null(strstr(offers("set alarm1.enable="), "|alarm1.enable=undervoltage|"));
	assert_string_equal(offers("set alarm1.enable=overvoltage+underv"),
			    "|alarm1.enable=overvoltage+undervoltage|");
}

static void test_other_words(void **state)
{
	(void)state;
	assert_string_equal(offers("profile "), "|check|export|list|schema|show|");
	assert_string_equal(offers("profile show adw"), "|adw300|");
	assert_string_equal(offers("connect sim"), "|sim:|");
	assert_string_equal(offers("help co"), "|config|connect|copy|");
	assert_string_equal(offers("ratio "), "|ct|pt|");
	/* an open quote, or a word in the middle of one */
	assert_string_equal(offers("read 'volt age.a"), "|");
}

/* Whatever is typed completes to words that begin with it. */
static void test_prefix(void **state)
{
	static const char *const lines[] = { "", "r", "read a", "set n", "set di.", "connect r", "get h" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct candidates c;
		size_t end = strlen(lines[i]), start = end;

		while (start > 0 && lines[i][start - 1] != ' ')
			start--;
		cmdline_complete(&commands_of_screens, profile, lines[i], start, end, &c);
		assert_true(c.n > 0);
		for (size_t j = 0; j < c.n; j++) {
			assert_int_equal(strncmp(c.list[j], lines[i] + start, end - start), 0);
			assert_true(j == 0 || strcmp(c.list[j - 1], c.list[j]) < 0);
		}
		candidates_release(&c);
	}
}

/* Without a meter there are still commands. */
static void test_no_meter(void **state)
{
	struct candidates c;

	(void)state;
	cmdline_complete(&commands_of_screens, NULL, "set rat", 4, 7, &c);
	assert_int_equal(c.n, 0);
	candidates_release(&c);
	cmdline_complete(&commands_of_screens, NULL, "conn", 0, 4, &c);
	assert_int_equal(c.n, 1);
	candidates_release(&c);
}

/* ---- the line above ----------------------------------------------------- */

static void hints(const char *line, const char *part)
{
	char buf[800];

	cmdline_hint(&commands_of_screens, profile, NULL, line, strlen(line), buf, sizeof(buf));
	if (*part ? !strstr(buf, part) : *buf)
		fail_msg("'%s' in '%s'", part, buf);
}

static void test_hints(void **state)
{
	(void)state;
	hints("", "");
	hints("zzz", "");
	hints("connect", "connect TARGET: ");
	hints("read ", "read [KEY|GROUP|GLOB ...]: ");
	hints("set ratio.ct=", "Current transformer ratio (CT): 1 to 65535");
	hints("set comm.baud=9", "9600");
	hints("get voltage.a", "Voltage phase A V");
}

/* ---- secrets ------------------------------------------------------------ */

static void test_keep(void **state)
{
	(void)state;
	assert_true(cmdline_keep(profile, "set ratio.ct=40"));
	assert_true(cmdline_keep(profile, "connect rtu:/dev/ttyUSB0?baud=9600&unit=2"));
	assert_true(cmdline_keep(profile, "read voltage"));
	assert_true(cmdline_keep(profile, "read 'open"));
	assert_false(cmdline_keep(profile, "set network.apn.password=x"));
	assert_false(cmdline_keep(profile, "set ratio.ct=40 network.apn.password=x"));
	assert_false(cmdline_keep(profile, "set 'network.apn.password=x y'"));
	assert_false(cmdline_keep(profile, "set network.apn.password='x"));
	/* misspelt, it is no less secret */
	assert_false(cmdline_keep(profile, "set network.apn.pasword=x"));
	assert_false(cmdline_keep(profile, "network.apn.password=x"));
	assert_false(cmdline_keep(NULL, "set network.apn.password=x"));
	/* by its register (security.code is 8), alone and among others */
	assert_false(cmdline_keep(profile, "raw write 8 4711 --yes"));
	assert_false(cmdline_keep(profile, "raw write --yes 0x0007 1 4711"));
	assert_true(cmdline_keep(profile, "raw write 9 1 --yes"));
	assert_true(cmdline_keep(profile, "raw read 8"));
	/* in a target */
	assert_false(cmdline_keep(profile, "connect mqtt://joe:hunter2@broker/SN"));
	assert_false(cmdline_keep(profile, "connect mqtt://broker/SN?user=joe&password=hunter2"));
	assert_false(cmdline_keep(profile, "-c 'mqtt://broker/SN?PASSWD=hunter2' read"));
	assert_true(cmdline_keep(profile, "connect mqtt://broker:1883/SN?user=joe&passfile=/home/joe/pw"));
}

static void masks(const char *line, const char *want)
{
	char buf[800];

	assert_string_equal(cmdline_mask(profile, line, buf, sizeof(buf)), want);
}

static void test_mask(void **state)
{
	(void)state;
	masks("set ratio.ct=40", "set ratio.ct=40");
	masks("set network.apn.password=abc", "set network.apn.password=***");
	masks("set network.apn.password=", "set network.apn.password=");
	masks("set network.apn.password=aé b", "set network.apn.password=** b");
	masks("set network.apn.password='a b' ratio.ct=1", "set network.apn.password=***** ratio.ct=1");
	masks("set 'network.apn.password=a b", "set 'network.apn.password=***");
}

/* ---- the prompt itself, on a terminal that is none ------------------------- */

static int fake_connect(struct ui *u, const struct target *t, const char *name, struct err *e)
{
	(void)u;
	(void)e;
	snprintf(connected, sizeof(connected), "%s", t->text);
	snprintf(as_model, sizeof(as_model), "%s", name);
	return 0;
}

static struct job asked;

static int fake_job(struct ui *u, const struct job *w, struct err *e)
{
	(void)u;
	(void)e;
	asked = *w;
	return 0;
}

static void keys(const char *text)
{
	for (; *text; text++)
		stage_key(&ui, (unsigned char)*text);
}

/* Row Y of the foot as it is drawn now. */
static const char *foot(int y)
{
	static char line[800];
	size_t n;

	stage_draw(&ui);
	mvwinnstr(ui.loop->foot, y, 0, line, 399);
	n = strlen(line);
	while (n > 0 && line[n - 1] == ' ')
		line[--n] = '\0';
	return line;
}

static const char *shown(void)
{
	return stage_shown(&ui)->name;
}

static void test_typing(void **state)
{
	(void)state;
	keys(":");
	assert_true(prompt_shown());
	keys("set rat\tct=200/5");
	assert_string_equal(foot(1), ":set ratio.ct=200/5");
	stage_key(&ui, KEY_HOME);
	stage_key(&ui, KEY_DC);
	keys("g");
	stage_key(&ui, KEY_RIGHT);
	stage_key(&ui, KEY_END);
	stage_key(&ui, KEY_BACKSPACE);
	assert_string_equal(foot(1), ":get ratio.ct=200/");
	stage_key(&ui, 27);
	assert_false(prompt_shown());
	assert_string_equal(shown(), "Live");
	/* keys mean again what they did */
	keys("5");
	assert_string_equal(shown(), "Trend");
	keys("1:");
	keys("\7");
	assert_false(prompt_shown());
}

static void test_candidates_shown(void **state)
{
	(void)state;
	keys(":set ratio.\t");
	assert_string_equal(foot(0), " ct=  pt=");
	assert_string_equal(foot(1), ":set ratio.");
	/* more than fit: the next ones with the next Tab */
	stage_key(&ui, 27);
	keys(":read \t");
	assert_non_null(strstr(foot(0), "+"));
	assert_null(strstr(foot(0), "voltage."));
	for (int i = 0; i < 20 && !strstr(foot(0), "voltage."); i++)
		keys("\t");
	assert_non_null(strstr(foot(0), "voltage."));
	stage_key(&ui, 27);
}

static void test_utf8(void **state)
{
	(void)state;
	keys(":read äö");
	assert_string_equal(foot(1), ":read äö");
	stage_key(&ui, KEY_BACKSPACE);
	assert_string_equal(foot(1), ":read ä");
	stage_key(&ui, 27);
}

static void test_long_line(void **state)
{
	(void)state;
	keys(":");
	for (int i = 0; i < 900; i++)
		keys(i % 10 ? "x" : "é");
	keys("END");
	assert_non_null(strstr(foot(1), "END"));
	stage_key(&ui, KEY_HOME);
	assert_null(strstr(foot(1), "END"));
	resizeterm(10, 20);
	stage_resize(&ui, 10, 20);
	foot(1);
	resizeterm(24, 80);
	stage_resize(&ui, 24, 80);
	/* a person who holds a key down */
	for (int i = 0; i < 2000; i++)
		keys("z");
	keys("\r");
	assert_non_null(strstr(foot(0), "unknown command"));
}

/* What the command under way has printed, until it ends. */
static void until_end(void)
{
	while (ui.loop->running) {
		unit_readable(running_fd(ui.loop->running), 1000);
		command_running(&ui);
	}
}

static const char *body(int y)
{
	static char line[800];

	stage_draw(&ui);
	mvwinnstr(ui.loop->body, y, 0, line, 399);
	return line;
}

static void test_running(void **state)
{
	(void)state;
	keys(":trend\r");
	assert_string_equal(shown(), "Trend");
	keys(":read voltage.\r");
	assert_string_equal(shown(), "Values");
	keys(":connect tcp:10.0.0.7\r");
	assert_string_equal(connected, "tcp:10.0.0.7");
	keys(":profile show voltage.a\r");
	assert_string_equal(shown(), "Output");
	until_end();
	keys(":help\r");
	assert_string_equal(shown(), "Output");
	keys(":ratio 200/5\r");
	assert_string_equal(shown(), "Ratio");
	/* as the message of a command that ends elsewhere says */
	keys(":output\r");
	assert_string_equal(shown(), "Output");
	keys(":live\r:nosuch\r");
	assert_non_null(strstr(foot(0), "unknown command 'nosuch'"));
	keys(":undo\r");
	assert_non_null(strstr(foot(0), "press W"));
	keys(":apply /nonexistent/file\r");
	assert_non_null(strstr(foot(0), "/nonexistent/file"));
	keys(":profile show nosuch\r");
	until_end();
	assert_non_null(strstr(foot(0), "nosuch"));
	keys(":read nosuch\r");
	assert_non_null(strstr(foot(0), "nosuch"));
	keys(":set ratio.ct=40\r");
	assert_non_null(strstr(foot(0), "press W"));
	assert_false(ui.loop->leave);
	keys(":quit\r");
	assert_true(ui.loop->leave);
	ui.loop->leave = false;
}

/* An incomplete backup is restored only by who says so. Its name is short: the message
 * line shows what fits, and the name stands first in it. */
/* A saved connection brings its profile, and one can be saved. */
static void test_saved(void **state)
{
	char path[TEMP_PATH], *text;
	struct err e;

	(void)state;
	setenv("XDG_CONFIG_HOME", temp_path(path, ""), 1);
	assert_int_equal(paths_replace(temp_path(path, "meterctl/config.yaml"),
				       "connections: {pump: {target: 'tcp:10.0.0.8', profile: sdm630}}\n", &e), 0);
	keys(":connect pump\r");
	assert_string_equal(connected, "pump");
	assert_string_equal(as_model, "sdm630");
	keys(":connect pump -p adw300\r");
	assert_string_equal(as_model, "adw300");
	keys(":connect tcp:10.0.0.7\r");
	assert_string_equal(as_model, "adw300");
	keys(":connect tcp:10.0.0.9 --save roof -p sdm630\r");
	assert_string_equal(connected, "tcp:10.0.0.9");
	keys(":connect tcp:10.0.0.7 --save roof\r");
	text = paths_read(path, &e);
	assert_non_null(text);
	assert_string_equal(text, "connections: {pump: {target: 'tcp:10.0.0.8', profile: sdm630}, "
			    "roof: {target: tcp:10.0.0.9, profile: sdm630}}\n");
	free(text);
	assert_non_null(strstr(ui.message, "'roof' leads to 'tcp:10.0.0.9' already"));
	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
}

static void test_incomplete(void **state)
{
	FILE *out;

	(void)state;
	assert_int_equal(chdir(state_dir), 0);
	out = fopen("backup.yaml", "w");
	assert_non_null(out);
	fprintf(out, "incomplete: [lora.sf]\nsettings:\n  ratio.ct: 40\n");
	fclose(out);
	keys(":restore backup.yaml\r");
	assert_non_null(strstr(foot(0), "incomplete backup"));
	/* the file is taken: what is missing now is W */
	keys(":restore --incomplete backup.yaml\r");
	assert_non_null(strstr(foot(0), "press W"));
	keys(":apply backup.yaml\r");
	assert_non_null(strstr(foot(0), "press W"));
	keys(":apply --incomplete backup.yaml\r");
	assert_non_null(strstr(foot(0), "unknown option '--incomplete' of apply"));
	unlink("backup.yaml");
}

/* A command itself, with options: none of one run is left for the next. */
static void test_command(void **state)
{
	(void)state;
	keys(":journal -n 0\r");
	assert_non_null(strstr(foot(0), "'0' is no number of entries"));
	assert_null(ui.loop->running);
	keys(":journal show 1 -f json\r");
	assert_string_equal(shown(), "Output");
	assert_non_null(ui.loop->running);
	/* one at a time */
	keys(":profile list\r");
	assert_non_null(strstr(foot(0), "a command is running"));
	until_end();
	assert_non_null(strstr(foot(0), "no entry 1 in the journal"));
	assert_non_null(strstr(body(0), "exit status 2"));
	keys(":profile list -f csv\r");
	until_end();
	assert_non_null(strstr(body(1), "name,"));
	keys(":profile list\r");
	until_end();
	assert_null(strstr(body(1), "name,"));
	assert_null(strstr(body(0), "exit status"));
	keys(":watch --help\r");
	until_end();
	assert_non_null(strstr(body(1), "usage: meterctl [OPTIONS] watch"));
	/* the title keeps a secret */
	keys(":set network.apn.password=geheim --dry-run\r");
	until_end();
	assert_non_null(strstr(body(0), "network.apn.password=******"));
	keys(":live\r");
}

static void until_body(const char *text)
{
	bool there = false;

	while (!there && ui.loop->running) {
		unit_readable(running_fd(ui.loop->running), 1000);
		command_running(&ui);
		stage_draw(&ui);
		for (int y = 0; y < getmaxy(ui.loop->body); y++)
			there |= strstr(body(y), text) != NULL;
	}
	assert_true(there);
}

/* A question waits, whatever is looked at meanwhile, and what it asks for stays allowed. */
static void test_question(void **state)
{
	(void)state;
	ui.writing = true;
	keys(":raw write 0x000F 60 -c sim:\r");
	until_body("write this register?");
	keys(":help\r");
	assert_non_null(strstr(foot(0), "a command is running"));
	keys(":live\rW");
	assert_non_null(strstr(foot(0), "a command that writes is running"));
	assert_true(ui.writing);
	keys(":output\r");
	assert_non_null(strstr(body(1), "40 -> 60"));
	keys("n");
	until_end();
	assert_non_null(strstr(foot(0), "nothing was written"));
	keys("W");
	assert_false(ui.writing);
	keys(":live\r");
}

/* Who may not write is told so before anything runs. */
static void test_writing(void **state)
{
	static const char *const lines[] = {
		":raw write 1 2\r", ":set ratio.ct=40 --yes\r", ":apply --yes a.yaml\r", ":undo --yes\r", ":platform\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		keys(lines[i]);
		assert_null(ui.loop->running);
		assert_non_null(strstr(foot(0), "press W"));
	}
	ui.read_only = true;
	keys(":raw write 1 2\r");
	assert_non_null(strstr(foot(0), "started with --read-only"));
	ui.read_only = false;
	keys(":tui\r");
	assert_non_null(strstr(foot(0), "'tui' cannot run inside the screens"));
	keys(":completion bash\r");
	assert_non_null(strstr(foot(0), "'completion' cannot run inside the screens"));
}

static void test_options_complete(void **state)
{
	(void)state;
	assert_string_equal(offers("watch --c"), "|--color|--connect|--count|");
	assert_string_equal(offers("check --site "), "|consumer|exporting|");
	assert_string_equal(offers("check -f j"), "|json|jsonl|");
	assert_string_equal(offers("backup -o "), "|FILES");
	assert_string_equal(offers("profile -f json sh"), "|show|");
	assert_string_equal(offers("ratio --"), "|");
}

static void test_get(void **state)
{
	int idx = profile_find(profile, "ratio.ct");
	struct reading r = { .quality = QUALITY_OK, .value = { .kind = VALUE_NUMBER, .num = 40 } };
	struct selection sel;
	bool wanted = false;

	(void)state;
	keys(":get ratio.ct\r");
	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++)
		wanted = wanted || sel.idx[i] == idx;
	selection_release(&sel);
	assert_true(wanted);
	/* what was read before does not count */
	r.mono_us = ui.now_us - 1;
	ui_take(&ui, (size_t)idx, &r);
	stage_update(&ui);
	assert_non_null(strstr(foot(0), "reading ratio.ct"));
	r.mono_us = ui.now_us + 1;
	ui_take(&ui, (size_t)idx, &r);
	stage_update(&ui);
	assert_string_equal(foot(0), " ratio.ct  40");
	/* the meter is silent */
	ui.now_us += 2;
	keys(":get ratio.ct\r");
	ui.now_us += 4000000;
	stage_tick(&ui);
	assert_non_null(strstr(foot(0), "ratio.ct: no reading"));
}

static void test_history(void **state)
{
	char path[TEMP_PATH], text[4096] = "";
	struct stat st;
	FILE *f;

	(void)state;
	keys(":live\r:live\r:get ratio.pt\r:set network.apn.password=geheim\r");
	keys(":");
	stage_key(&ui, KEY_UP);
	assert_string_equal(foot(1), ":get ratio.pt");
	stage_key(&ui, KEY_UP);
	assert_string_equal(foot(1), ":live");
	stage_key(&ui, KEY_DOWN);
	assert_string_equal(foot(1), ":get ratio.pt");
	/* searching backwards */
	keys("\25\22live");
	assert_non_null(strstr(foot(1), "live"));
	stage_key(&ui, 27);
	assert_false(prompt_shown());
	/* Ctrl-S Ctrl-X M, which readline does not survive */
	keys(":\23\30M");
	assert_true(prompt_shown());
	stage_key(&ui, 27);
	temp_path(path, "meterctl/history");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_non_null(strstr(text, "live\nget ratio.pt\n"));
	assert_null(strstr(text, "live\nlive"));
	assert_null(strstr(text, "geheim"));
}

static void test_secret_shown(void **state)
{
	(void)state;
	keys(":set network.apn.password=geheim");
	assert_string_equal(foot(1), ":set network.apn.password=******");
	stage_key(&ui, 27);
}

/* Any key at any time, sizes in between. */
static void test_any_key(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int key;

		seed = seed * 1103515245 + 12345;
		key = (int)(seed >> 16) % 600;
		if (!prompt_shown() && !ui.loop->leave)
			prompt_open(&ui, "set ratio.");
		/* Enter would run things; readline loses a few bytes with each search
		 * that a strange key ends */
		if (key != '\r' && key != '\n' && key != KEY_ENTER && key != 15
		    && key != 18 && key != 19)
			prompt_key(&ui, key);
		if (i % 500 == 0)
			foot(1);
	}
	prompt_close();
}

static int start(void **state)
{
	static const struct stage_hooks hooks = { .connect = fake_connect, .job = fake_job };
	struct err e = { 0 };

	if (bench_start(state))
		return -1;
	setenv("XDG_STATE_HOME", temp_path(state_dir, ""), 1);
	profile = profile_builtin_named("adw300");
	ui = (struct ui){ .line = LINE_LIVE, .now_us = 5000000000LL, .wall_us = 1768485807000000LL };
	if (target_parse("rtu:/dev/ttyUSB0", &ui.target, &e) || stage_init(&ui, &hooks, &e)
	    || stage_profile(&ui, profile, &e))
		return -1;
	snprintf(ui.loop->profile, sizeof(ui.loop->profile), "adw300");
	return 0;
}

static int stop(void **state)
{
	stage_release(&ui);
	return bench_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_other_words),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_no_meter),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_candidates_shown),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_saved),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_options_complete),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_secret_shown),
		cmocka_unit_test(test_any_key),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
