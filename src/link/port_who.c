#include "port_who.h"

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

#include "../ports.h"
#include "../text.h"

static int complain_process(const char *path, long pid, struct err *e)
{
	char file[64], name[64] = "";
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%ld/comm", pid);
	f = fopen(file, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	return err_set(e, ERR_DENIED, "port '%s' is in use by process %ld%s%s%s (end that program first)",
		       path, pid, name[0] ? " (" : "", name, name[0] ? ")" : "");
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
	struct port *list;
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
	case EIO:
		return err_set(e, ERR_SILENT, "cannot open '%s': %s (unplug the adapter and plug it in again)", path, strerror(why));
	default:
		return err_set(e, ERR_SILENT, "cannot open '%s': %s", path, strerror(why));
	}
}
