#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_own.h"

#define NOTES_MAX 64	/* nobody fetches them: the oldest go */

static void broker_trace_keep(struct broker *b, enum trace_dir dir, const char *text)
{
	struct note *n, **at, *old = NULL;

	n = malloc(sizeof(*n) + strlen(text) + 1);
	if (!n)
		return;
	n->next = NULL;
	n->dir = dir;
	memcpy(n->text, text, strlen(text) + 1);
	pthread_mutex_lock(&b->lock);
	if (b->nnotes == NOTES_MAX) {
		old = b->notes;
		b->notes = old->next;
		b->nnotes--;
	}
	for (at = &b->notes; *at;)
		at = &(*at)->next;
	*at = n;
	b->nnotes++;
	pthread_mutex_unlock(&b->lock);
	free(old);
}

void broker_note(struct broker *b, const char *fmt, ...)
{
	char text[ERR_TEXT];
	va_list ap;

	if (!b->trace)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	broker_trace_keep(b, TRACE_NOTE, text);
}

void broker_note_down(struct broker *b, const struct err *why)
{
	if (b->trace)
		broker_trace_keep(b, TRACE_BAD, why->text);
}

static void emit_notes(struct broker *b)
{
	struct note *n;

	pthread_mutex_lock(&b->lock);
	n = b->notes;
	b->notes = NULL;
	b->nnotes = 0;
	pthread_mutex_unlock(&b->lock);
	while (n) {
		struct note *next = n->next;

		trace_emit(b->trace, n->dir, NULL, 0, n->text);
		free(n);
		n = next;
	}
}

void broker_trace(struct broker *b, const struct broker_message *list)
{
	if (!b->trace)
		return;
	emit_notes(b);
	for (; list; list = list->next) {
		const struct trace_frame f = {
			.dir = TRACE_IN, .at_us = list->at_us,
			.topic = list->topic, .topic_len = list->topic_len,
			.bytes = (const uint8_t *)list->payload, .n = list->n,
			.note = list->retained ? "retained" : list->duplicate ? "duplicate" : "",
		};

		trace_pass(b->trace, &f);
	}
}

void broker_trace_out(struct broker *b, const char *topic, const void *payload, size_t n)
{
	const struct trace_frame f = {
		.dir = TRACE_OUT, .topic = topic, .topic_len = strlen(topic),
		.bytes = payload, .n = n, .note = "",
	};

	broker_trace(b, NULL);
	trace_pass(b->trace, &f);
}
