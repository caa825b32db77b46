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

/*
 * err_set(E, CODE, FORMAT, ...) fills E (which may be NULL) and is -1, which the compiler
 * sees, so that a failing function can end in `return err_set(...)` and its caller is known
 * to have what it was to fill. The text is cleaned of control characters.
 * err_prefix(E, FORMAT, ...) puts "PREFIX: " before the text that E holds already.
 */
#define err_set(...) (err_fill(__VA_ARGS__), err_failed())
#define err_prefix(...) (err_put_before(__VA_ARGS__), err_failed())

void err_fill(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void err_put_before(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline int err_failed(void)
{
	return -1;
}

void err_clear(struct err *e);

#endif
