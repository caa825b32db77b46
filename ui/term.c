#include "term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* An escape sequence is in the pipe by the time its first byte is read; only a
 * slow line spreads it, by a few milliseconds. */
#define ESC_MS 25

static const int polite[] = { SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGTSTP };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS };
#define NPOLITE (sizeof(polite) / sizeof(polite[0]))
#define NFATAL (sizeof(fatal) / sizeof(fatal[0]))
#define ALT_STACK (64 * 1024)

static struct {
	SCREEN *screen;
	FILE *out, *in;
	int fd;				/* the terminal */
	int saved[3];			/* stdout and stderr while they point away; -1: they don't */
	int pipe[2];			/* signals, one byte each */
	WINDOW *keys;			/* a pad: reading from it draws nothing */
	struct termios before;
	char restore[256];		/* what gives the screen back, ready to be written */
	size_t nrestore;
	void *stack;
	struct sigaction old[NPOLITE + NFATAL];
} term = { .fd = -1, .saved = { -1, -1, -1 }, .pipe = { -1, -1 } };

static void term_on_signal(int sig)
{
	int saved = errno;
	unsigned char byte = (unsigned char)sig;

	/* a full pipe holds enough signals already */
	if (write(term.pipe[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

/* Only calls that are safe in a handler (signal-safety(7)). */
static void on_crash(int sig)
{
	if (write(term.fd, term.restore, term.nrestore) < 0) {
		/* nobody is left to be told */
	}
	tcsetattr(term.fd, TCSANOW, &term.before);
	/* the handler was reset when it was entered: this one ends it */
	raise(sig);
}

/* What the terminal does for NAME, or NULL. */
static const char *capability(const char *name)
{
	const char *cap = tigetstr((char *)name);

	return cap == (const char *)-1 ? NULL : cap;
}

/* Adds a capability to what a crash writes, without its padding. */
static void term_remember(const char *name)
{
	const char *cap = capability(name);

	if (!cap)
		return;
	while (*cap && term.nrestore + 1 < sizeof(term.restore)) {
		if (cap[0] == '$' && cap[1] == '<') {
			cap = strchr(cap, '>');
			if (!cap)
				return;
		} else {
			term.restore[term.nrestore++] = *cap;
		}
		cap++;
	}
}

static void remember_restore(void)
{
	static const char mouse_off[] = "\033[?1006;1000l";

	term.nrestore = 0;
	if (has_mouse()) {
		memcpy(term.restore, mouse_off, sizeof(mouse_off) - 1);
		term.nrestore = sizeof(mouse_off) - 1;
	}
	term_remember("sgr0");
	term_remember("rmkx");
	term_remember("cnorm");
	term_remember("rmcup");
}

static void catch_polite(void)
{
	struct sigaction sa = { .sa_handler = term_on_signal, .sa_flags = SA_RESTART };

	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < NPOLITE; i++)
		sigaction(polite[i], &sa, &term.old[i]);
}

static void catch_fatal(void)
{
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER) };
	stack_t alt = { .ss_size = ALT_STACK };

	/* a stack that has overflowed cannot carry the handler */
	term.stack = malloc(ALT_STACK);
	alt.ss_sp = term.stack;
	if (alt.ss_sp)
		sigaltstack(&alt, NULL);
	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &sa, &term.old[NPOLITE + i]);
}

static void give_signals_back(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	for (size_t i = 0; i < NPOLITE; i++)
		sigaction(polite[i], &term.old[i], NULL);
	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &term.old[NPOLITE + i], NULL);
	if (term.stack)
		sigaltstack(&none, NULL);
	free(term.stack);
	term.stack = NULL;
}

/* stdout and stderr, where they are a terminal, to nowhere: a library that
 * prints must not print over the screen. */
static void point_away(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (int fd = STDOUT_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) {
		if (!isatty(fd))
			continue;
		fflush(fd == STDOUT_FILENO ? stdout : stderr);
		term.saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (term.saved[fd] >= 0)
			dup2(null, fd);
	}
	if (null >= 0)
		close(null);
}

static void point_back(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (term.saved[fd] < 0)
			continue;
		fflush(fd == STDOUT_FILENO ? stdout : stderr);
		dup2(term.saved[fd], fd);
		close(term.saved[fd]);
		term.saved[fd] = -1;
	}
}

static int open_terminal(struct err *e)
{
	int out;

	term.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (term.fd < 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		term.fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (term.fd < 0 || tcgetattr(term.fd, &term.before))
		return err_set(e, ERR_USAGE, "no terminal to show the screens on (try 'meterctl read')");
	out = fcntl(term.fd, F_DUPFD_CLOEXEC, 3);
	term.in = fdopen(term.fd, "r");
	term.out = out < 0 ? NULL : fdopen(out, "w");
	if (!term.in || !term.out)
		return err_set(e, ERR_NO, "cannot open the terminal: %s", strerror(errno));
	return 0;
}

static int start_curses(struct err *e)
{
	const char *type = getenv("TERM");

	use_tioctl(TRUE);	/* the size as it is, not as LINES and COLUMNS once said */
	term.screen = newterm(NULL, term.out, term.in);
	if (!term.screen)
		return err_set(e, ERR_NO, "terminal type '%s' is not known (set TERM, "
			       "for instance TERM=xterm)", type ? type : "");
	set_term(term.screen);
	if (!capability("cup"))
		return err_set(e, ERR_NO, "terminal type '%s' cannot place the cursor (set TERM, "
			       "for instance TERM=xterm)", type ? type : "");
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	set_escdelay(ESC_MS);
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	term.keys = newpad(1, 1);
	if (!term.keys)
		return err_set(e, ERR_NO, "out of memory");
	keypad(term.keys, TRUE);
	nodelay(term.keys, TRUE);
	remember_restore();
	return 0;
}

int term_start(struct err *e)
{
	setlocale(LC_CTYPE, "");
	if (open_terminal(e))
		goto fail;
	if (pipe2(term.pipe, O_CLOEXEC | O_NONBLOCK)) {
		err_set(e, ERR_NO, "cannot make a pipe: %s", strerror(errno));
		goto fail;
	}
	/* before newterm(), which leaves handlers alone that are set already */
	catch_polite();
	if (start_curses(e)) {
		give_signals_back();
		goto fail;
	}
	catch_fatal();
	point_away();
	return 0;
fail:
	if (term.screen) {
		endwin();
		delscreen(term.screen);
	}
	term.screen = NULL;
	if (term.in)
		fclose(term.in);
	else if (term.fd >= 0)
		close(term.fd);
	if (term.out)
		fclose(term.out);
	term.in = term.out = NULL;
	term.fd = -1;
	return -1;
}

void term_stop(void)
{
	if (!term.screen)
		return;
	endwin();
	delwin(term.keys);
	delscreen(term.screen);
	term.screen = NULL;
	give_signals_back();
	point_back();
	fclose(term.in);
	fclose(term.out);
	term.in = term.out = NULL;
	term.fd = -1;
	close(term.pipe[0]);
	close(term.pipe[1]);
	term.pipe[0] = term.pipe[1] = -1;
}

int term_fd(void)
{
	return term.fd;
}

int term_signal_fd(void)
{
	return term.pipe[0];
}

int term_key(void)
{
	int key = wgetch(term.keys);

	return key == ERR ? -1 : key;
}

enum term_event term_event(void)
{
	unsigned char sig;

	if (read(term.pipe[0], &sig, 1) != 1)
		return TERM_NOTHING;
	return sig == SIGWINCH ? TERM_RESIZE : sig == SIGTSTP ? TERM_SUSPEND : TERM_LEAVE;
}

bool term_size(int *rows, int *cols)
{
	struct winsize ws;

	if (ioctl(term.fd, TIOCGWINSZ, &ws) || ws.ws_row == 0 || ws.ws_col == 0)
		return false;
	*rows = ws.ws_row;
	*cols = ws.ws_col;
	return true;
}

void term_suspend(void)
{
	endwin();
	raise(SIGSTOP);
	/* here again: curses takes the terminal with the next doupdate() */
	clearok(curscr, TRUE);
}

bool term_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
