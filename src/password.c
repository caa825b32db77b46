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

/* One line from the terminal itself, not shown while it is typed. */
static char *ask_for(const struct target *t, struct err *e)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	char *line = NULL;
	struct termios was, quiet;
	size_t size = 0;
	ssize_t n = -1;

	if (!tty || tcgetattr(fileno(tty), &was)) {
		if (tty)
			fclose(tty);
		err_set(e, ERR_DENIED, "no password for user '%s' of '%s' (set " PASSWORD_ENV
			", or name a file of mode 0600 with &passfile=PATH)", t->mqtt.user, t->host);
		return NULL;
	}
	fprintf(tty, "password of %s at %s: ", t->mqtt.user, t->host);
	fflush(tty);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(fileno(tty), TCSAFLUSH, &quiet) == 0) {
		n = getline(&line, &size, tty);
		tcsetattr(fileno(tty), TCSAFLUSH, &was);
		fputc('\n', tty);
	}
	fclose(tty);
	if (n < 0) {
		secret_free(line);
		err_set(e, ERR_DENIED, "no password was given");
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
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
		err_set(e, ERR_DENIED, "no password for user '%s' of '%s' (set " PASSWORD_ENV
			", or name a file of mode 0600 with &passfile=PATH)", t->mqtt.user, t->host);
	return *out ? 0 : -1;
}
