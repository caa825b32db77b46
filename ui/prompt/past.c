#include "past.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>

#include "base/paths.h"
#include "cmd/cmdline.h"

#define PAST_MAX 500

static const char *past_path(char *buf, size_t size)
{
	return paths_state(buf, size, "history");
}

void past_load(void)
{
	char path[4096];

	using_history();
	stifle_history(PAST_MAX);
	if (*past_path(path, sizeof(path)) && read_history(path) == 0)
		history_truncate_file(path, PAST_MAX);
}

/* Readable by this user only. */
static int past_append(const char *line, struct err *e)
{
	char path[4096];
	int fd, rc;

	if (!*past_path(path, sizeof(path)))
		return err_set(e, ERR_NO, "there is no home folder");
	if (paths_ensure_parent(path, e))
		return -1;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_NO, "cannot open '%s': %s", path, strerror(errno));
	rc = dprintf(fd, "%s\n", line) < 0
	     ? err_set(e, ERR_NO, "cannot write '%s': %s", path, strerror(errno)) : 0;
	close(fd);
	return rc;
}

int past_keep(const struct profile *p, const char *line, struct err *e)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (!cmdline_keep(p, line) || (last && strcmp(last->line, line) == 0))
		return 0;
	add_history(line);
	return past_append(line, e);
}
