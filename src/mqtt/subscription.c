#include "subscription.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mqtt/dialects/mapping.h"

static void subscription_add(struct subscription *s, const char *filter)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->filters[i], filter) == 0)
			return;
	if (s->n < SUBSCRIPTION_MAX)
		snprintf(s->filters[s->n++], sizeof(s->filters[0]), "%s", filter);
}

static void add_dialect(struct subscription *s, const struct dialect *d, const struct target_mqtt *t)
{
	char filters[UPLOAD_FILTERS][MQTT_TOPIC * 2];
	size_t n = d->filters(d, t, filters);

	for (size_t i = 0; i < n; i++)
		subscription_add(s, filters[i]);
}

static int choose_dialect(struct subscription *s, const struct target_mqtt *t, struct err *e)
{
	const struct dialect *d;
	const struct err *why;
	char list[400] = "";
	size_t at = 0;

	s->hint = NULL;
	if (!t->dialect[0])
		return 0;
	s->hint = dialect_find(t->dialect);
	if (s->hint)
		return 0;
	why = mapping_broken(0);
	if (why)
		return err_set(e, why->code, "no dialect '%s': %s", t->dialect, why->text);
	for (size_t i = 0; (d = dialect_nth(i)); i++)
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", d->name);
	return err_set(e, ERR_USAGE, "no dialect '%s'%s; there is %s%s", t->dialect,
		       t->sn[0] ? "" : " of many meters", list, t->sn[0] ? ", tunnel" : "");
}

/* FORM of one meter, or as a filter of all of them. */
static bool subscription_fill(char *buf, size_t size, const char *form, const struct target_mqtt *t)
{
	return t->sn[0] ? mqtt_fill(buf, size, form, t->sn) : mqtt_fill_any(buf, size, form);
}

int subscription_choose(struct subscription *s, const struct target_mqtt *t, struct err *e)
{
	const struct dialect *d;
	char filter[MQTT_TOPIC * 2];

	s->n = 0;
	s->will[0] = '\0';
	if (choose_dialect(s, t, e))
		return -1;
	if (t->topic[0]) {
		if (!subscription_fill(filter, sizeof(filter), t->topic, t))
			return err_set(e, ERR_USAGE, "topic '%s' is too long", t->topic);
		subscription_add(s, filter);
	} else if (s->hint) {
		add_dialect(s, s->hint, t);
	} else {
		for (size_t i = 0; (d = dialect_nth(i)); i++)
			add_dialect(s, d, t);
	}
	if (!t->will[0])
		return 0;
	if (!t->sn[0] && !strstr(t->will, "{sn}"))
		return err_set(e, ERR_USAGE, "will '%s' does not say whose it is: {sn} stands for the serial",
			       t->will);
	if (!subscription_fill(s->will, sizeof(s->will), t->will, t))
		return err_set(e, ERR_USAGE, "will '%s' is too long", t->will);
	subscription_add(s, s->will);
	return 0;
}

int subscription_subscribe(struct subscription *s, struct broker *b, struct err *e)
{
	struct err first = { 0 }, why;

	s->nrefused = 0;
	for (size_t i = 0; i < s->n; i++) {
		why = (struct err){ 0 };
		s->refused[i] = broker_subscribe(b, s->filters[i], &why);
		if (s->refused[i] && why.code != ERR_REFUSED) {
			*e = why;
			return -1;
		}
		if (s->refused[i] && s->nrefused++ == 0)
			first = why;
	}
	if (s->nrefused < s->n)
		return 0;
	*e = first;
	return -1;
}

#define SUBSCRIPTION_NAMED 4	/* filters of those that the broker refused */

static void subscription_say_refused(const struct subscription *s, void (*remark)(void *arg, const char *text), void *arg)
{
	size_t at = 0, named = 0;
	char text[400];

	for (size_t i = 0; i < s->n && named < SUBSCRIPTION_NAMED; i++)
		if (s->refused[i])
			text_append(text, sizeof(text), &at, "%s'%s'", named++ ? ", " : "not allowed by the broker's access list: ",
				    s->filters[i]);
	if (s->nrefused > named)
		text_append(text, sizeof(text), &at, " and %zu more", s->nrefused - named);
	text_append(text, sizeof(text), &at, " (the other topics are used; dialect=NAME asks for one dialect alone)");
	remark(arg, text);
}

void subscription_say(const struct subscription *s, void (*remark)(void *arg, const char *text), void *arg)
{
	const struct err *why;

	if (!remark)
		return;
	if (s->nrefused)
		subscription_say_refused(s, remark, arg);
	for (size_t i = 0; !s->hint && (why = mapping_broken(i)); i++)
		remark(arg, why->text);
}

const char *subscription_text(const struct subscription *s, size_t most, char *buf, size_t size)
{
	size_t at = 0;

	if (size > 0)
		buf[0] = '\0';
	for (size_t i = 0; i < s->n && i < most; i++)
		text_append(buf, size, &at, "%s'%s'", i ? ", " : "", s->filters[i]);
	if (s->n > most)
		text_append(buf, size, &at, " and %zu more", s->n - most);
	return buf;
}
