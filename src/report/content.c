/*
 * content.c - the sections of a report: the meter, its ratios, its settings, and
 * where all of it comes from.
 */
#include "content.h"

#include <math.h>
#include <string.h>

#include "base/time.h"
#include "base/text.h"
#include "report.h"

const char *content_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

bool content_lack(struct doc *d, const json_t *data, const char *what)
{
	const char *lack = content_text(json_object_get(data, "lacks"), what);

	if (*lack)
		doc_para(d, DOC_DIM, "This model %s.", lack);
	return *lack != '\0';
}

double content_number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

const char *content_digits(double v, int decimals, char *buf, size_t size)
{
	if (isnan(v))
		snprintf(buf, size, "--");
	else
		snprintf(buf, size, "%.*f", decimals, fabs(v) < 0.5 * pow(10, -decimals) ? 0 : v);
	return buf;
}

const char *content_ratio(double v, char *buf, size_t size)
{
	if (isnan(v))
		snprintf(buf, size, "--");
	else
		snprintf(buf, size, "%.8g", v);
	return buf;
}

const char *content_time(const json_t *o, const char *key, int n, char buf[24])
{
	snprintf(buf, 24, "%.*s", n, content_text(o, key));
	if (strlen(buf) > 10 && buf[10] == 'T')
		buf[10] = ' ';
	return buf;
}

const json_t *content_reading(const json_t *data, const char *key)
{
	size_t i;
	const json_t *one;

	json_array_foreach(json_object_get(data, "readings"), i, one)
		if (strcmp(content_text(one, "key"), key) == 0)
			return one;
	return NULL;
}

/* ---- ratios and the clamp ------------------------------------------------------- */

static void ratio_row(struct doc *d, const json_t *o, const char *name)
{
	const json_t *fits = json_object_get(o, "fits");
	char held[32], ratio[32];

	doc_cell(d, "%s", name);
	doc_cell(d, "%s", content_ratio(content_number(o, "meter"), held, sizeof(held)));
	doc_cell(d, "%s", *content_text(o, "nameplate") ? content_text(o, "nameplate") : "not entered");
	doc_cell(d, "%s", isnan(content_number(o, "ratio")) ? ""
		 : content_ratio(content_number(o, "ratio"), ratio, sizeof(ratio)));
	doc_cell(d, "%s", json_is_true(fits) ? "the meter holds it" : json_is_false(fits)
		 ? "NOT what the meter holds" : *content_text(o, "nameplate")
		 ? "not compared: the meter's was not read" : "");
}

enum doc_role content_clamp_role(const json_t *clamp)
{
	const char *verdict = content_text(clamp, "verdict");

	return strcmp(verdict, "fits") == 0 ? DOC_GOOD : strcmp(verdict, "mismatch") == 0 ? DOC_BAD : DOC_DIM;
}

static void content_clamp(struct doc *d, const json_t *o)
{
	static const char *const heads[] = { "Phase", "Clamp, A", "Meter reads, A", "Error, %", "" };
	char amps[32], reading[32], error[32];
	size_t i;
	const json_t *one;

	if (!json_is_object(o)) {
		doc_para(d, DOC_DIM, "No clamp meter value was entered: a wrong CT ratio cannot be seen in the "
			 "angles, and shows only against one.");
		return;
	}
	doc_table(d, "lrrrl", heads);
	json_array_foreach(json_object_get(o, "phases"), i, one) {
		doc_cell(d, "%c", 'A' + (int)i);
		doc_cell(d, "%s", content_digits(content_number(one, "clamp"), 2, amps, sizeof(amps)));
		doc_cell(d, "%s", content_digits(content_number(one, "reading"), 3, reading, sizeof(reading)));
		doc_cell(d, "%s", content_digits(content_number(one, "error"), 1, error, sizeof(error)));
		doc_cell(d, "%s", content_text(one, "says"));
	}
	doc_table_end(d);
	doc_para(d, content_clamp_role(o), "Clamp comparison: %s.", content_text(o, "says"));
}

void content_ratios(struct doc *d, const json_t *data)
{
	static const char *const heads[] = { "Transformer", "In the meter", "Nameplate", "is", "" };
	const json_t *ratios = json_object_get(data, "ratios");

	doc_section(d, "Transformer ratios");
	if (content_lack(d, data, "ratios"))
		return;
	doc_table(d, "lrtrl", heads);
	ratio_row(d, json_object_get(ratios, "ct"), "Current (CT)");
	ratio_row(d, json_object_get(ratios, "pt"), "Voltage (PT)");
	doc_table_end(d);
	content_clamp(d, json_object_get(data, "clamp"));
}

/* ---- clock and tariff ------------------------------------------------------------ */

void content_clock(struct doc *d, const json_t *data)
{
	static const char *const heads[] = { "Tariff table", "Holds" };
	const json_t *clock = json_object_get(data, "clock"), *one;
	double ahead = content_number(clock, "ahead");
	char host[24];
	size_t i;

	doc_section(d, "Clock and tariff");
	if (content_lack(d, data, "clock"))
		;
	else if (isnan(ahead))
		doc_para(d, DOC_DIM, "The meter's clock was not read.");
	else
		doc_para(d, fabs(ahead) > 60 ? DOC_WARN : DOC_PLAIN, "The meter's clock showed %s when the "
			 "computer's was %s: %.0f s %s%s%s.", content_text(clock, "meter"),
			 content_time(clock, "computer", 19, host), fabs(ahead), ahead < 0 ? "behind" : "ahead",
			 *time_summer(ahead) ? ": " : "", time_summer(ahead));
	doc_table(d, "lt", heads);
	json_array_foreach(json_object_get(data, "tariff"), i, one) {
		/* the words of a table stand in it once more by themselves */
		if (strstr(content_text(one, "key"), ".word"))
			continue;
		doc_cell(d, "%s", content_text(one, "name"));
		doc_cell(d, "%s", *content_text(one, "value") ? content_text(one, "value") : content_text(one, "error"));
	}
	doc_table_end(d);
	if (json_array_size(json_object_get(data, "tariff")))
		doc_para(d, DOC_DIM, "How these registers are to be read is not printed without "
			 "ambiguity; the profile %s says how it was done here.",
			 content_text(json_object_get(data, "meter"), "profile"));
}

/* ---- uplink ----------------------------------------------------------------------- */

enum doc_role content_uplink_role(const json_t *uplink)
{
	const char *verdict = content_text(uplink, "verdict");

	return strcmp(verdict, "pass") == 0 ? DOC_GOOD : strcmp(verdict, "fail") == 0 ? DOC_BAD : DOC_WARN;
}

const char *content_uplink_says(const json_t *uplink, char *buf, size_t size)
{
	const char *step = content_text(uplink, "step");

	snprintf(buf, size, "%s%s%s", content_text(uplink, "verdict"), *step ? " at " : "", step);
	return buf;
}

static void uplink_steps(struct doc *d, const json_t *uplink)
{
	static const char *const heads[] = { "Step", "", "At", "Seen" };
	const json_t *meter = json_object_get(uplink, "meter"), *one;
	char when[24], says[64];
	size_t i;

	doc_para(d, content_uplink_role(uplink), "%s, seen at %s of meter %s at %s",
		 content_uplink_says(uplink, says, sizeof(says)), content_time(uplink, "time", 16, when),
		 content_text(meter, "id"), content_text(meter, "target"));
	doc_table(d, "lllt", heads);
	json_array_foreach(json_object_get(uplink, "steps"), i, one) {
		doc_cell(d, "%s", content_text(one, "step"));
		doc_cell(d, "%s", content_text(one, "state"));
		doc_cell(d, "%s", content_time(one, "at", 19, when));
		doc_cell(d, "%s", content_text(one, "what"));
	}
	doc_table_end(d);
}

/* Seconds, or that they are not known. */
static const char *content_seconds(const json_t *o, const char *key, char *buf, size_t size)
{
	if (isnan(content_number(o, key)))
		snprintf(buf, size, "not known");
	else
		snprintf(buf, size, "%.1f s", content_number(o, key));
	return buf;
}

/* The values that came over both ways. */
static void uplink_pairs(struct doc *d, const json_t *compared)
{
	static const char *const heads[] = { "Value", "Uploaded", "Register", "" };
	char skew[32];
	size_t i;
	const json_t *one;

	if (!json_is_object(compared))
		return;
	doc_para(d, DOC_PLAIN, "Held against the registers at %s, read within %s:", content_text(compared, "target"),
		 content_seconds(compared, "skew_s", skew, sizeof(skew)));
	doc_table(d, "trrl", heads);
	json_array_foreach(json_object_get(compared, "values"), i, one) {
		doc_cell(d, "%s", content_text(one, "key"));
		doc_cell(d, "%.8g", content_number(one, "uploaded"));
		doc_cell(d, "%.8g", content_number(one, "register"));
		doc_cell(d, "%s", json_is_true(json_object_get(one, "agrees")) ? "agree" : "DIFFER");
	}
	doc_table_end(d);
}

void content_uplink(struct doc *d, const json_t *data)
{
	static const struct { const char *key, *what; } counts[] = {
		{ "uploads", "uploads" }, { "retained", "retained" }, { "duplicates", "again" },
		{ "out_of_order", "out of order" }, { "refused", "not understood" },
	};
	const json_t *uplink = json_object_get(data, "uplink");
	char set[32], seen[32], text[160] = "";
	size_t at = 0;

	doc_section(d, "Uplink");
	if (json_is_null(uplink)) {
		doc_para(d, DOC_DIM, "No proof of the wireless uplink was given.");
		return;
	}
	uplink_steps(d, uplink);
	for (size_t k = 0; k < sizeof(counts) / sizeof(*counts); k++)
		text_append(text, sizeof(text), &at, "%s%s %s", k ? ", " : "",
			    content_digits(content_number(uplink, counts[k].key), 0, set, sizeof(set)), counts[k].what);
	doc_para(d, DOC_DIM, "%s. Interval set: %s, seen: %s.", text,
		 content_seconds(uplink, "interval_set", set, sizeof(set)),
		 content_seconds(uplink, "interval_seen", seen, sizeof(seen)));
	uplink_pairs(d, json_object_get(uplink, "compared"));
}

/* ---- settings --------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
	return *text ? text : "\"\"";
}

static void overridden(struct doc *d, const json_t *changes)
{
	size_t i, n = 0;
	const json_t *one;

	json_array_foreach(changes, i, one) {
		const char *consent = content_text(one, "consent");

		if (!*consent || strcmp(content_text(one, "state"), "refused") == 0)
			continue;
		n++;
		doc_para(d, DOC_WARN, "%s was written although %s (%s).", content_text(one, "key"),
			 strcmp(consent, "switching") == 0 ? "it may switch a breaker"
			 : "its register is not published, or a misreading of it would do harm",
			 strcmp(consent, "switching") == 0 ? "--allow-switching, or agreed to on the screen"
			 : "--allow-provisional, or the simulated meter");
	}
	if (n == 0)
		doc_para(d, DOC_DIM, "No warning had to be overridden, as far as the journal and the profile tell; "
			 "the journal keeps no options of commands.");
}

void content_changes(struct doc *d, const json_t *data)
{
	static const char *const heads[] = { "Setting", "Before", "Written", "Holds now", "State", "When, by" };
	const json_t *changes = json_object_get(data, "changes"), *one;
	char when[24];
	size_t i;

	doc_section(d, "Settings changed");
	if (json_array_size(changes) == 0) {
		doc_para(d, DOC_DIM, "The journal of this computer has no write to this meter at %s; what was written "
			 "over another connection stands there under that.",
			 content_text(json_object_get(data, "meter"), "target"));
		return;
	}
	doc_table(d, "ltttlt", heads);
	json_array_foreach(changes, i, one) {
		const char *error = content_text(one, "error"), *unit = content_text(one, "unit");

		doc_cell(d, "%s%s%s", content_text(one, "key"), *unit ? ", " : "", unit);
		doc_cell(d, "%s", or_empty(content_text(one, "before")));
		doc_cell(d, "%s", or_empty(content_text(one, "want")));
		doc_cell(d, "%s%s", *content_text(one, "now") ? content_text(one, "now") : "not read",
			 json_is_false(json_object_get(one, "still")) ? " (changed since)" : "");
		doc_cell(d, "%s%s%s", content_text(one, "state"), *error ? ": " : "", error);
		doc_cell(d, "%s, %s", content_time(one, "last", 16, when), content_text(one, "who"));
	}
	doc_table_end(d);
	doc_para(d, DOC_DIM, "Before: ahead of the first write by this computer. Written: the last one, each "
		 "read back: verified, failed, or unknown when the meter did not answer any more.");
	overridden(d, changes);
}

void content_settings(struct doc *d, const json_t *data)
{
	/* plain text has no room for what it is: the key tells that, too */
	static const char *const heads[] = { "What it is", "Setting", "Value", "Known from" };
	size_t i;
	const json_t *one;

	doc_section(d, "Settings as they stand");
	if (json_array_size(json_object_get(data, "settings")) == 0) {
		doc_para(d, DOC_DIM, "None was read: a meter behind a broker sends them when it likes.");
		return;
	}
	doc_table(d, d->html ? "lltl" : "ltl", d->html ? heads : heads + 1);
	json_array_foreach(json_object_get(data, "settings"), i, one) {
		const char *value = content_text(one, "value"), *unit = content_text(one, "unit");

		if (d->html)
			doc_cell(d, "%s", content_text(one, "name"));
		doc_cell(d, "%s", content_text(one, "key"));
		doc_cell(d, "%s%s%s", *value ? value : *content_text(one, "error") ? content_text(one, "error") : "\"\"",
			 *value && *unit ? " " : "", *value ? unit : "");
		doc_cell(d, "%s%s", content_text(one, "from"),
			 json_is_true(json_object_get(one, "ambiguous")) ? "\xC2\xA0?" : "");
	}
	doc_table_end(d);
	doc_para(d, DOC_DIM, "?: the source can be read two ways; 'meterctl profile show KEY' says how.");
}

/* ---- what is missing ---------------------------------------------------------------- */

void content_missing(struct doc *d, const json_t *data)
{
	static const char *const heads[] = { "Point", "Why" };
	const json_t *list = json_object_get(data, "missing"), *one, *key;
	size_t i, k;

	if (json_array_size(list) == 0)
		return;
	doc_section(d, "Not read");
	doc_table(d, "tt", heads);
	json_array_foreach(list, i, one) {
		json_array_foreach(json_object_get(one, "keys"), k, key) {
			doc_cell(d, "%s", json_string_value(key));
			doc_cell(d, "%s", content_text(one, "error"));
		}
	}
	doc_table_end(d);
}

/* ---- where it comes from ----------------------------------------------------------- */

/* How many of the readings came by an upload and mean what FROM says. */
static size_t uploaded(const json_t *data, const char *from)
{
	size_t i, n = 0;
	const json_t *one;

	json_array_foreach(json_object_get(data, "readings"), i, one)
		n += strcmp(content_text(one, "from"), from) == 0;
	return n;
}

static void dialect(struct doc *d, const json_t *data)
{
	const json_t *o = json_object_get(json_object_get(data, "meter"), "dialect");

	if (!json_is_object(o))
		return;
	doc_cell(d, "Its uploads");
	doc_cell(d, "dialect %s: %s", content_text(o, "name"), content_text(o, "title"));
	doc_cell(d, "Their source");
	doc_cell(d, "%s", content_text(o, "source"));
	doc_cell(d, "Their values");
	doc_cell(d, "%zu here as documented, %zu as seen in public code, %zu as meterctl reads them",
		 uploaded(data, "manual"), uploaded(data, "public"), uploaded(data, "provisional"));
}

void content_origin(struct doc *d, const json_t *data)
{
	const json_t *meter = json_object_get(data, "meter"), *points = json_object_get(meter, "points");

	doc_section(d, "Where this comes from");
	doc_table(d, "lt", NULL);
	doc_cell(d, "Profile");
	doc_cell(d, "%s: %s (%s)", content_text(meter, "profile"), content_text(meter, "title"),
		 content_text(meter, "origin"));
	doc_cell(d, "Its source");
	doc_cell(d, "%s", content_text(meter, "source"));
	doc_cell(d, "Its points");
	doc_cell(d, "%.0f from the manual, %.0f from public sources, %.0f learned on a meter, %.0f provisional; "
		 "%.0f can be read two ways",
		 content_number(points, "manual"), content_number(points, "public"), content_number(points, "learned"),
		 content_number(points, "provisional"), content_number(points, "ambiguous"));
	dialect(d, data);
	doc_cell(d, "Made by");
	doc_cell(d, "%s %s at %s", content_text(json_object_get(data, "tool"), "name"),
		 content_text(json_object_get(data, "tool"), "version"), content_text(data, "time"));
	doc_table_end(d);
}

/* What a reader is to know first: what of the commissioning is done. */
void content_checklist(struct doc *d, const json_t *data)
{
	static const char *const heads[] = { "Item", "State", "" };
	const json_t *list = json_object_get(data, "checklist"), *one;
	double done = content_number(list, "done"), of = content_number(list, "of");
	size_t i;

	doc_section(d, "Checklist");
	doc_table(d, "llt", heads);
	json_array_foreach(json_object_get(list, "items"), i, one) {
		doc_cell(d, "%s", content_text(one, "title"));
		doc_cell(d, "%s", content_text(one, "state"));
		doc_cell(d, "%s", content_text(one, "why"));
	}
	doc_table_end(d);
	doc_para(d, done < of ? DOC_WARN : DOC_GOOD, "%.0f of %.0f done", done, of);
}

void report_content(struct doc *d, const json_t *data)
{
	content_checklist(d, data);
	content_summary(d, data);
	content_wiring(d, data);
	content_missing(d, data);
	content_live(d, data);
	content_ratios(d, data);
	content_harmonics(d, data);
	content_clock(d, data);
	content_uplink(d, data);
	content_changes(d, data);
	content_origin(d, data);
	content_settings(d, data);
}
