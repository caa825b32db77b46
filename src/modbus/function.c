#include "function.h"

#define EXCEPTION 5	/* unit, function, code, check */

static const struct function functions[] = {
	{ 0x01, "read", "coils", { 8, 0 }, { 5, 2 }, false },
	{ 0x02, "read", "discrete inputs", { 8, 0 }, { 5, 2 }, false },
	{ 0x03, "read", "holding", { 8, 0 }, { 5, 2 }, false },
	{ 0x04, "read", "input", { 8, 0 }, { 5, 2 }, false },
	{ 0x05, "write coil", NULL, { 8, 0 }, { 8, 0 }, true },
	{ 0x06, "write register", NULL, { 8, 0 }, { 8, 0 }, true },
	{ 0x07, "exception status", NULL, { 4, 0 }, { 5, 0 }, false },
	{ 0x08, "diagnostics", NULL, { 8, 0 }, { 8, 0 }, false },
	{ 0x0B, "event counter", NULL, { 4, 0 }, { 8, 0 }, false },
	{ 0x0C, "event log", NULL, { 4, 0 }, { 5, 2 }, false },
	{ 0x0F, "write", "coils", { 9, 6 }, { 8, 0 }, true },
	{ 0x10, "write", "holding", { 9, 6 }, { 8, 0 }, true },
	{ 0x11, "server ID", NULL, { 4, 0 }, { 5, 2 }, false },
	{ 0x14, "read file", NULL, { 5, 2 }, { 5, 2 }, false },
	{ 0x15, "write file", NULL, { 5, 2 }, { 5, 2 }, true },
	{ 0x16, "mask register", NULL, { 10, 0 }, { 10, 0 }, true },
	{ 0x17, "read and write", NULL, { 13, 10 }, { 5, 2 }, true },
	{ 0x2B, "device ID", NULL, { 7, 0 }, { 0, 0 }, false },
};

const struct function *function_find(uint8_t code)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].code == code)
			return &functions[i];
	return NULL;
}

const struct function *function_addressed(uint8_t code)
{
	return code <= 0x06 || code == 0x0F || code == 0x10 ? function_find(code) : NULL;
}

static size_t length_of(const struct function_length *l, const uint8_t *b, size_t n)
{
	if (l->at == 0)
		return l->base;
	return n > l->at ? l->base + (size_t)b[l->at] : 0;
}

size_t function_request_length(const uint8_t *b, size_t n)
{
	const struct function *f = n > 1 ? function_find(b[1]) : NULL;

	return f ? length_of(&f->request, b, n) : 0;
}

size_t function_reply_length(const uint8_t *b, size_t n)
{
	const struct function *f = n > 1 ? function_find(b[1]) : NULL;

	if (n > 1 && b[1] & 0x80)
		return EXCEPTION;
	return f ? length_of(&f->reply, b, n) : 0;
}
