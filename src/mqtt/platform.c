#include "platform.h"

#include <stdlib.h>
#include <string.h>

/* An answer of ours comes back within this time, or never. */
#define ECHO_US 60000000LL

const char *const platform_event_names[PLATFORM_EVENTS] = {
	[PLATFORM_SEEN] = "seen", [PLATFORM_ASKED] = "asked", [PLATFORM_ANSWERED] = "answered",
	[PLATFORM_RIVAL] = "rival", [PLATFORM_OTHER] = "other", [PLATFORM_WISH] = "wish", [PLATFORM_KEPT] = "kept",
	[PLATFORM_CROWDED] = "crowded", [PLATFORM_NOTHING] = "nothing",
};

struct platform_meter {
	struct platform_meter *next;
	char sn[MQTT_NAME];
};

int platform_init(struct platform *p, int64_t now_us, int64_t listen_us, uint64_t seed, struct err *e)
{
	*p = (struct platform){ .listen_until_us = now_us + listen_us, .seed = seed };
	p->waiting = calloc(PLATFORM_WAITING, sizeof(*p->waiting));
	return p->waiting ? 0 : err_set(e, ERR_NO, "out of memory for answers");
}

void platform_release(struct platform *p)
{
	while (p->meters) {
		struct platform_meter *m = p->meters;

		p->meters = m->next;
		free(m);
	}
	free(p->waiting);
}

static uint64_t platform_hash(uint64_t h, const char *bytes, size_t n)
{
	/* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001B3ULL;
	return (h ^ n) * 0x100000001B3ULL;
}

static uint64_t hash_message(const char *topic, size_t topic_len, const char *payload, size_t n)
{
	return platform_hash(platform_hash(0xCBF29CE484222325ULL, topic, topic_len), payload, n);
}

/* Ours, come back? Each comes once: the same again was sent by somebody else. */
static bool take_echo(struct platform *p, const struct platform_message *m)
{
	uint64_t h = hash_message(m->topic, m->topic_len, m->payload, m->n);

	for (size_t i = 0; i < PLATFORM_ECHOES; i++)
		if (p->echoes[i].hash == h && p->echoes[i].at_us
		    && m->now_us - p->echoes[i].at_us < ECHO_US) {
			p->echoes[i].at_us = 0;
			p->echo_us = m->now_us;
			return true;
		}
	return false;
}

static void expect_echo(struct platform *p, const struct dialect_outgoing *l, int64_t now_us)
{
	p->echoes[p->echo].hash = hash_message(l->topic, strlen(l->topic), l->payload, l->n);
	p->echoes[p->echo].at_us = now_us;
	p->echo = (p->echo + 1) % PLATFORM_ECHOES;
}

static bool known(const struct platform *p, const char *sn)
{
	for (const struct platform_meter *m = p->meters; m; m = m->next)
		if (strcmp(m->sn, sn) == 0)
			return true;
	return false;
}

static void platform_remember(struct platform *p, const char *sn)
{
	struct platform_meter *m;

	if (known(p, sn))
		return;
	if (p->meters_answered == PLATFORM_METERS)
		return;
	p->meters_answered++;
	/* not remembered, its next answer is held back again: no harm */
	m = malloc(sizeof(*m));
	if (!m)
		return;
	memcpy(m->sn, sn, sizeof(m->sn));
	m->next = p->meters;
	p->meters = m;
}

/* The same question asked again while its answer waits: one answer will do. */
static struct platform_waiting *platform_asked_before(struct platform *p, const struct upload *up)
{
	for (size_t i = 0; i < p->nwaiting; i++)
		if (p->waiting[i].up.kind == up->kind && strcmp(p->waiting[i].up.sn, up->sn) == 0)
			return &p->waiting[i];
	return NULL;
}

static bool platform_wants(enum upload_kind kind)
{
	return kind == UPLOAD_LOGIN || kind == UPLOAD_TIME || kind == UPLOAD_PARA;
}

/* Is there one that is to leave? */
static bool platform_rivalled(const struct platform *p, int64_t now_us)
{
	return p->rival_us && now_us - p->rival_us <= PLATFORM_RIVAL_US;
}

/* Was ours before the one that came at NOW_US, so that the other one leaves? */
static bool platform_first(struct platform *p, int64_t now_us)
{
	if (!p->echo_us || now_us - p->echo_us > PLATFORM_FIRST_US)
		return false;
	if (platform_rivalled(p, now_us))
		return true;
	if (p->ties == PLATFORM_TIES)
		return false;
	p->ties++;
	p->rival_us = now_us;
	return true;
}

static int64_t platform_chance(struct platform *p)
{
	if (!p->seed)
		return 0;
	/* xorshift (Marsaglia, 2003) */
	p->seed ^= p->seed << 13;
	p->seed ^= p->seed >> 7;
	p->seed ^= p->seed << 17;
	return (int64_t)(p->seed % PLATFORM_CHANCE_US);
}

static enum platform_event take_down(struct platform *p, const struct upload *up,
				     const struct platform_message *m)
{
	/* a new value says no result, and the time has none to say */
	bool answer = up->has_result || up->kind == UPLOAD_LOGIN || up->kind == UPLOAD_TIME;

	if (!answer)
		return PLATFORM_WISH;
	if (take_echo(p, m))
		return PLATFORM_NOTHING;
	/* to what we have answered as well: another kind of answer is no race */
	if (platform_wants(up->kind) && known(p, up->sn) && platform_first(p, m->now_us))
		return PLATFORM_RIVAL;
	p->other = true;
	p->nwaiting = 0;
	return PLATFORM_OTHER;
}

enum platform_event platform_take(struct platform *p, const struct upload *up,
				  const struct platform_message *m)
{
	struct dialect_outgoing outgoing;
	int64_t due = m->now_us;
	bool held;

	if (m->retained)
		return PLATFORM_KEPT;
	if (m->duplicate)
		return PLATFORM_NOTHING;
	if (up->down)
		return take_down(p, up, m);
	if (p->other || !platform_wants(up->kind) || !up->sn[0] || !up->dialect->answer)
		return PLATFORM_SEEN;
	if (!up->dialect->answer(up, m->wall_us, &outgoing))
		return PLATFORM_SEEN;
	p->asked++;
	if (platform_asked_before(p, up)) {
		platform_asked_before(p, up)->up = *up;
		return PLATFORM_ASKED;
	}
	if (p->nwaiting == PLATFORM_WAITING) {
		p->crowded++;
		return PLATFORM_CROWDED;
	}
	/* after a tie chance decides again: no meter is known to be alone with us */
	held = !known(p, up->sn) || p->rival_us;
	due += held ? PLATFORM_HOLD_US : 0;
	due = due > p->listen_until_us ? due : p->listen_until_us;
	due += held ? platform_chance(p) : 0;
	p->waiting[p->nwaiting++] = (struct platform_waiting){ *up, due };
	return PLATFORM_ASKED;
}

/* Where the one waits that is due first; NWAITING: none does. */
static size_t first(const struct platform *p)
{
	size_t best = p->nwaiting;

	for (size_t i = 0; i < p->nwaiting; i++)
		if (best == p->nwaiting || p->waiting[i].due_us < p->waiting[best].due_us)
			best = i;
	return best;
}

bool platform_next(struct platform *p, int64_t now_us, int64_t wall_us, struct upload *up,
		   struct dialect_outgoing *out)
{
	size_t i = first(p);

	if (i == p->nwaiting || p->waiting[i].due_us > now_us)
		return false;
	*up = p->waiting[i].up;
	p->nwaiting--;
	memmove(&p->waiting[i], &p->waiting[i + 1], (p->nwaiting - i) * sizeof(p->waiting[0]));
	/* made now: it may tell the time */
	if (!up->dialect->answer(up, wall_us, out))
		return false;
	expect_echo(p, out, now_us);
	platform_remember(p, up->sn);
	p->answered++;
	return true;
}

int64_t platform_due(const struct platform *p)
{
	size_t i = first(p);

	return i < p->nwaiting ? p->waiting[i].due_us : INT64_MAX;
}
