/*
 * failure.h - a failure as an object on standard output, for who reads -f json or jsonl:
 *
 *	{"schema":"meterctl.error/1","exit":3,"code":"no-reply","message":"...","check":["..."]}
 */
#ifndef METERCTL_CMD_FAILURE_H
#define METERCTL_CMD_FAILURE_H

#include "app.h"

/* E, why a command ends; nothing where A has another format, where its one document or the
 * verdict of its lines has been printed, and where a host records what becomes of a command. */
void failure_print(const struct app *a, const struct err *e);

#endif
