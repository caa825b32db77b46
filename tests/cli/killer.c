/*
 * killer.c - preloaded into the program under test: ends it with SIGKILL right
 * before the Nth thing it does that anything outside could see (KILL_AT=N), or
 * lets its disk be full from the Nth write to a file on (FULL_AT=N).
 *
 * Such things are bytes for a file or a line, and the order to put a file on the
 * disk; whatever else a process does is gone with it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool reached(const char *name, long *count)
{
	const char *at = getenv(name);

	return at && ++*count >= atol(at);
}

static void step(void)
{
	static long count;

	if (reached("KILL_AT", &count))
		kill(getpid(), SIGKILL);
}

static bool full(int fd)
{
	static long count;
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !reached("FULL_AT", &count))
		return false;
	errno = ENOSPC;
	return true;
}

/* The function of that name in the library behind this one. */
#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *buf, size_t n)
{
	REAL(write);

	step();
	return full(fd) ? -1 : real(fd, buf, n);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	REAL(pwrite64);

	step();
	return full(fd) ? -1 : real(fd, buf, n, at);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	REAL(send);

	step();
	return real(fd, buf, n, flags);
}

int fdatasync(int fd)
{
	REAL(fdatasync);

	step();
	return real(fd);
}

int fsync(int fd)
{
	REAL(fsync);

	step();
	return real(fd);
}

int ftruncate64(int fd, off64_t size)
{
	REAL(ftruncate64);

	step();
	return real(fd, size);
}
