#!/usr/bin/env bash
# The recipes of CONTRIBUTING.md ("To add"), followed to the letter in a copy of the tree:
# each touches only the files it names, and what was added works.
# shellcheck disable=SC1003 # a row of a macro ends in a backslash
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/terminal.sh"
# shellcheck source=tests/mosquitto.sh
. "$(dirname "$0")/mosquitto.sh"

COPY=$TMP/copy
mkdir "$COPY"
(cd "$TOP" && cp -a Makefile mk src ui man README.md CONTRIBUTING.md completions "$COPY/")
cd "$COPY" || give_up "no $COPY"

# row FILE BEFORE TEXT: TEXT becomes a line of FILE, in front of the first that holds BEFORE
row() {
	FOUND=$(grep -nFm1 -- "$2" "$1" | cut -d: -f1)
	[ "$FOUND" ] || give_up "$1 has no line with: $2"
	sed -i "${FOUND}r /dev/stdin" "$1" <<<"$3"
	sed -i "${FOUND}{h;d};$((FOUND + 1)){G}" "$1"
}

# ---- a meter model
cat >src/profiles/toy.yaml <<'EOF'
profile: toy
title: A meter to play with
source: a test
live: [voltage.a]
groups:
  - group: voltage
    title: Voltages
    type: u16
    scale: 0.1
    decimals: 1
    unit: V
    access: r
    from: provisional
    points:
      - {key: voltage.a, at: 0, name: Voltage phase A}
vectors:
  - {at: 0, regs: [0x0905], expect: ["voltage.a=230.9"]}
EOF

# ---- a command
cat >src/cmd/toy.c <<'EOF'
#include <stdio.h>

#include "cmd.h"

struct toy_own {
	bool loud;
};

static const struct opt toy_opts[] = {
	OPT_FLAG(0, "loud", struct toy_own, loud, "say it loudly"),
};

static int toy_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct toy_own *own = a->own;

	(void)argv;
	if (cmd_words(&cmd_toy, argc, 0, 0, e))
		return -1;
	fputs(own->loud ? "TOY\n" : "toy\n", a->out);
	return 0;
}

const struct cmd cmd_toy = {
	.name = "toy",
	.args = "",
	.help = "says what it is",
	.opts = toy_opts,
	.nopts = sizeof(toy_opts) / sizeof(*toy_opts),
	.own_size = sizeof(struct toy_own),
	.run = toy_run,
};
EOF
row src/cmd/cmd.h 'X(tui)' '	X(toy) \'

# ---- a screen
cat >ui/screens/toy.c <<'EOF'
#include "ui/screen.h"

static void toy_draw(struct ui *u, void *state, WINDOW *w)
{
	(void)state;
	ui_text(u, w, 1, 2, 40, ROLE_NORMAL, "a screen to play with");
}

const struct screen_ops screen_toy = { .draw = toy_draw };
EOF
row ui/screens.h 'X(connect, ' '	X(toy, 0, "Toy", "Toy", SCREEN_ALWAYS, "a screen for a test") \'

# ---- a dialect
cat >src/mqtt/dialects/toy.c <<'EOF'
#include <stdio.h>
#include <string.h>

#include "upload.h"

static const struct dialect_item toy_items[] = {
	{ .name = "volts", .key = "voltage.a", .scale = 1, .kinds = 1U << UPLOAD_DATA, .note = "" },
};

static size_t toy_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	(void)d;
	(void)t;
	strcpy(out[0], "toy/+");
	return 1;
}

static bool toy_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root)
{
	(void)d;
	(void)root;
	return n > 4 && strncmp(topic, "toy/", 4) == 0;
}

static int toy_decode(const char *topic, size_t n, const struct node *root, struct upload *out,
		      struct err *e)
{
	(void)root;
	(void)e;
	snprintf(out->sn, sizeof(out->sn), "%.*s", (int)(n - 4), topic + 4);
	out->kind = UPLOAD_DATA;
	out->n = 1;
	out->values[0].item = 0;
	out->values[0].num = 231.5;
	return 0;
}

const struct dialect dialect_toy = {
	.name = "toy", .title = "a toy", .source = "a test", .from = FROM_MANUAL,
	.items = toy_items, .nitems = 1,
	.filters = toy_filters, .recognise = toy_recognise, .decode = toy_decode,
};
EOF
row src/mqtt/dialects/dialect.h 'X(shadow, "shadow")' '	X(toy, "toy") \'

# ---- a transport
cat >src/link/toy.c <<'EOF'
#include "link.h"

struct link *toy_link_open(const struct target *t, const struct link_opts *o,
			   int cancel_fd, struct err *e)
{
	(void)o;
	(void)cancel_fd;
	err_set(e, ERR_SILENT, "a toy has no line to '%s' port %d", t->host, t->port);
	return NULL;
}
EOF
row src/target/schemes.h 'SCHEME(SIM, ' 'SCHEME(TOY, "toy:", 99, network, 1, 247, TOY, SCHEME_NETWORK, toy, "toy", "A toy")'

# ---- a format
cat >src/output/toy.c <<'EOF'
#include "printer.h"

static int toy_row(struct printer *p, const struct cell *cells, struct err *e)
{
	(void)cells;
	(void)e;
	fputs("a row\n", p->f);
	return 0;
}

const struct format format_toy = { .name = "toy", .form = IN_CELLS, .row = toy_row };
EOF
row src/output/format.h 'LAST(influx)' '	MORE(toy) \'

# ---- what was touched
is "$(cd "$TOP" && for f in Makefile mk src ui man README.md CONTRIBUTING.md completions; do
	diff -rq "$f" "$COPY/$f"
done | sed -E "s|^Only in $COPY/([^:]*): |new \\1/|; s|^Files ([^ ]*) and .*|row \\1|" | sort)" "$(sort <<'EOF'
new src/profiles/toy.yaml
new src/cmd/toy.c
row src/cmd/cmd.h
new ui/screens/toy.c
row ui/screens.h
new src/mqtt/dialects/toy.c
row src/mqtt/dialects/dialect.h
new src/link/toy.c
new src/output/toy.c
row src/output/format.h
row src/target/schemes.h
EOF
)" "a file each and a row, but for the model, which is a file alone"

run make -s -j2 CFLAGS=-O1 BUILD=build/toys build/toys/meterctl
[ "$RC" -eq 0 ]
ok $? "it builds" || give_up "$(head -n 20 "$TMP/err")"
TOYS=$COPY/build/toys/meterctl

run "$TOYS" profile check toy
is "$RC" 0 "the model: its vectors hold" || diag "$OUT$ERR"
run "$TOYS" -c sim: -p toy read
like "$OUT" "voltage.a" "and its points are read"

run "$TOYS" toy --loud
is "$OUT" TOY "the command runs, with its option"
run "$TOYS" --help
like "$OUT" "^  toy +says what it is" "it is in the help"
run "$TOYS" completion bash
like "$OUT" "toy" "and in the completions"

run "$TOYS" -c toy:here get voltage.a
is "$RC" 3 "the transport is opened"
like "$ERR" "a toy has no line to 'here' port 99" "by its own function"
run "$TOYS" -c nothing get voltage.a
like "$ERR" "toy:HOST" "and is named where targets are"

run "$TOYS" -c sim: -f toy read voltage
is "$RC:$(sort -u <<<"$OUT")" "0:a row" "the format has every row"
run "$TOYS" -f toy profile list
is "$RC:$(sort -u <<<"$OUT")" "0:a row" "of every command"
run "$TOYS" -f nothing read
like "$ERR" "csv, toy" "and is named where formats are"

mosquitto_start plain
"$TOYS" -c "mqtt://127.0.0.1:$BROKER_PORT/7" "${PATIENT[@]}" get voltage.a >"$TMP/dialect.out" 2>"$TMP/dialect.err" &
tap_server[$!]=dialect
heard() {
	mosquitto_pub -p "$BROKER_PORT" -t toy/7 -m '{"volts": 1}'
	[ -s "$TMP/dialect.out" ]
}
wait_for heard
is "$(cat "$TMP/dialect.out")" 231.5 "the dialect is recognised, and its values are"
run "$TOYS" simulate --help
like "$OUT" "--dialect" "simulate has it"
run "$TOYS" completion bash
like "$OUT" "json-v2 acrelhw toy shadow tunnel" "and so have the completions"

PROGRAM=$TOYS
start_screens -c sim:
keys ':' ; keys -l 'toy'; keys Enter
shows 'a screen to play with' "the screen is reached by its name"
keys '?'
shows 'a screen for a test' "and is in the help"

done_testing
