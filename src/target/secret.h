/*
 * secret.h - passwords and codes by reference: what stands on a command line is
 * seen by everybody who lists processes, what stands in a settings file is sent
 * around with it.
 */
#ifndef METERCTL_TARGET_SECRET_H
#define METERCTL_TARGET_SECRET_H

#include "base/err.h"

#define SECRET_MAX 4096	/* characters in a file: a token is longer than a password */

/* The value of an environment variable. ERR_DENIED: it is not set. */
char *secret_env(const char *name, struct err *e);

/* The only line of a file that only its user can read. ERR_DENIED: others can,
 * it is not there, or it holds more than a line of SECRET_MAX characters. */
char *secret_file(const char *path, struct err *e);

/* What TEXT, a value as a command line or a table of meters has it, stands for: "@env:NAME",
 * "@file:PATH" and "@@..." ("@" and what follows the second). SECRET_PLAIN and *OUT NULL: it is
 * the value itself. ERR_USAGE: another word behind the "@". */
enum secret_kind { SECRET_FAILED = -1, SECRET_PLAIN, SECRET_LITERAL, SECRET_REFERENCE };
enum secret_kind secret_value(const char *text, char **out, struct err *e);

/* Wipes and frees (NULL: nothing). */
void secret_free(char *text);

#endif
