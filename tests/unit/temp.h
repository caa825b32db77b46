/*
 * temp.h - files of a unit test: in a folder of its own below TMPDIR, which is made
 * with the first name asked for and goes away with the program, whether that ends,
 * fails or is interrupted.
 */
#ifndef METERCTL_TEST_TEMP_H
#define METERCTL_TEST_TEMP_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEMP_PATH 200	/* bytes of a name in it: a target has room for 255 */

static struct {
	char folder[TEMP_PATH - 24];	/* "": there is none */
	pid_t owner;			/* a forked test leaves it alone */
} temp;

/* Takes the folder away with all that is in it; the next name makes another one. Calls
 * only what a signal handler may. */
static inline void temp_remove(void)
{
	pid_t child;

	if (!*temp.folder || getpid() != temp.owner)
		return;
	child = _Fork();
	if (child == 0) {
		/* a journal may have been shut in there */
		execl("/bin/sh", "sh", "-c", "chmod -R u+rwx \"$0\" 2>/dev/null; rm -rf \"$0\"", temp.folder, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
	*temp.folder = '\0';
}

static inline void temp_interrupted(int sig)
{
	temp_remove();
	signal(sig, SIG_DFL);
	raise(sig);
}

static inline void temp_make(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	const char *above = getenv("TMPDIR");

	snprintf(temp.folder, sizeof(temp.folder), "%s/meterctl-unit.XXXXXX", above && *above ? above : "/tmp");
	/* tests become other users, who must get through */
	if (!mkdtemp(temp.folder) || chmod(temp.folder, 0711)) {
		perror(temp.folder);
		exit(1);
	}
	if (temp.owner)
		return;
	temp.owner = getpid();
	atexit(temp_remove);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		signal(ends[i], temp_interrupted);
}

/* Fills PATH with the name of NAME in the folder ("": of the folder), and returns it. */
static inline char *temp_path(char path[TEMP_PATH], const char *name)
{
	if (!*temp.folder)
		temp_make();
	snprintf(path, TEMP_PATH, "%s%s%s", temp.folder, *name ? "/" : "", name);
	return path;
}

#endif
