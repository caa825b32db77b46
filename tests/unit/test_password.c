/* Where the password of a broker's user comes from, and where it must not. */
#include "temp.h"
#include "unit.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "target/password.h"
#include "target/secret.h"

#define SECRET "Gx7 never shown"

static char path[TEMP_PATH];

static void target(struct target *t, const char *more)
{
	char text[TEMP_PATH + 64];
	struct err e = { 0 };

	snprintf(text, sizeof(text), "mqtts://broker/7?%s", more);
	if (target_parse(text, t, &e))
		fail_msg("%s: %s", text, e.text);
}

static void with_file(struct target *t, const char *content, size_t n, mode_t mode)
{
	char more[TEMP_PATH + 32];
	FILE *f;

	unlink(path);	/* its mode may have been one that cannot be written to */
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(content, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	snprintf(more, sizeof(more), "user=u&passfile=%s", path);
	target(t, more);
}

static void gives(const struct target *t, const char *want)
{
	struct err e = { 0 };
	char *out = NULL;

	if (password_fetch(t, false, &out, &e))
		fail_msg("%s", e.text);
	if (want)
		assert_string_equal(out, want);
	else
		assert_null(out);
	secret_free(out);
}

static void refuses(const struct target *t, const char *words)
{
	struct err e = { 0 };
	char *out = path;

	assert_int_equal(password_fetch(t, false, &out, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_null(out);
	if (!strstr(e.text, words))
		fail_msg("no '%s' in: %s", words, e.text);
	assert_null(strstr(e.text, "never shown"));
}

static void files(void **state)
{
	static const mode_t open_to_others[] = { 0644, 0640, 0604, 0620, 0602, 0610, 0601, 0660, 0666 };
	char longest[SECRET_MAX + 2];
	struct target t;

	(void)state;
	with_file(&t, SECRET "\n", strlen(SECRET) + 1, 0600);
	gives(&t, SECRET);
	with_file(&t, SECRET, strlen(SECRET), 0400);
	gives(&t, SECRET);
	with_file(&t, SECRET "\r\n", strlen(SECRET) + 2, 0600);
	gives(&t, SECRET);
	with_file(&t, "", 0, 0600);
	gives(&t, "");
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(*open_to_others); i++) {
		with_file(&t, SECRET "\n", strlen(SECRET) + 1, open_to_others[i]);
		refuses(&t, "others may read it (chmod 600");
	}
	with_file(&t, SECRET "\nmore\n", strlen(SECRET) + 6, 0600);
	refuses(&t, "does not hold one line");
	with_file(&t, "a\0b\n", 4, 0600);
	refuses(&t, "does not hold one line");
	memset(longest, 'x', sizeof(longest));
	longest[SECRET_MAX] = '\0';
	with_file(&t, longest, SECRET_MAX, 0600);
	gives(&t, longest);
	longest[SECRET_MAX] = 'x';
	with_file(&t, longest, SECRET_MAX + 1, 0600);
	refuses(&t, "does not hold one line");
	target(&t, "user=u&passfile=/proc");
	refuses(&t, "'/proc' is no file");
	target(&t, "user=u&passfile=/proc/nothing/there");
	refuses(&t, "/proc/nothing/there");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(longest, sizeof(longest), "user=u&passfile=%s", path);
	target(&t, longest);
	refuses(&t, "is no file");	/* and is not waited for */
	unlink(path);
}

static void environment(void **state)
{
	struct target t;

	(void)state;
	unsetenv(PASSWORD_ENV);
	target(&t, "user=u");
	refuses(&t, "no password for user 'u' of 'broker' (set METERCTL_MQTT_PASSWORD");
	setenv(PASSWORD_ENV, SECRET, 1);
	gives(&t, SECRET);
	setenv(PASSWORD_ENV, "", 1);
	gives(&t, "");
	/* the file the target names comes first */
	setenv(PASSWORD_ENV, "other", 1);
	with_file(&t, SECRET "\n", strlen(SECRET) + 1, 0600);
	gives(&t, SECRET);
	unlink(path);
	/* who does not log in needs none */
	target(&t, "qos=1");
	gives(&t, NULL);
	unsetenv(PASSWORD_ENV);
	gives(&t, NULL);
}

/* ---- asked for on a terminal -------------------------------------------------- */

/* The child, on a terminal of its own; its exit status says what came. */
static int asked(void)
{
	struct target t;
	struct err e = { 0 };
	char *out;

	target(&t, "user=u");
	if (password_fetch(&t, true, &out, &e) == 0)
		return strcmp(out, SECRET) == 0 ? 0 : 90;
	return e.code;
}

static pid_t on_terminal(int *fd)
{
	pid_t pid = forkpty(fd, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(asked());
	return pid;
}

/* Everything the terminal shows until WORD (NULL: its end). */
static void shows(int fd, const char *word, char *buf, size_t size)
{
	size_t n = strlen(buf);

	while (n + 1 < size && !(word && strstr(buf, word))) {
		ssize_t more = unit_readable(fd, UNIT_PATIENCE_MS) ? read(fd, buf + n, size - n - 1) : 0;

		if (more <= 0)
			break;
		n += (size_t)more;
		buf[n] = '\0';
	}
	if (word && !strstr(buf, word))
		fail_msg("no '%s' in: %s", word, buf);
}

static bool echoes(int fd)
{
	struct termios t;

	assert_int_equal(tcgetattr(fd, &t), 0);
	return t.c_lflag & ECHO;
}

/* The prompt is there, and what is typed is not shown any more. */
static void await_prompt(int fd, char *buf, size_t size)
{
	buf[0] = '\0';
	shows(fd, "password of u at broker: ", buf, size);
	UNIT_UNTIL(!echoes(fd), UNIT_PAUSE, (void)0);
}

static void typed(int fd, const char *text, pid_t pid, int want)
{
	char buf[400];
	int status;

	await_prompt(fd, buf, sizeof(buf));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	shows(fd, NULL, buf, sizeof(buf));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
	assert_null(strstr(buf, "never shown"));
	close(fd);
}

static void terminal(void **state)
{
	int fd;
	pid_t pid;

	(void)state;
	unsetenv(PASSWORD_ENV);
	pid = on_terminal(&fd);
	typed(fd, SECRET "\n", pid, 0);
	pid = on_terminal(&fd);
	typed(fd, "\x04", pid, ERR_DENIED);	/* end of input */
	pid = on_terminal(&fd);
	typed(fd, "Gx\x03", pid, ERR_INTERRUPTED);
}

/* A terminal that is left showing nothing is as good as broken. */
static void left_as_it_was(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		char buf[400], name[100];
		int fd, slave, status;
		pid_t pid = on_terminal(&fd);

		assert_int_equal(ptsname_r(fd, name, sizeof(name)), 0);
		slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
		assert_true(slave >= 0);
		await_prompt(fd, buf, sizeof(buf));
		kill(pid, signals[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ERR_INTERRUPTED);
		assert_true(echoes(slave));
		close(slave);
		close(fd);
	}
}

static int make_path(void **state)
{
	(void)state;
	temp_path(path, "password");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files), cmocka_unit_test(environment), cmocka_unit_test(terminal),
		cmocka_unit_test(left_as_it_was),
	};

	return UNIT_RUN_WITH(tests, make_path, NULL);
}
