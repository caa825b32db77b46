#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *home(void)
{
	const char *h = getenv("HOME");
	const struct passwd *pw;

	if (h && *h == '/')
		return h;
	pw = getpwuid(getuid());
	return pw && pw->pw_dir ? pw->pw_dir : NULL;
}

static const char *folder(char *buf, size_t size, const char *variable,
			  const char *below_home, const char *leaf)
{
	const char *base = getenv(variable), *h = NULL;
	const char *slash = leaf && *leaf ? "/" : "";
	int n;

	if (!base || *base != '/') {
		base = "";
		h = home();
		if (!h)
			goto none;
	}
	n = snprintf(buf, size, "%s%s%s/meterctl%s%s", base, h ? h : "",
		     h ? below_home : "", slash, leaf ? leaf : "");
	if (n >= 0 && (size_t)n < size)
		return buf;
none:
	if (size > 0)
		buf[0] = '\0';
	return buf;
}

const char *paths_config(char *buf, size_t size, const char *leaf)
{
	return folder(buf, size, "XDG_CONFIG_HOME", "/.config", leaf);
}

const char *paths_state(char *buf, size_t size, const char *leaf)
{
	return folder(buf, size, "XDG_STATE_HOME", "/.local/state", leaf);
}

int paths_ensure_parent(const char *path, struct err *e)
{
	char dir[4096];
	int n = snprintf(dir, sizeof(dir), "%s", path);

	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(e, ERR_NO, "path too long: '%.100s...'", path);
	for (char *p = dir + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST)
			return err_set(e, ERR_NO, "cannot make folder '%s': %s",
				       dir, strerror(errno));
		*p = '/';
	}
	return 0;
}

char *paths_read(const char *path, struct err *e)
{
	struct stat st;
	/* a fifo would be waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *f = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	char *text = NULL;
	size_t size = 0;
	ssize_t n = f ? getdelim(&text, &size, '\0', f) : -1;
	bool empty = f && n < 0 && feof(f) && text;

	if (empty)
		text[0] = '\0';
	else if (n < 0 || text[n - 1] == '\0') {
		err_set(e, ERR_NO, "cannot read '%s': %s", path,
			n > 0 ? "it holds a NUL character" : errno ? strerror(errno) : "not a file");
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	return text;
}

static int paths_write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return fsync(fd);
}

/* rename(2), but an error (EEXIST) when TO is there. Not every file system can do
 * that in one step (a USB stick cannot): then as near to it as it gets. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

static int taken(const char *path, struct err *e)
{
	return err_set(e, ERR_DENIED, "'%s' is there already and is not overwritten", path);
}

/* A file of a name that nobody has, made of the template TEMP: of this user alone, or
 * to be handed on, as the umask has it. */
static int open_temp(char *temp, bool handed_on)
{
	int fd = mkostemp(temp, O_CLOEXEC);

	if (fd < 0 || !handed_on)
		return fd;
	close(fd);
	unlink(temp);
	return open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* What takes the place of PATH may be read by those who may read that. */
static int paths_keep_mode(int fd, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fchmod(fd, st.st_mode & 0777) : 0;
}

/* REPLACE: a file that may be there; else a new one. PRIVATE: a new one is of this user alone. */
static int write_whole(const char *path, const char *text, bool replace, bool private, struct err *e)
{
	char temp[4096];
	int n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
	int fd, why;

	if (n < 0 || (size_t)n >= sizeof(temp))
		return err_set(e, ERR_NO, "path too long: '%.100s...'", path);
	if (replace && paths_ensure_parent(path, e))
		return -1;
	fd = open_temp(temp, !private);
	if (fd < 0)
		return err_set(e, ERR_NO, "cannot write beside '%s': %s", path,
			       strerror(errno));
	why = (replace && paths_keep_mode(fd, path)) || paths_write_all(fd, text) ? errno : 0;
	if (close(fd) != 0 && !why)
		why = errno;
	if (!why && (replace ? rename(temp, path) : rename_new(temp, path)) != 0)
		why = errno;
	if (!why)
		return 0;
	unlink(temp);
	if (why == EEXIST)
		return taken(path, e);
	return err_set(e, ERR_NO, "cannot write '%s': %s", path, strerror(why));
}

/* The file that PATH leads to; free() it. What is no file is not replaced by one. */
static char *paths_follow(const char *path, struct err *e)
{
	struct stat st;
	char *real = NULL;

	if (lstat(path, &st) != 0)
		real = strdup(path);
	else if (!S_ISLNK(st.st_mode) || stat(path, &st) == 0)
		real = S_ISREG(st.st_mode) ? realpath(path, NULL) : NULL;
	if (!real)
		err_set(e, ERR_NO, "cannot write '%s': it is no file", path);
	return real;
}

int paths_replace(const char *path, const char *text, struct err *e)
{
	char *real = paths_follow(path, e);
	int rc = real ? write_whole(real, text, true, true, e) : -1;

	free(real);
	return rc;
}

int paths_create(const char *path, const char *text, bool private, struct err *e)
{
	return write_whole(path, text, false, private, e);
}

int paths_free(const char *path, struct err *e)
{
	struct stat st;

	return lstat(path, &st) == 0 ? taken(path, e) : 0;
}
