#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

/* Lines of "NAME NUMBER ...": settings by key with their words in hex, the rest
 * as decimal numbers. */
#define HEAD "meterctl-sim 1 "

static void save_numbers(FILE *f, const char *name, const double *v, size_t n)
{
	fprintf(f, "%s", name);
	for (size_t i = 0; i < n; i++)
		fprintf(f, " %.17g", v[i]);
	fputc('\n', f);
}

#define NUMBERS(member) (const double *)(const void *)&(member), sizeof(member) / (sizeof(double))

static void save_settings(FILE *f, const struct sim_meter *m)
{
	for (size_t i = 0; i < m->nslots; i++) {
		const struct slot *s = &m->slots[i];
		uint16_t words[VALUE_WORDS];

		if (!(s->point->flags & POINT_WRITABLE) || s->bind.kind == BIND_CLOCK)
			continue;
		memcpy(words, s->words, sizeof(words));
		/* an output's register shows what it does, not what was asked of it */
		if (s->bind.kind == BIND_FLAG) {
			double asked;

			memcpy(&asked, (const char *)&m->model.set + bind_setting(s->point),
			       sizeof(asked));
			words[0] = (uint16_t)asked;
		}
		fprintf(f, "%s", s->point->key);
		for (uint16_t w = 0; w < s->point->words; w++)
			fprintf(f, " %04X", words[w]);
		fputc('\n', f);
	}
}

static void save_all(FILE *f, const struct sim_meter *m)
{
	const struct model *model = &m->model;
	double month = model->month;

	fprintf(f, HEAD "%s\n", m->profile->name);
	save_settings(f, m);
	save_numbers(f, "*clock", &model->clock_ahead, 1);
	save_numbers(f, "*month", &month, 1);
	save_numbers(f, "*energy", NUMBERS(model->energy));
	save_numbers(f, "*history", NUMBERS(model->history));
	save_numbers(f, "*demand", NUMBERS(model->demand.max));
	save_numbers(f, "*demand.time", NUMBERS(model->demand.max_at));
}

int state_save(struct sim_meter *m, const char *path, struct err *e)
{
	char beside[sizeof(m->scenario.state) + 24];
	FILE *f;
	int failed;

	snprintf(beside, sizeof(beside), "%s.%ld", path, (long)getpid());
	f = fopen(beside, "we");
	if (!f)
		return err_set(e, ERR_NO, "cannot write '%s': %s", path, strerror(errno));
	save_all(f, m);
	failed = fflush(f) || ferror(f) || fsync(fileno(f));
	failed |= fclose(f) != 0;
	if (failed || rename(beside, path)) {
		err_set(e, ERR_NO, "cannot write '%s': %s", path, strerror(errno));
		unlink(beside);
		return -1;
	}
	return 0;
}

static bool load_numbers(char *text, double *v, size_t n)
{
	char *end;

	for (size_t i = 0; i < n; i++, text = end) {
		v[i] = strtod(text, &end);
		if (end == text)
			return false;
	}
	return true;
}

static bool load_setting(struct sim_meter *m, const char *key, char *text)
{
	struct slot *s = unit_slot(m, key);
	uint16_t words[VALUE_WORDS];
	char *end;

	/* a setting that the profile no longer has is no reason to stop */
	if (!s || !(s->point->flags & POINT_WRITABLE))
		return true;
	for (uint16_t w = 0; w < s->point->words; w++, text = end) {
		words[w] = (uint16_t)strtoul(text, &end, 16);
		if (end == text)
			return false;
	}
	if (!settings_valid(s, words))
		return false;
	memcpy(s->words, words, s->point->words * sizeof(*words));
	settings_follow(m, s);
	return true;
}

#define LOAD(member) load_numbers(rest, (double *)(void *)&(member), sizeof(member) / (sizeof(double)))

static bool load_line(struct sim_meter *m, char *line)
{
	struct model *model = &m->model;
	char *rest = line + strcspn(line, " \n");
	double month;

	if (*rest)
		*rest++ = '\0';
	if (line[0] != '*')
		return load_setting(m, line, rest);
	if (strcmp(line, "*clock") == 0)
		return LOAD(model->clock_ahead);
	if (strcmp(line, "*energy") == 0)
		return LOAD(model->energy);
	if (strcmp(line, "*history") == 0)
		return LOAD(model->history);
	if (strcmp(line, "*demand") == 0)
		return LOAD(model->demand.max);
	if (strcmp(line, "*demand.time") == 0)
		return LOAD(model->demand.max_at);
	if (strcmp(line, "*month") == 0 && LOAD(month)) {
		/* a month that ended while the meter was off is closed at the next step */
		model->month = (int)month;
		return true;
	}
	return false;
}

int state_load(struct sim_meter *m, const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int number = 1, result = -1;

	if (!f && errno == ENOENT)
		return 0;
	if (!f)
		return err_set(e, ERR_NO, "cannot read '%s': %s", path, strerror(errno));
	if (getline(&line, &size, f) < 0 || strncmp(line, HEAD, strlen(HEAD)) != 0) {
		err_set(e, ERR_NO, "'%s' does not hold the state of a simulated meter", path);
		goto out;
	}
	while (getline(&line, &size, f) > 0) {
		number++;
		if (!load_line(m, line)) {
			err_set(e, ERR_NO, "cannot use line %d of '%s'", number, path);
			goto out;
		}
	}
	unit_adopt_link(m);
	m->revision++;
	result = 0;
out:
	free(line);
	fclose(f);
	return result;
}
