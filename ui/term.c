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

static const char *const poor[] = { "linux", "vt", "ansi", "cons", "dumb", NULL };

static const int polite[] = { SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGTSTP };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS };
#define NPOLITE (sizeof(polite) / sizeof(polite[0]))
#define NFATAL (sizeof(fatal) / sizeof(fatal[0]))
#define ALT_STACK (64 * 1024)

/* Where in an escape sequence that curses does not know the next byte stands. */
enum sequence {
	SEQUENCE_NONE,
	SEQUENCE_CONTROL,	/* parameters, until a final byte */
	SEQUENCE_TEXT,		/* until BEL or ESC \ */
	SEQUENCE_ONE		/* one byte more */
};
#define SEQUENCE_MOST 4096	/* of a text: more is what somebody types */

/* Bracketed paste (xterm, ctlseqs: 2004), on and off; terminals that do not know it ignore it. */
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

static struct {
	SCREEN *screen;
	FILE *out, *in;
	int fd;				/* the terminal */
	int saved[3];			/* stdout and stderr while they point away; -1: they don't */
	int pipe[2];			/* signals, one byte each */
	WINDOW *keys;			/* a pad: reading from it draws nothing */
	enum sequence sequence;		/* being passed over */
	bool fresh;			/* ... of which nothing but its beginning has come */
	size_t passed;			/* bytes of its text */
	char text[64];			/* ... the first of them */
	bool told, light;		/* the background; not asked about since */
	bool marks_paste;
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

static void term_remember_text(const char *text)
{
	size_t n = strlen(text);

	memcpy(term.restore + term.nrestore, text, n);
	term.nrestore += n;
}

static void remember_restore(void)
{
	term.nrestore = 0;
	if (has_mouse())
		term_remember_text("\033[?1006;1000l");
	if (term.marks_paste)
		term_remember_text(paste_off);
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

static bool term_is(const char *const *kinds)
{
	const char *type = getenv("TERM");

	for (; type && *kinds; kinds++)
		if (strncmp(type, *kinds, strlen(*kinds)) == 0)
			return true;
	return false;
}

static void term_send(const char *text)
{
	fputs(text, term.out);
	fflush(term.out);
}

/* The answer comes as a sequence among the keys, or never. Until then the environment tells
 * (rxvt and others: COLORFGBG="0;15"). */
static void start_background(void)
{
	const char *env = getenv("COLORFGBG"), *last = env ? strrchr(env, ';') : NULL;

	term.told = last != NULL;
	term.light = last && (strcmp(last, ";7") == 0 || strcmp(last, ";15") == 0);
	if (term.marks_paste && !term_is(poor))
		term_send("\033]11;?\033\\");
}

/* A terminal whose keys do not begin with ESC [ would show what it does not know. */
static void start_paste(void)
{
	const char *up = capability("kcuu1");

	term.marks_paste = up && (strncmp(up, "\033[", 2) == 0 || strncmp(up, "\033O", 2) == 0);
	if (!term.marks_paste)
		return;
	define_key("\033[200~", TERM_KEY_PASTE);
	define_key("\033[201~", TERM_KEY_PASTED);
	term_send(paste_on);
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
	start_paste();
	start_background();
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
	if (term.marks_paste)
		term_send(paste_off);
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

/* ECMA-48, 5.4: parameters and intermediate bytes, then one final byte. */
static enum sequence sequence_control(int key)
{
	if (key == '[' && term.fresh)
		return SEQUENCE_ONE;	/* of the Linux console: ESC [ [ A */
	return key >= 0x20 && key <= 0x3F ? SEQUENCE_CONTROL : SEQUENCE_NONE;
}

/* What follows ESC KEY; SEQUENCE_NONE: KEY is one of its own. */
static enum sequence sequence_of(int key)
{
	switch (key) {
	case '[':
	case 'O':
		return SEQUENCE_CONTROL;
	case ']': case 'P': case 'X': case '^': case '_':
		return SEQUENCE_TEXT;
	default:
		return SEQUENCE_NONE;
	}
}

/* "11;rgb:RRRR/GGGG/BBBB": the background, as it was asked for (xterm, ctlseqs: OSC 11). By the
 * luminance of ITU-R BT.709, half of white is the border. */
static void term_answered(void)
{
	unsigned c[3];
	int digits = 0;

	term.text[term.passed < sizeof(term.text) ? term.passed : sizeof(term.text) - 1] = '\0';
	if (sscanf(term.text, "11;rgb:%4x/%4x/%n%4x", &c[0], &c[1], &digits, &c[2]) != 3)
		return;
	/* each has two digits or four */
	digits = (int)strspn(term.text + digits, "0123456789abcdefABCDEF");
	term.light = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] > (digits > 2 ? 0x7FFF : 0x7F);
	term.told = true;
}

static void term_text(enum sequence in, int key)
{
	if (in == SEQUENCE_TEXT && key == 7)
		term_answered();
	else if (in == SEQUENCE_TEXT && term.passed < sizeof(term.text))
		term.text[term.passed] = (char)key;
	if (in == SEQUENCE_ONE || key == 7 || ++term.passed > SEQUENCE_MOST)
		term.sequence = SEQUENCE_NONE;
}

/* True: KEY is a byte of a sequence that is passed over. */
static bool term_passes(int key)
{
	enum sequence in = term.sequence;

	if (in == SEQUENCE_NONE)
		return false;
	/* a new sequence ends one that was cut off, but for the end of a text: ESC \ */
	if (key == 27) {
		if (in == SEQUENCE_TEXT)
			term_answered();
		term.sequence = in == SEQUENCE_TEXT ? SEQUENCE_ONE : SEQUENCE_NONE;
		return in == SEQUENCE_TEXT;
	}
	if (in == SEQUENCE_CONTROL)
		term.sequence = sequence_control(key);
	else
		term_text(in, key);
	term.fresh = false;
	/* neither in one is a character of a text, nor a key that curses knows */
	return key < 0x7F || in == SEQUENCE_TEXT;
}

/* Is ESC the first byte of a sequence that curses did not know? What comes with it is there already. */
static bool term_begins(void)
{
	int next = wgetch(term.keys);

	if (next == ERR)
		return false;
	term.sequence = next < 256 ? sequence_of(next) : SEQUENCE_NONE;
	term.fresh = next == '[';
	term.passed = 0;
	if (term.sequence != SEQUENCE_NONE)
		return true;
	ungetch(next);
	return false;
}

int term_key(void)
{
	for (;;) {
		int key = wgetch(term.keys);

		if (key == ERR)
			return -1;
		/* a key with Ctrl or Shift that curses numbers by itself is none of ours */
		if (term_passes(key) || key > KEY_MAX || (key == 27 && term_begins()))
			continue;
		return key;
	}
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
	if (term.marks_paste)
		term_send(paste_off);
	endwin();
	raise(SIGSTOP);
	if (term.marks_paste)
		term_send(paste_on);
	/* here again: curses takes the terminal with the next doupdate() */
	clearok(curscr, TRUE);
}

bool term_glyphs(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 && !term_is(poor);
}

bool term_background(bool *light)
{
	*light = term.light;
	if (!term.told)
		return false;
	term.told = false;
	return true;
}

/* ---- the clipboard ------------------------------------------------------------------------ */

static void term_base64(FILE *out, const char *text, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		unsigned bits = 0;

		for (size_t b = 0; b < 3; b++)
			bits = bits << 8 | (i + b < n ? (unsigned char)text[i + b] : 0u);
		for (size_t d = 0; d < 4; d++)
			putc(i + d <= n ? digits[bits >> (18 - 6 * d) & 63] : '=', out);
	}
}

int term_copy(const char *text, size_t n, struct err *e)
{
	if (!term.out || !term.marks_paste || term_is(poor))
		return err_set(e, ERR_NO, "this terminal has no clipboard (':save FILE' keeps the screen in a file)");
	fputs("\033]52;c;", term.out);
	term_base64(term.out, text, n);
	term_send("\033\\");
	return 0;
}
