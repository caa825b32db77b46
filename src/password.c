#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "secret.h"
#include "value.h"

static int no_password(const struct target *t, struct err *e)
{
	return err_set(e, ERR_DENIED, "no password for user '%s' of '%s' (set " PASSWORD_ENV
		       ", or name a file of mode 0600 with &passfile=PATH)", t->mqtt.user, t->host);
}

/* One line of FD, a terminal that WAS so, not shown while it is typed. The keys that
 * send a signal end the line instead: nobody is left with a terminal that shows nothing,
 * whatever the program does with signals. */
static int read_line(int fd, const struct termios *was, char *text, size_t size, struct err *e)
{
	struct termios quiet = *was;
	ssize_t n = -1;
	char last;

	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = was->c_cc[VINTR];
	quiet.c_cc[VEOL2] = was->c_cc[VQUIT];
	if (tcsetattr(fd, TCSAFLUSH, &quiet) == 0) {
		do
			n = read(fd, text, size);
		while (n < 0 && errno == EINTR);
		/* what is left of a line too long goes, too */
		tcsetattr(fd, TCSAFLUSH, was);
		dprintf(fd, "\n");
	}
	if (n <= 0)
		return err_set(e, ERR_DENIED, "no password was given");
	last = text[n - 1];
	if (last == (char)was->c_cc[VINTR] || last == (char)was->c_cc[VQUIT])
		return err_set(e, ERR_INTERRUPTED, "%s", "");
	if ((size_t)n == size)
		return err_set(e, ERR_DENIED, "the password is too long (at most %zu bytes)", size - 1);
	text[last == '\n' ? n - 1 : n] = '\0';
	return 0;
}

/* From the terminal itself, whatever stdin is. */
static char *ask_for(const struct target *t, struct err *e)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	char text[VALUE_TEXT + 1], *out = NULL;
	struct termios was;

	if (fd >= 0 && tcgetattr(fd, &was) == 0) {
		dprintf(fd, "password of %s at %s: ", t->mqtt.user, t->host);
		if (read_line(fd, &was, text, sizeof(text), e) == 0) {
			out = strdup(text);
			if (!out)
				err_set(e, ERR_NO, "out of memory");
		}
		explicit_bzero(text, sizeof(text));
	} else {
		no_password(t, e);
	}
	if (fd >= 0)
		close(fd);
	return out;
}

int password_fetch(const struct target *t, bool ask, char **out, struct err *e)
{
	*out = NULL;
	if (t->scheme != SCHEME_MQTT || !t->mqtt.user[0])
		return 0;
	if (t->mqtt.password_file[0])
		*out = secret_file(t->mqtt.password_file, e);
	else if (getenv(PASSWORD_ENV))
		*out = secret_env(PASSWORD_ENV, e);
	else if (ask)
		*out = ask_for(t, e);
	else
		no_password(t, e);
	return *out ? 0 : -1;
}
