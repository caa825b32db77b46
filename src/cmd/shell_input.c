#include "shell_input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SHELL_INPUT_MARK "\xef\xbb\xbf"	/* UTF-8's byte order mark */

/* More bytes: 1; 0: there are no more; -1 and E. */
static int shell_input_fill(struct shell_input *in, int cancel_fd, struct err *e)
{
	struct pollfd from[] = { { .fd = cancel_fd, .events = POLLIN }, { .fd = in->fd, .events = POLLIN } };
	ssize_t n;

	for (;;) {
		if (poll(from, 2, -1) < 0 && errno != EINTR)
			return err_set(e, ERR_NO, "cannot wait for standard input: %s", strerror(errno));
		if (from[0].revents)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (!from[1].revents)
			continue;
		n = read(in->fd, in->buf, sizeof(in->buf));
		if (n >= 0)
			break;
		if (errno != EINTR && errno != EAGAIN)
			return err_set(e, ERR_NO, "cannot read standard input: %s", strerror(errno));
	}
	in->at = 0;
	in->n = (size_t)n;
	return n > 0;
}

enum shell_input_got shell_input_next(struct shell_input *in, int cancel_fd, struct err *e)
{
	size_t n = 0;
	bool any = false, ended = false, zero = false;
	int rc = 1;

	while (!ended && (in->at < in->n || (rc = shell_input_fill(in, cancel_fd, e)) > 0)) {
		char c = in->buf[in->at++];

		any = true;
		ended = c == '\n';
		zero = zero || c == '\0';
		if (!ended && ++n < sizeof(in->line))
			in->line[n - 1] = c;
	}
	if (rc < 0)
		return SHELL_INPUT_FAILED;
	if (!any)
		return SHELL_INPUT_END;
	if (n >= sizeof(in->line) || zero) {
		err_set(e, ERR_USAGE, zero ? "the line has a zero byte, so it is not text" : "the line is too long");
		return SHELL_INPUT_BAD;
	}
	in->line[n] = '\0';
	if (!in->begun && strncmp(in->line, SHELL_INPUT_MARK, strlen(SHELL_INPUT_MARK)) == 0)
		memmove(in->line, in->line + strlen(SHELL_INPUT_MARK), n + 1 - strlen(SHELL_INPUT_MARK));
	in->begun = true;
	return SHELL_INPUT_LINE;
}
