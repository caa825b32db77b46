#include "format.h"

#include <string.h>

#include "base/text.h"

#define FORMAT_DECLARE(name) extern const struct format format_##name;
FORMATS(FORMAT_DECLARE, FORMAT_DECLARE, FORMAT_DECLARE)

#define FORMAT_ROW(name) &format_##name,
const struct format *const formats[] = {
	FORMATS(FORMAT_ROW, FORMAT_ROW, FORMAT_ROW)
	NULL
};

const struct format *format_find(const char *name, struct err *e)
{
	char list[200] = "";
	size_t at = 0;

	for (size_t i = 0; formats[i]; i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", formats[i]->name);
	}
	err_set(e, ERR_USAGE, "'%s' is no format (one of: %s)", name, list);
	return NULL;
}

const struct format *format_default(void)
{
	return formats[0];
}

bool format_of_readings(const struct format *f)
{
	return (f->flags & FORMAT_READINGS) != 0;
}
