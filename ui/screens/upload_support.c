#include "upload_support.h"

void support_legend(const struct ui *u, WINDOW *w, int y, int x, int width, const struct selection *sel)
{
	for (size_t i = 0; i < sel->n; i++) {
		if (!support_never(u, sel->idx[i]))
			continue;
		ui_text(u, w, y, x, width, ROLE_DIM, SUPPORT_MARK " is not in the uploads of %s",
			support_dialect(u)->name);
		return;
	}
}

bool support_empty(const struct ui *u, WINDOW *w, const struct selection *sel, const char *what)
{
	if (!support_none(u, sel))
		return false;
	ui_text(u, w, 1, 2, u->cols - 4, ROLE_NORMAL, "dialect %s uploads no %s", support_dialect(u)->name, what);
	ui_text(u, w, 3, 2, u->cols - 4, ROLE_DIM,
		"they are in the meter's registers: over RS485, or through dialect=tunnel");
	return true;
}
