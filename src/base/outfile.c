#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"

/* What a name leads to. */
struct outfile_place {
	bool stream;		/* a pipe, a device: written to as it is */
	bool file;		/* a file is there */
	char path[PATH_MAX];	/* past all links */
};

static int outfile_cannot(const char *path, const char *why, struct err *e)
{
	return err_set(e, ERR_NO, "cannot write '%s': %s", path, why);
}

/* Is it the file that standard output or error leads to, as with -o /dev/stdout >FILE? It is
 * open for us already. */
static bool outfile_is_ours(const char *path, const struct stat *st)
{
	struct stat open;

	if (strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0)
		return false;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &open) == 0 && open.st_dev == st->st_dev && open.st_ino == st->st_ino)
			return true;
	return false;
}

static int outfile_look_at(const char *path, const struct stat *st, struct outfile_place *p, struct err *e)
{
	p->stream = S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode) || outfile_is_ours(path, st);
	p->file = !p->stream;
	if (!p->stream && !S_ISREG(st->st_mode))
		return outfile_cannot(path, S_ISDIR(st->st_mode) ? "it is a folder" : "it is no file", e);
	/* what a name in /proc leads to may have no name of its own */
	if (!p->stream && !realpath(path, p->path))
		return outfile_cannot(path, strerror(errno), e);
	return 0;
}

/* The folder of a file that is not there: nobody is surprised by one that was made. */
static int outfile_check_folder(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	struct stat st;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return access(folder, W_OK) == 0 ? 0 : outfile_cannot(path, strerror(errno), e);
	return err_set(e, ERR_NO, "cannot write '%s': no folder '%s' (make it, or write elsewhere)", path, folder);
}

static int outfile_look(const char *path, unsigned how, struct outfile_place *p, struct err *e)
{
	struct stat st;

	*p = (struct outfile_place){ 0 };
	if (strlen(path) >= sizeof(p->path))
		return err_set(e, ERR_NO, "path too long: '%.100s...'", path);
	memcpy(p->path, path, strlen(path) + 1);
	if (stat(path, &st) == 0) {
		if (outfile_look_at(path, &st, p, e))
			return -1;
		if (p->file && !(how & OUTFILE_FORCE))
			return err_set(e, ERR_DENIED, "'%s' exists and is not overwritten (--force replaces it)", path);
		return 0;
	}
	if (errno != ENOENT)
		return outfile_cannot(path, strerror(errno), e);
	if (lstat(path, &st) == 0)
		return outfile_cannot(path, "it is a link that leads nowhere", e);
	return outfile_check_folder(path, e);
}

int outfile_check(const char *path, unsigned how, struct err *e)
{
	struct outfile_place p;

	return outfile_look(path, how, &p, e);
}

/* A pipe that nobody reads from would be waited for: it is refused. */
static FILE *outfile_open_stream(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), flags;
	FILE *f;

	if (fd < 0) {
		outfile_cannot(path, errno == ENXIO ? "nobody reads from this pipe" : strerror(errno), e);
		return NULL;
	}
	flags = fcntl(fd, F_GETFL);
	f = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? NULL : fdopen(fd, "a");
	if (f)
		return f;
	outfile_cannot(path, strerror(errno), e);
	close(fd);
	return NULL;
}

int outfile_put(const char *path, const char *text, unsigned how, struct err *e)
{
	struct outfile_place p;
	bool lost;
	FILE *f;

	if (outfile_look(path, how, &p, e))
		return -1;
	if (p.file)
		return paths_replace(p.path, text, e);
	if (!p.stream)
		return paths_create(p.path, text, how & OUTFILE_PRIVATE, e);
	f = outfile_open_stream(path, e);
	if (!f)
		return -1;
	lost = fputs(text, f) < 0;
	return fclose(f) || lost ? outfile_cannot(path, strerror(errno), e) : 0;
}

FILE *outfile_open(const char *path, unsigned how, struct err *e)
{
	struct outfile_place p;
	FILE *f;

	if (outfile_look(path, how, &p, e))
		return NULL;
	if (p.stream)
		return outfile_open_stream(path, e);
	/* the mode is kept, and so is a link */
	f = fopen(p.path, p.file ? "we" : "wxe");
	if (!f)
		outfile_cannot(path, strerror(errno), e);
	return f;
}
