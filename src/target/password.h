/*
 * password.h - the password of the user a broker target names: from the file the
 * target names (mode 0600), from METERCTL_MQTT_PASSWORD, or asked on the terminal.
 * Never from a command line, which everybody who lists processes can read.
 */
#ifndef METERCTL_TARGET_PASSWORD_H
#define METERCTL_TARGET_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"
#include "target.h"

#define PASSWORD_ENV "METERCTL_MQTT_PASSWORD"

/* *OUT becomes the password (wipe it with secret_free()), or NULL when T names no
 * user. ASK: a person at a terminal may be asked for it, and for that of T's key. ERR_DENIED: a file others
 * can read, or none given and nobody to ask. ERR_INTERRUPTED: the person ended it. */
int password_fetch(const struct target *t, bool ask, char **out, struct err *e);

/* The password of T's key for TLS, from where keypass= says: a variable, a file of mode 0600, or
 * the person, whom password_fetch() asks for it beforehand. NULL: it has none, or E (ERR_DENIED). Any
 * thread; secret_free() it. */
char *password_key(const struct target *t, struct err *e);

/* A secret, asked for on the terminal as "QUESTION: " and not shown; secret_free() it. NULL and E:
 * ERR_DENIED, there is no terminal or nothing was given; ERR_INTERRUPTED. */
char *password_ask(const char *question, struct err *e);

#endif
