#include "password.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "secret.h"

static volatile sig_atomic_t asked_to_end;

static void password_on_signal(int sig)
{
	asked_to_end = sig;
}

/* The signals that would end the program while the terminal does not show what is
 * typed: they end the wait instead, so that it shows it again. */
static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define ENDS (sizeof(ends) / sizeof(*ends))

/* A line that is not shown, or NULL; *SIG: the signal that came instead. */
static char *read_quietly(FILE *tty, const struct termios *was, int *sig)
{
	struct sigaction sa = { .sa_handler = password_on_signal }, before[ENDS];
	struct pollfd typed = { fileno(tty), POLLIN, 0 };
	struct termios quiet = *was;
	sigset_t held, mask, wait;
	char *line = NULL;
	size_t size = 0;
	ssize_t n = -1;

	quiet.c_lflag &= ~(tcflag_t)ECHO;
	asked_to_end = 0;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&held);
	for (size_t i = 0; i < ENDS; i++)
		sigaddset(&held, ends[i]);
	pthread_sigmask(SIG_BLOCK, &held, &mask);
	/* they end the wait also where the program holds them back for later */
	wait = mask;
	for (size_t i = 0; i < ENDS; i++) {
		sigdelset(&wait, ends[i]);
		sigaction(ends[i], &sa, &before[i]);
	}
	if (tcsetattr(fileno(tty), TCSAFLUSH, &quiet) == 0) {
		/* they come during this wait alone; a terminal gives whole lines */
		while (!asked_to_end && ppoll(&typed, 1, NULL, &wait) < 0 && errno == EINTR)
			;
		if (!asked_to_end)
			n = getline(&line, &size, tty);
		tcsetattr(fileno(tty), TCSAFLUSH, was);
		fputc('\n', tty);
	}
	for (size_t i = 0; i < ENDS; i++)
		sigaction(ends[i], &before[i], NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	*sig = asked_to_end;
	if (n >= 0 && !*sig) {
		line[strcspn(line, "\r\n")] = '\0';
		return line;
	}
	/* without a line it is not terminated */
	if (line)
		explicit_bzero(line, size);
	free(line);
	return NULL;
}

static void none_given(const struct target *t, struct err *e)
{
	err_set(e, ERR_DENIED, "no password for user '%s' of '%s' (set " PASSWORD_ENV
		", or name a file of mode 0600 with &passfile=PATH)", t->mqtt.user, t->host);
}

/* One line from the terminal itself, not shown while it is typed. */
char *password_ask(const char *question, struct err *e)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	struct termios was;
	char *line;
	int sig;

	if (!tty || tcgetattr(fileno(tty), &was)) {
		if (tty)
			fclose(tty);
		err_set(e, ERR_DENIED, "no terminal to ask for the %s", question);
		return NULL;
	}
	setvbuf(tty, NULL, _IONBF, 0);	/* or a copy of it stays in the buffer */
	fprintf(tty, "%s: ", question);
	fflush(tty);
	line = read_quietly(tty, &was, &sig);
	fclose(tty);
	if (!line && sig)
		err_set(e, ERR_INTERRUPTED, "%s", "");
	else if (!line)
		err_set(e, ERR_DENIED, "no password was given");
	return line;
}

static bool password_has_terminal(void)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	bool has = tty && isatty(fileno(tty));

	if (tty)
		fclose(tty);
	return has;
}

static char *ask_for(const struct target *t, struct err *e)
{
	char question[sizeof(t->mqtt.user) + sizeof(t->host) + 32];

	if (!password_has_terminal()) {
		none_given(t, e);
		return NULL;
	}
	snprintf(question, sizeof(question), "password of %s at %s", t->mqtt.user, t->host);
	return password_ask(question, e);
}

/* ---- that of a key ------------------------------------------------------------- */

/* What a person has typed, by the file of the key: whoever connects later, on another thread, cannot
 * ask. */
static struct typed {
	struct typed *next;
	char file[MQTT_FILE];
	char *text;
} *typed;
static pthread_mutex_t typed_lock = PTHREAD_MUTEX_INITIALIZER;

/* With the lock held. */
static struct typed *password_typed(const char *file)
{
	struct typed *k = typed;

	while (k && strcmp(k->file, file) != 0)
		k = k->next;
	return k;
}

static int password_keep(const char *file, char *text, struct err *e)
{
	struct typed *k;

	pthread_mutex_lock(&typed_lock);
	k = password_typed(file);
	if (!k && (k = calloc(1, sizeof(*k))) != NULL) {
		snprintf(k->file, sizeof(k->file), "%s", file);
		k->next = typed;
		typed = k;
	}
	if (k) {
		secret_free(k->text);
		k->text = text;
	}
	pthread_mutex_unlock(&typed_lock);
	if (k)
		return 0;
	secret_free(text);
	return err_set(e, ERR_NO, "out of memory");
}

static int password_ask_key(const struct target *t, struct err *e)
{
	char question[MQTT_FILE + 32], *text;

	snprintf(question, sizeof(question), "password of key %s", t->mqtt.key);
	text = password_ask(question, e);
	return text ? password_keep(t->mqtt.key, text, e) : -1;
}

char *password_key(const struct target *t, struct err *e)
{
	const char *from = t->mqtt.key_password;
	struct typed *k;
	char *text = NULL;

	if (!from[0])
		return NULL;
	if (strcmp(from, "@ask") != 0) {
		secret_value(from, &text, e);
		return text;
	}
	pthread_mutex_lock(&typed_lock);
	k = password_typed(t->mqtt.key);
	text = k ? strdup(k->text) : NULL;
	pthread_mutex_unlock(&typed_lock);
	if (!text)
		err_set(e, ERR_DENIED, "no password for key '%s', and nobody to ask here (use keypass=@env:NAME or keypass=@file:PATH)",
			t->mqtt.key);
	return text;
}

/* ---- that of a user ------------------------------------------------------------ */

int password_fetch(const struct target *t, bool ask, char **out, struct err *e)
{
	*out = NULL;
	if (!target_is_broker(t))
		return 0;
	if (ask && strcmp(t->mqtt.key_password, "@ask") == 0 && password_ask_key(t, e))
		return -1;
	if (!t->mqtt.user[0])
		return 0;
	if (t->mqtt.password_file[0])
		*out = secret_file(t->mqtt.password_file, e);
	else if (getenv(PASSWORD_ENV))
		*out = secret_env(PASSWORD_ENV, e);
	else if (ask)
		*out = ask_for(t, e);
	else
		none_given(t, e);
	return *out ? 0 : -1;
}
