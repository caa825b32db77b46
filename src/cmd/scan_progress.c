#include <stdio.h>

#include "scan.h"

#define SHOWN 20	/* lines drawn */
#define WIDTH 79

const char *scan_time(int64_t us, char *buf, size_t size)
{
	long s = (long)((us + 500000) / 1000000);

	if (s < 3600)
		snprintf(buf, size, "%ld:%02ld", s / 60, s % 60);
	else
		snprintf(buf, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

const char *scan_line_name(const struct finder_line *l, char *buf, size_t size)
{
	if (target_is_serial(&l->target))
		snprintf(buf, size, "%s", l->target.path);
	else
		snprintf(buf, size, "%s:%d", l->target.host, l->target.port);
	return buf;
}

void scan_progress_clear(struct scan_progress *p)
{
	if (!p->drawn)
		return;
	fprintf(p->f, "\033[%dA\r\033[J", p->drawn);
	fflush(p->f);
	p->drawn = 0;
}

/* "/dev/ttyUSB0  42 %  9600 8E1 unit 7, slow         2 found   0:31 left" */
static void scan_progress_line(struct scan_progress *p, const struct finder_line *l)
{
	char name[300], setting[24], what[48], left[24], text[420];
	unsigned percent = l->all ? (unsigned)(100 * l->done / l->all) : 0;

	sweep_setting_text(&l->sweep.settings[l->probe.setting], setting, sizeof(setting));
	if (l->over)
		snprintf(what, sizeof(what), "%s", l->err.code ? "ended early" : "done");
	else if (!l->begun)
		snprintf(what, sizeof(what), "listening");
	else if (l->probe.unit == 0)
		snprintf(what, sizeof(what), "%s all units", setting);
	else
		snprintf(what, sizeof(what), "%s unit %u%s", setting, l->probe.unit, l->probe.patient ? ", slow" : "");
	snprintf(text, sizeof(text), "%-22.22s %3u %%  %-27.27s %2zu found", scan_line_name(l, name, sizeof(name)),
		 l->over && !l->err.code ? 100 : percent, what, l->found);
	if (l->begun && !l->over)
		fprintf(p->f, "%.66s %7s left\n", text, scan_time(l->left_us, left, sizeof(left)));
	else
		fprintf(p->f, "%.*s\n", WIDTH, text);
	p->drawn++;
}

void scan_progress_draw(struct scan_progress *p, const struct finder_line *lines, size_t n)
{
	if (!p->f)
		return;
	scan_progress_clear(p);
	for (size_t i = 0; i < n && p->drawn < SHOWN; i++)
		if (n <= SHOWN || (lines[i].begun && !lines[i].over))
			scan_progress_line(p, &lines[i]);
	fflush(p->f);
}
