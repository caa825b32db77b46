#include "scenario.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "target/target.h"
#include "base/text.h"
#include "scenario_words.h"

struct word {
	const char *name;
	const char *takes;	/* what stands behind '='; NULL: nothing does */
	/* NULL or what is wrong with ARG. Without it the word sets a flag, or a
	 * chance when it takes a value. */
	const char *(*set)(struct scenario *s, const char *arg);
	size_t at;		/* of that flag or chance in struct scenario */
};

/* Phases named in ARG, each at most once, as indices; their number or 0. */
static unsigned phases(const char *arg, unsigned out[3])
{
	bool seen[3] = { false, false, false };
	unsigned n = 0;

	for (; *arg; arg++, n++) {
		unsigned p = (unsigned)(*arg - 'a');

		if (*arg < 'a' || p > 2 || seen[p])
			return 0;
		seen[p] = true;
		out[n] = p;
	}
	return n;
}

static const char *set_ct_reversed(struct scenario *s, const char *arg)
{
	unsigned p[3], n = phases(arg, p);

	for (unsigned i = 0; i < n; i++)
		s->reversed[p[i]] = true;
	return n ? NULL : "phases like b or ab";
}

static const char *set_ct_swapped(struct scenario *s, const char *arg)
{
	unsigned p[3], keep;

	if (phases(arg, p) != 2)
		return "two phases like ab";
	keep = s->current_of[p[0]];
	s->current_of[p[0]] = s->current_of[p[1]];
	s->current_of[p[1]] = keep;
	return NULL;
}

static const char *set_phase_order(struct scenario *s, const char *arg)
{
	unsigned p[3];

	if (phases(arg, p) != 3)
		return "three phases like acb";
	memcpy(s->voltage_of, p, sizeof(p));
	return NULL;
}

static const char *set_voltage_missing(struct scenario *s, const char *arg)
{
	unsigned p[3], n = phases(arg, p);

	for (unsigned i = 0; i < n; i++)
		s->missing[p[i]] = true;
	return n ? NULL : "phases like c or bc";
}

static const char *set_ct_rotated(struct scenario *s, const char *arg)
{
	unsigned keep = s->current_of[0];

	(void)arg;
	s->current_of[0] = s->current_of[1];
	s->current_of[1] = s->current_of[2];
	s->current_of[2] = keep;
	return NULL;
}

static const char *set_reach(const char *arg, double share, double out[3])
{
	unsigned p[3], n = phases(arg, p);

	for (unsigned i = 0; i < n; i++)
		out[p[i]] = share;
	return n ? NULL : "phases like c or bc";
}

static const char *set_ct_missing(struct scenario *s, const char *arg)
{
	return set_reach(arg, 0, s->current_share);
}

/* What goes past the shorting link of a test block that was left closed. */
static const char *set_ct_shorted(struct scenario *s, const char *arg)
{
	return set_reach(arg, 0.04, s->current_share);
}

static const char *set_voltage_low(struct scenario *s, const char *arg)
{
	return set_reach(arg, 0.8, s->voltage_share);
}

static const char *set_voltage_duplicated(struct scenario *s, const char *arg)
{
	unsigned p[3];

	if (phases(arg, p) != 2)
		return "two phases like ab";
	s->voltage_of[p[1]] = s->voltage_of[p[0]];
	return NULL;
}

static const char *set_lag(struct scenario *s, const char *arg)
{
	return text_double(arg, &s->lag) && s->lag >= -90 && s->lag <= 90 ? NULL
	     : "degrees, -90 (leading) to 90";
}

/* "2A" as a number above 0 and up to MOST. */
static bool scenario_amount(const char *text, char unit, double most, double *out)
{
	char number[16];
	size_t len = strlen(text);

	if (len < 2 || len > sizeof(number) || text[len - 1] != unit)
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)len - 1, text);
	return text_double(number, out) && *out > 0 && *out <= most;
}

#define STEP_SECONDS 5.0

/* "heater/b/2A", "motor/abc/2A/3s". */
static const char *set_step(struct scenario *s, const char *arg)
{
	static const struct { const char *name; double lag; } kinds[] = { { "heater", 0 }, { "motor", 35 } };
	static const char wrong[] = "heater or motor, its phases, amperes: heater/b/2A, and seconds: heater/abc/2A/3s";
	char copy[64], *save = NULL, *kind, *who, *amperes, *seconds;

	if (strlen(arg) >= sizeof(copy))
		return wrong;
	memcpy(copy, arg, strlen(arg) + 1);
	kind = strtok_r(copy, "/", &save);
	who = strtok_r(NULL, "/", &save);
	amperes = strtok_r(NULL, "/", &save);
	seconds = strtok_r(NULL, "/", &save);
	s->step = (struct scenario_step){ .seconds = STEP_SECONDS, .lag = NAN };
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kind, kinds[i].name) == 0)
			s->step.lag = kinds[i].lag;
	s->step.phases = who ? phases(who, s->step.phase) : 0;
	if (isnan(s->step.lag) || !s->step.phases || !amperes || !scenario_amount(amperes, 'A', 1000, &s->step.amperes)
	    || (seconds && !scenario_amount(seconds, 's', 3600, &s->step.seconds)))
		return wrong;
	return NULL;
}

static const char *set_clock_off(struct scenario *s, const char *arg)
{
	return text_double(arg, &s->uplink.clock_off) && fabs(s->uplink.clock_off) <= 1e8 ? NULL
	     : "seconds, up to 100000000, negative for behind";
}

static const char *scenario_number(const char *arg, long min, long max, int *out,
				   const char *wrong)
{
	long v;

	if (!text_long(arg, min, max, &v))
		return wrong;
	*out = (int)v;
	return NULL;
}

static const char *set_pace(struct scenario *s, const char *arg)
{
	s->pace = target_rate(arg);
	return s->pace ? NULL : "a baud rate: " TARGET_RATES;
}

static const char *set_turnaround(struct scenario *s, const char *arg)
{
	static const char wrong[] = "milliseconds, 0 to 10000";
	double ms;

	if (!text_double(arg, &ms) || ms < 0 || ms > 10000)
		return wrong;
	s->turnaround_us = (int)(ms * 1000 + 0.5);
	return NULL;
}

static const char *set_chance(struct chance *c, const char *arg)
{
	double v;

	if (!text_double(arg, &v) || v < 0 || v > 100)
		return "percent, 0 to 100";
	c->percent = v;
	return NULL;
}

/* The number before the slash of "300/5", or of "300", into OUT; *REST is what stands behind the
 * slash, NULL: none does. */
static const char *scenario_head(const char *arg, long min, long max, int *out, const char **rest,
				 const char *wrong)
{
	size_t n = strcspn(arg, "/");
	char head[16];

	*rest = arg[n] ? arg + n + 1 : NULL;
	if (n >= sizeof(head))
		return wrong;
	snprintf(head, sizeof(head), "%.*s", (int)n, arg);
	return scenario_number(head, min, max, out, wrong);
}

/* "300" or "300/5": a number, and how often (always, when not said). */
static const char *set_share(const char *arg, long min, long max, int *out,
			     struct chance *c, const char *wrong)
{
	const char *rest;

	c->percent = 100;
	if (scenario_head(arg, min, max, out, &rest, wrong) || (rest && set_chance(c, rest)))
		return wrong;
	return NULL;
}

static const char *set_late(struct scenario *s, const char *arg)
{
	return set_share(arg, 0, 60000, &s->late_ms, &s->late,
			 "milliseconds up to 60000, or MS/PERCENT");
}

static const char *set_exception(struct scenario *s, const char *arg)
{
	return set_share(arg, 1, 255, &s->exception, &s->exceptions,
			 "a code of 1 to 255, or CODE/PERCENT");
}

static const char *set_write_lost(struct scenario *s, const char *arg)
{
	s->first_write_only = strncmp(arg, "first-", 6) == 0;
	arg += s->first_write_only ? 6 : 0;
	if (strcmp(arg, "request") == 0)
		s->write_lost = LOST_REQUEST;
	else if (strcmp(arg, "reply") == 0)
		s->write_lost = LOST_REPLY;
	else
		return "request, reply, first-request or first-reply";
	return NULL;
}

static const char *set_mute_after_write(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 0, 60000, &s->mute_ms, "milliseconds, 0 to 60000");
}

static const char *scenario_set_unit(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 1, 247, &s->unit, "an address of 1 to 247");
}

static const char *set_ct(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 1, 65535, &s->ct, "a ratio of 1 to 65535");
}

static const char *set_pt(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 1, 65535, &s->pt, "a ratio of 1 to 65535");
}

static const char *set_seed(struct scenario *s, const char *arg)
{
	long v;

	if (!text_long(arg, 0, 0x7FFFFFFFFFFFFFFFL, &v))
		return "a number";
	s->seed = (uint64_t)v;
	return NULL;
}

/* A zone behind the seconds is taken but changes nothing: a meter's clock has
 * none, it shows what is written here. */
static const char *set_start(struct scenario *s, const char *arg)
{
	static const char wrong[] = "a time like 2026-03-14T09:26:53";
	struct tm tm = { 0 };
	const char *rest = strptime(arg, "%Y-%m-%dT%H:%M:%S", &tm);
	int day;
	time_t t;

	if (!rest)
		return wrong;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (*rest && strcmp(rest, "Z") != 0 && *rest != '+' && *rest != '-')
		return wrong;
	day = tm.tm_mday;
	t = timegm(&tm);
	/* 30 February has become 2 March. A meter's year has two digits, and the
	 * past before the start needs some too */
	if (tm.tm_mday != day || tm.tm_year < 102 || tm.tm_year > 198)
		return wrong;
	s->start = (double)t;
	s->has_start = true;
	return NULL;
}

static const char *set_state(struct scenario *s, const char *arg)
{
	if (!*arg || strlen(arg) >= sizeof(s->state))
		return "a file";
	snprintf(s->state, sizeof(s->state), "%s", arg);
	return NULL;
}

static const char *set_sn(struct scenario *s, const char *arg)
{
	if (strlen(arg) != SERIAL_DIGITS || strspn(arg, "0123456789") != SERIAL_DIGITS)
		return "a serial number of 14 digits";
	memcpy(s->uplink.sn, arg, SERIAL_DIGITS + 1);
	return NULL;
}

static const char *set_heartbeat(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 0, 86400, &s->uplink.heartbeat_s, "seconds up to 86400 (0: no heart)");
}

static const char *set_mqtt_interval(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 1, 86400, &s->uplink.interval_s, "seconds, 1 to 86400");
}

static const char *set_mqtt_late(struct scenario *s, const char *arg)
{
	return set_share(arg, 0, 86400, &s->uplink.late_s, &s->uplink.late,
			 "seconds up to 86400, or S/PERCENT");
}

static const char *set_mqtt_jump(struct scenario *s, const char *arg)
{
	static const char wrong[] = "seconds up to 100000000, negative for back, or S/UPLOADS";
	const char *rest;

	s->uplink.jump_after = 3;
	if (scenario_head(arg, -100000000, 100000000, &s->uplink.jump_s, &rest, wrong))
		return wrong;
	return rest ? scenario_number(rest, 1, 1000000000, &s->uplink.jump_after, wrong) : NULL;
}

static const char *set_mqtt_backlog(struct scenario *s, const char *arg)
{
	static const char wrong[] = "1 to 1000 uploads, or N/SECONDS (up to 86400) from one to the next";
	const char *rest;

	if (scenario_head(arg, 1, 1000, &s->uplink.backlog, &rest, wrong))
		return wrong;
	return rest ? scenario_number(rest, 1, 86400, &s->uplink.backlog_s, wrong) : NULL;
}

static const char *set_mqtt_silent(struct scenario *s, const char *arg)
{
	(void)arg;
	s->uplink.silent_after = 0;
	return NULL;
}

static const char *set_mqtt_silent_after(struct scenario *s, const char *arg)
{
	return scenario_number(arg, 0, 1000000000, &s->uplink.silent_after, "a number of uploads");
}

static const char *set_mqtt_scale(struct scenario *s, const char *arg)
{
	if (!text_double(arg, &s->uplink.scale))
		return "a factor like 10 or 0.5";
	return NULL;
}

#define FLAG(name, member) { name, NULL, NULL, offsetof(struct scenario, member) },
#define ACT(name, set) { name, NULL, set, 0 },
#define CHANCE(name, member) { name, SCENARIO_PERCENT, NULL, offsetof(struct scenario, member) },
#define VALUE(name, takes, set) { name, takes, set, 0 },

static const struct word words[] = { SCENARIO_LIST(FLAG, ACT, CHANCE, VALUE) };

#define NWORDS (sizeof(words) / sizeof(words[0]))

static int scenario_unknown(const char *name, struct err *e)
{
	const char *names[NWORDS], *near;

	for (size_t i = 0; i < NWORDS; i++)
		names[i] = words[i].name;
	near = text_nearest(name, names, NWORDS);
	return err_set(e, ERR_USAGE, "no scenario word '%s'%s%s%s (meterctl(1), SIMULATED METERS, has them all)",
		       name, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* NULL or what is wrong with ARG. */
static const char *scenario_apply(const struct word *w, struct scenario *s, const char *arg)
{
	void *at = (char *)s + w->at;

	if (w->set)
		return w->set(s, arg);
	if (w->takes)
		return set_chance(at, arg);
	*(bool *)at = true;
	return NULL;
}

static int take_word(struct scenario *s, char *word, struct err *e)
{
	char *arg = strchr(word, '=');
	const char *wrong;

	if (arg)
		*arg++ = '\0';
	for (size_t i = 0; i < NWORDS; i++) {
		const struct word *w = &words[i];

		if (strcmp(word, w->name) != 0)
			continue;
		if (!w->takes && arg)
			return err_set(e, ERR_USAGE, "'%s' takes no value", word);
		if (w->takes && !arg)
			return err_set(e, ERR_USAGE, "'%s' needs a value: %s=%s",
				       word, word, w->takes);
		wrong = scenario_apply(w, s, arg);
		return wrong ? err_set(e, ERR_USAGE, "'%s=%s' is not understood: it takes %s",
				       word, arg, wrong) : 0;
	}
	return scenario_unknown(word, e);
}

int scenario_parse(const char *text, struct scenario *s, struct err *e)
{
	char copy[1024], *save = NULL;

	*s = (struct scenario){
		.voltage_of = { 0, 1, 2 },
		.current_of = { 0, 1, 2 },
		.voltage_share = { 1, 1, 1 },
		.current_share = { 1, 1, 1 },
		.lag = 21,
		.turnaround_us = -1,
		.unit = 1,
		.seed = 1,
		.uplink = { .sn = SERIAL_FIRST, .heartbeat_s = 60, .silent_after = -1, .scale = 1 },
	};
	if (!text)
		text = "";
	if (strlen(text) >= sizeof(copy))
		return err_set(e, ERR_USAGE, "the scenario is longer than %zu characters",
			       sizeof(copy) - 1);
	memcpy(copy, text, strlen(text) + 1);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (take_word(s, w, e))
			return -1;
	/* the 5 ms of a slow meter, when there is a line to be slow on */
	if (s->turnaround_us < 0)
		s->turnaround_us = s->pace ? 5000 : 0;
	return 0;
}
