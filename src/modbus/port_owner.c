#include "port_owner.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "target/ports.h"
#include "base/text.h"

/* "process 4711 (modpoll)". Returns BUF. */
static const char *name_process(long pid, char *buf, size_t size)
{
	char file[64], raw[64] = "", name[64];
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%ld/comm", pid);
	f = fopen(file, "re");
	if (f) {
		if (fgets(raw, sizeof(raw), f))
			raw[strcspn(raw, "\n")] = '\0';
		fclose(f);
	}
	/* a process may call itself what it likes */
	text_clean(name, sizeof(name), raw);
	snprintf(buf, size, "process %ld%s%s%s", pid, name[0] ? " (" : "", name, name[0] ? ")" : "");
	return buf;
}

static int complain_process(const char *path, long pid, struct err *e)
{
	char who[128];

	return err_set(e, ERR_DENIED, "port '%s' is in use by %s (end that program first)", path,
		       name_process(pid, who, sizeof(who)));
}

/* The process that holds the UUCP lock in FILE, or 0: text, or four bytes. */
static long lock_owner(const char *file)
{
	char text[32];
	size_t n;
	int binary;
	long pid;
	FILE *f = fopen(file, "re");

	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	if (n == sizeof(binary)) {
		memcpy(&binary, text, sizeof(binary));
		pid = binary;
	} else {
		pid = strtol(text, NULL, 10);
	}
	if (pid <= 0 || pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH))
		return 0;
	return pid;
}

bool port_uucp_locked(const char *path, struct err *e)
{
	char real[PATH_MAX], file[PATH_MAX];
	const char *names[2] = { path, realpath(path, real) };

	for (int i = 0; i < 2; i++) {
		const char *base = names[i] ? strrchr(names[i], '/') : NULL;
		long pid = 0;

		if (base && snprintf(file, sizeof(file), "/run/lock/LCK..%s", base + 1) < (int)sizeof(file))
			pid = lock_owner(file);
		if (pid) {
			complain_process(path, pid, e);
			return true;
		}
	}
	return false;
}

/* ---- without a lock -------------------------------------------------------------- */

/* Documentation/admin-guide/devices.txt: 5:2 is /dev/ptmx, the other end of every pseudo
 * terminal; 136 to 143 are theirs, 256 each. */
static bool is_ptmx(dev_t d)
{
	return major(d) == 5 && minor(d) == 2;
}

static long pty_index(dev_t d)
{
	return major(d) >= 136 && major(d) <= 143 ? (long)(major(d) - 136) * 256 + (long)minor(d) : -1;
}

/* Which pseudo terminal the descriptor leads (proc(5), fdinfo; since Linux 4.15); -1. */
static long leads_pty(const char *pid, const char *fd)
{
	char file[PATH_MAX], line[64];
	long index = -1;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%s/fdinfo/%s", pid, fd);
	f = fopen(file, "re");
	while (f && index < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, "tty-index:", 10) == 0)
			index = strtol(line + 10, NULL, 10);
	if (f)
		fclose(f);
	return index;
}

/* Has process PID the terminal DEV open, and not its other end? */
static bool has_open(const char *pid, dev_t dev)
{
	char folder[PATH_MAX];
	bool open = false, leads = false;
	struct dirent *d;
	struct stat st;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%s/fd", pid);
	dir = opendir(folder);
	while (dir && !leads && (d = readdir(dir))) {
		if (d->d_name[0] == '.' || fstatat(dirfd(dir), d->d_name, &st, 0) < 0 || !S_ISCHR(st.st_mode))
			continue;
		open = open || st.st_rdev == dev;
		leads = is_ptmx(st.st_rdev) && pty_index(dev) >= 0 && leads_pty(pid, d->d_name) == pty_index(dev);
	}
	if (dir)
		closedir(dir);
	return open && !leads;
}

bool port_shared(const char *path, char *buf, size_t size)
{
	struct dirent *d;
	struct stat st;
	long found = 0;
	DIR *proc;

	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode))
		return false;
	proc = opendir("/proc");
	while (proc && !found && (d = readdir(proc))) {
		long pid;

		if (text_long(d->d_name, 1, LONG_MAX, &pid) && pid != getpid() && has_open(d->d_name, st.st_rdev))
			found = pid;
	}
	if (proc)
		closedir(proc);
	if (found)
		name_process(found, buf, size);
	return found != 0;
}

static int complain_busy(const char *path, struct err *e)
{
	char line[256], where[64];
	struct stat st;
	long pid = 0;
	FILE *f = fopen("/proc/locks", "re");

	/* "1: FLOCK  ADVISORY  WRITE 4711 00:18:5 0 EOF" (proc(5)) */
	if (stat(path, &st) == 0)
		snprintf(where, sizeof(where), " %02x:%02x:%lu ", major(st.st_dev),
			 minor(st.st_dev), (unsigned long)st.st_ino);
	else
		where[0] = '\0';
	while (f && where[0] && !pid && fgets(line, sizeof(line), f))
		if (strstr(line, "FLOCK") && strstr(line, where)
		    && sscanf(line, "%*s %*s %*s %*s %ld", &pid) != 1)
			pid = 0;
	if (f)
		fclose(f);
	if (pid > 0)
		return complain_process(path, pid, e);
	return err_set(e, ERR_DENIED, "port '%s' is in use by another program", path);
}

/* The serial ports of this machine, as many as fit. */
static void list_ports(char *buf, size_t size)
{
	struct found_port *list;
	size_t n, at = 0;

	buf[0] = '\0';
	if (ports_list(&list, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++)
		text_append(buf, size, &at, "%s%s%s%s%s", i ? ", " : "", list[i].path,
			    list[i].name[0] ? " (" : "", list[i].name,
			    list[i].name[0] ? ")" : "");
	free(list);
}

static int complain_absent(const char *path, struct err *e)
{
	char ports[160];

	list_ports(ports, sizeof(ports));
	if (ports[0])
		return err_set(e, ERR_SILENT, "no such port '%s' (there is %s)", path, ports);
	return err_set(e, ERR_SILENT, "no such port '%s' (no serial port is plugged in; check the adapter and its cable)", path);
}

static int complain_permission(const char *path, struct err *e)
{
	struct stat st;
	struct group *g = stat(path, &st) == 0 && (st.st_mode & S_IWGRP) ? getgrgid(st.st_gid) : NULL;

	if (!g || g->gr_gid == 0)
		return err_set(e, ERR_DENIED, "cannot open '%s': permission denied", path);
	return err_set(e, ERR_DENIED, "cannot open '%s': permission denied (group %s may: sudo usermod -aG %s $USER, then log in again)",
		       path, g->gr_name, g->gr_name);
}

int port_complain(const char *path, int why, struct err *e)
{
	switch (why) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return complain_absent(path, e);
	case EACCES:
	case EPERM:
		return complain_permission(path, e);
	case EBUSY:
		return complain_busy(path, e);
	case EISDIR:
	case ENOTDIR:
		return err_set(e, ERR_USAGE, "'%s' is not a serial port", path);
	case EIO:
		return err_set(e, ERR_SILENT, "cannot open '%s': %s (unplug the adapter and plug it in again)", path, strerror(why));
	default:
		return err_set(e, ERR_SILENT, "cannot open '%s': %s", path, strerror(why));
	}
}
