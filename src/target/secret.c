#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *secret_copy(const char *text, struct err *e)
{
	char *s = strdup(text);

	if (!s)
		err_set(e, ERR_NO, "out of memory");
	return s;
}

char *secret_env(const char *name, struct err *e)
{
	const char *text = getenv(name);

	if (text)
		return secret_copy(text, e);
	err_set(e, ERR_DENIED, "environment variable '%s' is not set", name);
	return NULL;
}

static int check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return err_set(e, ERR_DENIED, "'%s' is no file", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(e, ERR_DENIED, "'%s' holds a secret and others may read it (chmod 600 '%s')", path, path);
	return 0;
}

char *secret_file(const char *path, struct err *e)
{
	char text[SECRET_MAX + 3] = "", *end, *out = NULL;
	/* a fifo would be waited for: it is refused below */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0) {
		err_set(e, ERR_DENIED, "cannot read '%s': %s", path, strerror(errno));
		return NULL;
	}
	if (check_file(fd, path, e))
		goto out;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0) {
		err_set(e, ERR_DENIED, "cannot read '%s': %s", path, strerror(errno));
		goto out;
	}
	end = text + strcspn(text, "\r\n");
	if (strlen(text) != (size_t)n || end - text > SECRET_MAX
	    || end[strspn(end, "\r\n")] != '\0') {
		err_set(e, ERR_DENIED, "'%s' does not hold one line of at most %d characters", path, SECRET_MAX);
		goto out;
	}
	*end = '\0';
	out = secret_copy(text, e);
out:
	explicit_bzero(text, sizeof(text));
	close(fd);
	return out;
}

enum secret_kind secret_value(const char *text, char **out, struct err *e)
{
	*out = NULL;
	if (text[0] != '@')
		return SECRET_PLAIN;
	if (text[1] == '@') {
		*out = secret_copy(text + 1, e);
		return *out ? SECRET_LITERAL : SECRET_FAILED;
	}
	if (strncmp(text, "@env:", 5) == 0)
		*out = secret_env(text + 5, e);
	else if (strncmp(text, "@file:", 6) == 0)
		*out = secret_file(text + 6, e);
	else
		/* what follows may be a secret */
		err_set(e, ERR_USAGE, "a value begins with '@' (write @env:NAME, @file:PATH, or @@ for the character itself)");
	return *out ? SECRET_REFERENCE : SECRET_FAILED;
}

void secret_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
