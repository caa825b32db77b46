#include "screens.h"

#include <string.h>

#define SCREEN_ROW(id, key, name, short, flags, help) { #id, key, name, short, flags, help, &screen_##id },

const struct screen screen_table[SCREEN_COUNT] = { SCREENS(SCREEN_ROW) };

size_t screen_place(const struct screen_ops *ops)
{
	size_t i = 0;

	while (i + 1 < SCREEN_COUNT && screen_table[i].ops != ops)
		i++;
	return i;
}

const char *screen_word(const struct screen *s)
{
	return s->flags & SCREEN_OVERLAY ? NULL : s->id;
}

const struct screen *screen_named(const char *word)
{
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_word(&screen_table[i]) && strcmp(screen_table[i].id, word) == 0)
			return &screen_table[i];
	return NULL;
}
