/*
 * What another tool has set, from the frames of its line. The maps and tools here are made up
 * at random, with an encoder of their own; a claim is right when writing by it leaves the same
 * registers as the meter's own form of the value.
 */
#include <stdlib.h>
#include <string.h>

#include "learn/learn.h"
#include "unit.h"

#define MAPS 200
#define KEYS 4
#define SEEDS 5

static uint64_t luck;

static unsigned dice(unsigned n)
{
	luck ^= luck << 13;
	luck ^= luck >> 7;
	luck ^= luck << 17;
	return (unsigned)(luck >> 20) % n;
}

/* ---- a line ------------------------------------------------------------------------ */

static struct learn learn;
static struct splitter splitter;
static int64_t now_us;
static uint16_t meter[65536];

static void feed(const uint8_t *bytes, size_t n)
{
	struct cut c;

	now_us += 60000;	/* so that silence ends what has no length */
	while (splitter_next(&splitter, now_us, &c))
		learn_take(&learn, &c);
	splitter_feed(&splitter, bytes, n, now_us);
	while (splitter_next(&splitter, now_us, &c))
		learn_take(&learn, &c);
}

static void drain(void)
{
	struct cut c;

	while (splitter_next(&splitter, INT64_MAX / 2, &c))
		learn_take(&learn, &c);
}

/* Modbus over Serial Line V1.02, 6.2.2, bit by bit. */
static void send(const uint8_t *b, size_t n)
{
	uint8_t bytes[300];
	unsigned crc = 0xFFFF;

	memcpy(bytes, b, n);
	for (size_t i = 0; i < n; i++) {
		crc ^= b[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	bytes[n] = (uint8_t)crc;
	bytes[n + 1] = (uint8_t)(crc >> 8);
	feed(bytes, n + 2);
}

enum answer { ACK, REFUSE, MUTE };

static void tool_write(uint16_t addr, const uint16_t *regs, unsigned n, bool single, enum answer answer)
{
	uint8_t b[300] = { 1, single ? 6 : 0x10, (uint8_t)(addr >> 8), (uint8_t)addr };
	size_t at = 4;

	if (!single) {
		b[at++] = 0;
		b[at++] = (uint8_t)n;
		b[at++] = (uint8_t)(2 * n);
	}
	for (unsigned i = 0; i < n; i++) {
		b[at++] = (uint8_t)(regs[i] >> 8);
		b[at++] = (uint8_t)regs[i];
	}
	send(b, at);
	if (answer == ACK) {
		memcpy(&meter[addr], regs, n * sizeof(*regs));
		send(b, 6);
	} else if (answer == REFUSE) {
		send((uint8_t[]){ 1, b[1] | 0x80, 2 }, 3);
	}
}

static void tool_read(uint16_t addr, unsigned n)
{
	uint8_t b[300] = { 1, 3, (uint8_t)(addr >> 8), (uint8_t)addr, 0, (uint8_t)n };

	send(b, 6);
	b[2] = (uint8_t)(2 * n);
	for (unsigned i = 0; i < n; i++) {
		b[3 + 2 * i] = (uint8_t)(meter[addr + i] >> 8);
		b[4 + 2 * i] = (uint8_t)meter[addr + i];
	}
	send(b, 3 + 2 * n);
}

static void begin(void)
{
	struct err e;

	memset(&splitter, 0, sizeof(splitter));
	memset(meter, 0, sizeof(meter));
	assert_int_equal(learn_init(&learn, &e), 0);
}

static void want(const char *key, const char *value)
{
	struct err e = { 0 };
	bool seconds = strcmp(key, "interval") == 0;

	if (learn_want(&learn, key, value, seconds, strcmp(key, "port") == 0 ? 65535 : seconds ? 86400 : 0, false, &e))
		fail_msg("%s", e.text);
}

static struct learn_found found_of(size_t i)
{
	struct learn_found f;

	drain();
	learn_find(&learn, i, &f);
	return f;
}

/* ---- a meter's own form -------------------------------------------------------------- */

enum kind { TEXT, NUMBER, MINUTES, DIGITS, ADDRESS };

struct kept {
	enum kind kind;
	bool swap_bytes, swap_words, blank;
	unsigned words;
	uint16_t at;
};

static uint16_t both(unsigned hi, unsigned lo, bool swap)
{
	return (uint16_t)(swap ? lo << 8 | hi : hi << 8 | lo);
}

/* VALUE as K keeps it. */
static void keep(const struct kept *k, const char *value, uint16_t *out)
{
	unsigned long v = strtoul(value, NULL, 10), digits = 0;
	unsigned a, b, c, d;

	if (k->kind == TEXT) {
		size_t n = strlen(value);
		unsigned pad = k->blank ? ' ' : 0;

		for (unsigned i = 0; i < k->words; i++)
			out[i] = both(2 * i < n ? (unsigned char)value[2 * i] : pad,
				      2 * i + 1 < n ? (unsigned char)value[2 * i + 1] : pad, k->swap_bytes);
		return;
	}
	if (k->kind == ADDRESS) {
		assert_int_equal(sscanf(value, "%u.%u.%u.%u", &a, &b, &c, &d), 4);
		out[k->swap_words] = both(a, b, k->swap_bytes);
		out[!k->swap_words] = both(c, d, k->swap_bytes);
		return;
	}
	if (k->kind == MINUTES)
		v /= 60;
	for (unsigned i = 0; k->kind == DIGITS && i < 8; i++, v /= 10)
		digits |= v % 10 << 4 * i;
	v = k->kind == DIGITS ? digits : v;
	if (k->words == 1) {
		out[0] = (uint16_t)v;
		return;
	}
	out[k->swap_words] = (uint16_t)(v >> 16);
	out[!k->swap_words] = (uint16_t)v;
}

/* As the claim says it: profile/codec.c does the same from the draft. */
static struct kept claimed(const struct learn_place *p)
{
	struct kept k = { .swap_bytes = p->form.order & 2, .swap_words = p->form.order & 1, .words = p->words, .at = p->addr };

	k.kind = p->form.type == TYPE_STRING ? TEXT : p->form.type == TYPE_BCD ? DIGITS : p->form.type == TYPE_IPV4 ? ADDRESS
	       : p->form.scale == 60 ? MINUTES : NUMBER;
	k.blank = p->form.pad == ' ';
	return k;
}

/* Does writing VALUE by CLAIM leave what the meter keeps for it? A claim may know fewer words
 * of a text than there are. */
static bool writes_the_same(const struct kept *truth, const struct kept *claim, const char *value)
{
	uint16_t a[65536 / 512] = { 0 }, b[65536 / 512] = { 0 }, regs[FORM_WORDS] = { 0 };
	int base = truth->at < claim->at ? truth->at : claim->at;

	if (claim->at - base > 64 || truth->at - base > 64)
		return false;
	keep(truth, value, regs);
	memcpy(a + (truth->at - base), regs, truth->words * sizeof(*regs));
	memset(regs, 0, sizeof(regs));
	keep(claim, value, regs);
	memcpy(b, meter + base, 32 * sizeof(*b));	/* what is not written stays */
	memcpy(b + (claim->at - base), regs, claim->words * sizeof(*regs));
	if (truth->kind == TEXT && claim->kind == TEXT)
		return truth->at == claim->at && claim->words <= truth->words
		    && memcmp(a, b, claim->words * sizeof(*a)) == 0;
	return memcmp(a + (truth->at - base), b + (truth->at - base), truth->words * sizeof(*a)) == 0;
}

static bool claim_is_right(const struct kept *truth, const struct learn_found *f, const char *key)
{
	static const char *const texts[] = { "ab", "cmnet", "x.yz" }, *const addresses[] = { "10.20.30.40", "192.168.1.200" };
	struct kept claim = claimed(&f->place);

	for (int i = 0; i < 12; i++) {
		unsigned most = f->limit > 0 ? (unsigned)f->limit : strcmp(key, "port") == 0 ? 65535 : 86400;
		unsigned step = truth->kind == MINUTES || claim.kind == MINUTES ? 60 : 1, v;
		char value[40];

		if (truth->kind == DIGITS && truth->words == 1 && most > 9999)
			most = 9999;
		if ((truth->kind == NUMBER || truth->kind == MINUTES) && truth->words == 1 && most > 65535 * step)
			most = 65535 * step;
		v = most > step ? step * (1 + dice(most / step)) : step;
		if (truth->kind == TEXT)
			snprintf(value, sizeof(value), "%s", i % 2 || strcmp(key, "host") ? texts[i % 3] : addresses[0] + 0);
		else if (truth->kind == ADDRESS)
			snprintf(value, sizeof(value), "%s", addresses[i % 2]);
		else
			snprintf(value, sizeof(value), "%u", v);
		if (truth->kind == TEXT && strlen(value) > 2 * claim.words)
			continue;
		if (truth->kind != TEXT && claim.kind == TEXT)
			return false;
		if (!writes_the_same(truth, &claim, value))
			return false;
	}
	return true;
}

/* ---- a map and a tool, at random ------------------------------------------------------- */

static const char *const keys[KEYS] = { "apn", "host", "port", "interval" };

struct tool {
	struct kept kept[KEYS];
	char value[KEYS][40], second[KEYS][40];
	bool twice[KEYS];		/* the first value went to another register, too */
	uint16_t unlock_at, save_at, unlock, save, twin[KEYS];
	bool unlocks, each, reads, block;
};

/* An address of which nothing within 64 is taken. */
static uint16_t place(bool *taken)
{
	uint16_t at;

	do
		at = (uint16_t)(100 + dice(65000));
	while (taken[at / 64] || taken[at / 64 + 1] || taken[at / 64 - 1]);
	taken[at / 64] = true;
	return at;
}

static void letters(char *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (char)('a' + dice(26));
	/* a pair of two alike reads the same in either order; one that is not tells them apart */
	out[0] = 'q';
	out[1] = 'b';
	out[n] = '\0';
}

/* The registers that the number V may be, in any form. */
static void forms(unsigned v, unsigned out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned n = i < 2 ? v : v / 60;

		out[i] = n;
		for (unsigned at = 0, k = n; i % 2 && at < 32; at += 4, k /= 10)
			out[i] = at ? out[i] | k % 10 << at : k % 10;
	}
}

/* Could port and interval be taken for each other? Then nothing can be known, by chance. */
static bool alike(const char *port, const char *interval)
{
	unsigned a[4], b[4];

	forms((unsigned)atoi(port), a);
	forms((unsigned)atoi(interval), b);
	for (int i = 0; i < 16; i++)
		if (i / 4 < 2 && a[i / 4] == b[i % 4])
			return true;
	return false;
}

static void make_values(struct tool *t, char value[KEYS][40])
{
	letters(value[0], 4 + dice(12));
	if (t->kept[1].kind == ADDRESS || dice(2))
		snprintf(value[1], 40, "10.%u.%u.%u", 20 + dice(200), 1 + dice(18), 40 + dice(180));
	else
		letters(value[1], 6 + dice(20));
	do {
		snprintf(value[2], 40, "%u", 1024 + dice(8900));
		/* whole minutes, 10 at least */
		snprintf(value[3], 40, "%u", 60 * (10 + dice(150)));
	} while (alike(value[2], value[3]));
}

static void make_tool(struct tool *t)
{
	bool taken[65536 / 64 + 2] = { false };

	memset(t, 0, sizeof(*t));
	t->kept[0] = (struct kept){ .kind = TEXT, .words = 8 + dice(20) };
	t->kept[1] = dice(3) ? (struct kept){ .kind = TEXT, .words = 13 + dice(19) }
			     : (struct kept){ .kind = ADDRESS, .words = 2, .swap_words = dice(2) };
	t->kept[2] = (struct kept){ .kind = dice(3) ? NUMBER : DIGITS, .words = 1 + dice(2), .swap_words = dice(2) };
	t->kept[3] = (struct kept){ .kind = dice(2) ? NUMBER : dice(2) ? MINUTES : DIGITS, .words = 1 + dice(2), .swap_words = dice(2) };
	for (int i = 0; i < KEYS; i++) {
		t->kept[i].at = place(taken);
		t->kept[i].swap_bytes = i < 2 && dice(2);
		t->kept[i].blank = dice(2);
		t->twice[i] = dice(5) == 0;
		t->twin[i] = place(taken);
	}
	t->unlocks = dice(2);
	t->each = dice(2);
	t->reads = dice(2);
	t->unlock_at = place(taken);
	t->save_at = place(taken);
	t->unlock = (uint16_t)(40000 + dice(20000));
	t->save = (uint16_t)(40000 + dice(20000));
	make_values(t, t->value);
	do
		make_values(t, t->second);
	while (alike(t->second[2], t->value[3]) || alike(t->value[2], t->second[3]) || strcmp(t->second[3], t->value[3]) == 0
	       || strcmp(t->second[2], t->value[2]) == 0);
}

static void write_one(const struct tool *t, int i, const char *value, uint16_t at)
{
	uint16_t regs[FORM_WORDS];
	unsigned n = t->kept[i].words;

	keep(&t->kept[i], value, regs);
	tool_write(at, regs, n, n == 1 && dice(2), ACK);
	if (t->reads)
		tool_read((uint16_t)(at - dice(10)), n + 10);
}

/* Everything the tool writes when a person presses its button. */
static void press(const struct tool *t, char value[KEYS][40], bool twins)
{
	const uint16_t other = (uint16_t)(40000 + dice(20000));

	tool_read(20000, 100);
	for (int i = 0; i < KEYS; i++) {
		if (t->unlocks && (i == 0 || t->each))
			tool_write(t->unlock_at, &t->unlock, 1, false, ACK);
		write_one(t, i, value[i], t->kept[i].at);
		if (t->twice[i] && twins)
			write_one(t, i, value[i], t->twin[i]);
		if (t->each)
			tool_write((uint16_t)(60000 + i), &other, 1, true, ACK);
		if (t->unlocks && (i == KEYS - 1 || t->each))
			tool_write(t->save_at, &t->save, 1, true, ACK);
	}
}

struct score {
	int claims, wrong, unique, missed;
};

static void judge(const struct tool *t, int map, bool second, struct score *s)
{
	for (int i = 0; i < KEYS; i++) {
		struct learn_found f = found_of((size_t)i);
		bool unique = second || !t->twice[i];

		s->unique += unique;
		s->claims += f.state == LEARN_FOUND;
		if (f.state == LEARN_FOUND && !claim_is_right(&t->kept[i], &f, keys[i])) {
			s->wrong++;
			print_error("map %d, %s '%s': claimed at %u, is at %u (%s)\n", map, keys[i], t->value[i], f.place.addr,
				    t->kept[i].at, f.why);
		} else if (f.state != LEARN_FOUND && unique) {
			s->missed++;
			print_error("map %d, %s '%s': %s: %s\n", map, keys[i], t->value[i], learn_state_names[f.state], f.why);
		} else if (f.state == LEARN_FOUND && !unique) {
			s->wrong++;
			print_error("map %d, %s '%s' stands at two places\n", map, keys[i], t->value[i]);
		}
	}
}

static void judge_around(const struct tool *t, struct score *s)
{
	struct learn_found found[KEYS];
	struct learn_around a;
	bool all = true;

	for (size_t i = 0; i < KEYS; i++) {
		found[i] = found_of(i);
		all = all && found[i].state == LEARN_FOUND;
	}
	if (!all)
		return;
	learn_around(&learn, found, &a);
	if (a.unlock && (!t->unlocks || a.unlock->addr != t->unlock_at || a.unlock->regs[0] != t->unlock))
		s->wrong++, print_error("unlock claimed at %u\n", a.unlock->addr);
	if (a.commit && t->unlocks && (a.commit->addr != t->save_at || a.commit->regs[0] != t->save))
		s->wrong++, print_error("commit claimed at %u\n", a.commit->addr);
	if (t->unlocks && (!a.unlock || !a.commit))
		s->missed++, print_error("unlock or commit not found\n");
}

static void random_maps(void **state)
{
	struct score first = { 0 }, second = { 0 };

	(void)state;
	for (int map = 0; map < MAPS * SEEDS; map++) {
		struct tool t;

		luck = 0x9E3779B97F4A7C15ULL * (unsigned)(map + 1);
		make_tool(&t);
		begin();
		for (int i = 0; i < KEYS; i++)
			want(keys[i], t.value[i]);
		press(&t, t.value, true);
		judge(&t, map, false, &first);
		learn_release(&learn);

		/* and once more, with a second value of each that goes to one place only */
		begin();
		for (int i = 0; i < KEYS; i++) {
			want(keys[i], t.value[i]);
			want(keys[i], t.second[i]);
		}
		press(&t, t.value, true);
		press(&t, t.second, false);
		judge(&t, map, true, &second);
		judge_around(&t, &second);
		learn_release(&learn);
	}
	print_message("# %d maps: %d claims, %d wrong; %d unique, %d missed; with a second value %d claims, %d wrong, %d missed\n",
		      MAPS * SEEDS, first.claims, first.wrong, first.unique, first.missed, second.claims, second.wrong, second.missed);
	assert_int_equal(first.wrong + second.wrong, 0);
	assert_int_equal(first.missed + second.missed, 0);
	assert_true(first.claims > MAPS * SEEDS * KEYS / 2);
}

/* ---- what cannot be known ------------------------------------------------------------------ */

static void expect(size_t i, enum learn_state state, const char *why)
{
	struct learn_found f = found_of(i);

	if (f.state != state || !strstr(f.why, why))
		fail_msg("%s: %s, not %s: %s", learn_state_names[f.state], f.why, learn_state_names[state], why);
}

static void number(uint16_t addr, uint16_t v, enum answer answer)
{
	tool_write(addr, &v, 1, true, answer);
}

static void doubts_are_no_claims(void **state)
{
	static const uint16_t block[] = { 0, 300, 7 }, alike[] = { 0x6161, 0x6262 }, part[] = { 0x7878, 0x636D, 0x696F, 0x7400 };

	(void)state;
	begin();
	want("interval", "300");
	expect(0, LEARN_UNSEEN, "not seen");
	number(700, 300, MUTE);
	expect(0, LEARN_UNPROVEN, "acknowledge");
	number(800, 300, ACK);
	expect(0, LEARN_SEVERAL, "2 places");
	learn_release(&learn);

	/* a part of a block: the zero before it may belong to it */
	begin();
	want("interval", "300");
	tool_write(700, block, 3, false, ACK);
	expect(0, LEARN_SEVERAL, "beside it is 0");
	assert_string_equal(found_of(0).second, "86400");
	learn_release(&learn);

	/* the same in either order; a part of other text */
	begin();
	want("apn", "aabb");
	want("host", "cmiot");
	tool_write(700, alike, 2, false, ACK);
	expect(0, LEARN_SEVERAL, "2 forms");
	tool_write(800, part, 4, false, ACK);
	expect(1, LEARN_SEVERAL, "other text");
	learn_release(&learn);
}

static void a_claim_says_how_far_it_goes(void **state)
{
	static const uint16_t two[] = { 0, 1883 };
	struct learn_found f;

	(void)state;
	begin();
	want("interval", "300");
	number(700, 5, ACK);	/* minutes, a number or digits */
	f = found_of(0);
	assert_int_equal(f.state, LEARN_FOUND);
	assert_int_equal(f.place.form.scale, 60);
	assert_true(f.limit == 540);
	learn_release(&learn);

	begin();
	want("level", "1883");
	tool_write(700, two, 2, false, ACK);
	f = found_of(0);
	assert_int_equal(f.state, LEARN_FOUND);
	assert_int_equal(f.place.addr, 700);
	assert_true(f.limit == 65535);
	learn_release(&learn);
}

static void rejected_is_not_written(void **state)
{
	(void)state;
	begin();
	want("interval", "1234");
	number(700, 1234, REFUSE);
	expect(0, LEARN_UNPROVEN, "acknowledge");
	/* one of the two is it: the meter rejected the other for a reason nobody knows */
	number(800, 1234, ACK);
	expect(0, LEARN_SEVERAL, "2 places");
	learn_release(&learn);
}

static void private_functions_are_beyond(void **state)
{
	uint8_t b[] = { 1, 0x20, 0x68, 'c', 'm', 'i', 'o', 't', 0x16 };
	static const uint16_t text[] = { 0x636D, 0x696F, 0x7400 };

	(void)state;
	begin();
	want("apn", "cmiot");
	send(b, sizeof(b));
	drain();
	expect(0, LEARN_BEYOND, "20H");
	learn_release(&learn);

	begin();
	want("apn", "cmiot");
	send(b, sizeof(b));
	feed((uint8_t[]){ 0 }, 0);
	tool_write(700, text, 3, false, ACK);
	expect(0, LEARN_SEVERAL, "20H");
	learn_release(&learn);
}

static void reads_alone_prove_little(void **state)
{
	static const char text[] = "cmiot.example";

	(void)state;
	begin();
	want("apn", text);
	want("interval", "300");
	for (size_t i = 0; i < sizeof(text); i++)
		meter[900 + i / 2] |= (uint16_t)((unsigned char)text[i] << (i % 2 ? 0 : 8));
	meter[950] = 300;
	tool_read(890, 100);
	expect(0, LEARN_UNPROVEN, "read");
	expect(1, LEARN_UNPROVEN, "read");
	learn_release(&learn);

	/* it came while the line was heard */
	begin();
	want("apn", text);
	want("interval", "300");
	tool_read(890, 100);
	for (size_t i = 0; i < sizeof(text); i++)
		meter[900 + i / 2] |= (uint16_t)((unsigned char)text[i] << (i % 2 ? 0 : 8));
	meter[950] = 300;
	tool_read(890, 100);
	assert_int_equal(found_of(0).state, LEARN_FOUND);
	assert_true(found_of(0).reads_only);
	assert_int_equal(found_of(0).place.addr, 900);
	expect(1, LEARN_UNPROVEN, "read");
	learn_release(&learn);
}

static void secrets_are_told(void **state)
{
	uint8_t b[] = { 1, 0x10, 0, 10, 0, 2, 4, 'p', 'a', 's', 's', 0, 0 };
	uint8_t part[] = { 1, 6, 0, 10, 's', 's', 0, 0 };
	struct cut c = { .kind = CUT_REQUEST, .bytes = b, .n = sizeof(b), .unit = 1, .function = 0x10 };
	struct err e;

	(void)state;
	begin();
	assert_int_equal(learn_want(&learn, "password", "pass", false, 0, true, &e), 0);
	assert_true(learn_take(&learn, &c));
	b[7] = 'g';
	assert_false(learn_take(&learn, &c));

	/* register by register, and the echo of each */
	c = (struct cut){ .kind = CUT_REQUEST, .bytes = part, .n = sizeof(part), .unit = 1, .function = 6 };
	assert_true(learn_take(&learn, &c));
	c.kind = CUT_REPLY;
	c.paired = true;
	assert_true(learn_take(&learn, &c));
	learn_release(&learn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_maps),
		cmocka_unit_test(doubts_are_no_claims),
		cmocka_unit_test(a_claim_says_how_far_it_goes),
		cmocka_unit_test(rejected_is_not_written),
		cmocka_unit_test(private_functions_are_beyond),
		cmocka_unit_test(reads_alone_prove_little),
		cmocka_unit_test(secrets_are_told),
	};

	return UNIT_RUN(tests);
}
