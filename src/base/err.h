/*
 * err.h - what went wrong, in one line a person can act on.
 *
 * A fallible function returns 0 or -1 and fills the struct err its caller
 * owns. Messages are lower case, without a full stop: what failed, the
 * subject quoted, then what to check. The code is the exit status the command
 * line promises (meterctl(1), EXIT STATUS), so no table translates it.
 */
#ifndef METERCTL_BASE_ERR_H
#define METERCTL_BASE_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_NO = 1,		/* the answer is no; a local file or memory failed */
	ERR_USAGE = 2,		/* unknown command, key, value or option */
	ERR_SILENT = 3,		/* no reply: no port, no connection, timeout */
	ERR_FOREIGN = 4,	/* a reply that is not ours: CRC, unit, payload */
	ERR_REFUSED = 5,	/* the meter refused: Modbus exception */
	ERR_UNVERIFIED = 6,	/* written but not verified */
	ERR_DENIED = 7,		/* refused here: read-only, range, port in use */
	ERR_SOME = 8,		/* batch: some meters failed */
	ERR_INTERRUPTED = 130	/* a signal or a cancel */
};

#define ERR_TEXT 320

struct err {
	enum err_code code;
	char text[ERR_TEXT];
};

/* Fills E (which may be NULL) and returns -1, so that a failing function can
 * end in `return err_set(...)`. The text is cleaned of control characters. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "PREFIX: " before the text that E holds already; returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void err_clear(struct err *e);

#endif
