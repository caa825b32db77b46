#include "save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/outfile.h"
#include "output/output.h"
#include "output/printer.h"
#include "ui/stage.h"
#include "ui/term.h"

#define SAVE_COLS 1024
#define COPY_MOST 75000	/* bytes; terminals take no more at once */

/* Row Y of what is composed for the terminal, without the blanks behind it. */
static void save_row(FILE *f, int y)
{
	wchar_t line[SAVE_COLS];
	int n = mvwinnwstr(newscr, y, 0, line, SAVE_COLS - 1);

	while (n > 0 && line[n - 1] == L' ')
		n--;
	line[n < 0 ? 0 : n] = L'\0';
	fprintf(f, "%ls\n", line);
}

/* The screen without message and keys. */
static void save_text(struct ui *u, FILE *f)
{
	stage_draw(u);
	for (int y = 0; y < u->rows - STAGE_FOOT; y++)
		save_row(f, y);
}

/* What the screen shown reads. */
static void save_points(struct ui *u, struct selection *sel)
{
	const struct ui_loop *l = u->loop;
	const struct screen_ops *s = stage_shown(u)->ops;

	if (u->profile && s->points && l->opened[l->shown])
		s->points(u, l->state[l->shown], sel);
}

static int save_data(struct ui *u, FILE *f, const struct format *format, struct err *e)
{
	struct selection sel = { 0 };
	struct link link = { .target = u->target };
	const struct meter m = { .profile = u->profile, .link = &link, .readings = u->readings };
	struct printer p;
	int rc;

	save_points(u, &sel);
	if (sel.n == 0)
		return err_set(e, ERR_USAGE, "this screen has no readings to save (name the file .txt)");
	printer_init(&p, f, format, u->primary);
	rc = printer_begin(&p, &reading_list, output_head_json(&m, u->wall_us), e);
	if (rc == 0)
		rc = printer_readings(&p, &(struct readings){ &m, NULL, sel.idx, sel.n }, e);
	if (rc == 0)
		rc = printer_end(&p, json_object(), e);
	printer_drop(&p);
	selection_release(&sel);
	return rc;
}

/* The format that FILE's suffix names; NULL: text. */
static const struct format *save_format(const char *file)
{
	static const char *const names[] = { "csv", "json" };
	const char *suffix = strrchr(file, '.');

	for (size_t i = 0; suffix && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(suffix + 1, names[i]) == 0)
			return format_find(names[i], NULL);
	return NULL;
}

int save_file(struct ui *u, const char *file, bool force, struct err *e)
{
	const struct format *format = save_format(file);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int rc = 0;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	if (format)
		rc = save_data(u, f, format, e);
	else
		save_text(u, f);
	if (fclose(f) && rc == 0)
		rc = err_set(e, ERR_NO, "out of memory");
	if (rc == 0)
		rc = outfile_put(file, text, outfile_how(force), e);
	free(text);
	if (rc == 0)
		ui_say(u, "%s is in '%s'", format ? "what this screen reads" : "this screen", file);
	return rc;
}

int save_copy(struct ui *u, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	save_text(u, f);
	if (fclose(f))
		rc = err_set(e, ERR_NO, "out of memory");
	else
		rc = size > COPY_MOST ? err_set(e, ERR_NO, "this screen is too large for a clipboard") : term_copy(text, size, e);
	free(text);
	if (rc == 0)
		ui_say(u, "this screen has been sent to the terminal's clipboard (not every terminal takes it)");
	return rc;
}
