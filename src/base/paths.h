/*
 * paths.h - where a person's files are (XDG Base Directory Specification 0.8).
 *
 * Configuration: $XDG_CONFIG_HOME/meterctl, else ~/.config/meterctl. State:
 * $XDG_STATE_HOME/meterctl, else ~/.local/state/meterctl. A relative value of
 * those variables is ignored, as the specification says.
 */
#ifndef METERCTL_BASE_PATHS_H
#define METERCTL_BASE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* The path of LEAF ("" or NULL: the folder itself). Returns BUF, which is ""
 * when the path does not fit or there is no home folder. */
const char *paths_config(char *buf, size_t size, const char *leaf);
const char *paths_state(char *buf, size_t size, const char *leaf);

/* Makes the folders PATH lies in, readable by this user only. ERR_NO. */
int paths_ensure_parent(const char *path, struct err *e);

/* The whole text of a regular file; free() it. NULL and ERR_NO: it cannot be read, or holds
 * a NUL. */
char *paths_read(const char *path, struct err *e);

/* Writes TEXT to PATH so that after a crash there is the old file or the new
 * one, whole: temporary file beside it, fsync, rename. Makes the folders it
 * lies in. Who may read a file that is there may read it still; a link stays one, and the
 * file it leads to is replaced; a pipe, a device or a folder is not. ERR_NO. */
int paths_replace(const char *path, const char *text, struct err *e);
/* The same for a file that is not there yet, and in a folder that is: PRIVATE: for this user
 * alone; else others may read it as the umask says. ERR_DENIED: there is one. */
int paths_create(const char *path, const char *text, bool private, struct err *e);
/* Is nothing there, as paths_create() needs it? ERR_DENIED: there is. */
int paths_free(const char *path, struct err *e);

#endif
