#!/usr/bin/env bash
# What can be said without running it: static checks, the layers of the house,
# the manual against the tables.
. "$(dirname "$0")/tap.sh"

cd "$TOP" || give_up "no $TOP"
BUILD=${BUILD:-build/default}

# silent NAME COMMAND...: succeeds and has nothing to say
silent() {
	local name=$1

	shift
	run "$@"
	[ "$RC" -eq 0 ] && [ -z "$OUT$ERR" ]
	ok $? "$name" || diag "$(cat "$TMP/out" "$TMP/err" | head -n 20)"
}

silent "cppcheck" cppcheck -q -j"$(nproc)" --std=c11 --enable=warning,performance,portability \
	--inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 \
	-D_GNU_SOURCE '-DMETERCTL_VERSION="0"' -I src -I . src ui tests/unit tests/fuzz
mapfile -t scripts < <(find tests mk .ci -name '*.sh' -o -name '*.bash' -o -path .ci/run | sort)
silent "shellcheck" shellcheck -x -P SCRIPTDIR -e SC2317 "${scripts[@]}"
silent "shellcheck of the bash completion" shellcheck completions/meterctl.bash
silent "the zsh completion parses" zsh -n completions/_meterctl
silent "the fish completion parses" fish --no-execute completions/meterctl.fish
for page in man/*.[1-9]; do
	silent "mandoc $page" mandoc -Tlint -W warning "$page"
done
for file in tests/*/*.py; do
	silent "$file compiles" "$PYTHON" -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$file"
done
silent "every row of tests/mutants still applies" "$PYTHON" tests/mutants/run.py --check

# ---- what starting costs
[ -s "$BUILD/profiles.o" ]
ok $? "the compiled-in profiles are built"
is "$(readelf -SW "$BUILD/profiles.o" | grep -oE '\.rela?\.(data|rodata)[^ ]*')" "" \
	"and leave the dynamic loader no pointer to set (src/profile/builtin.h)"

# ---- layers
is "$(grep -rnE '#include <(ncurses|curses|form|panel|menu|term\.h|readline)' src)" "" "src/ includes no screen library"
is "$(grep -rnE 'scheme *[!=]= *SCHEME_|case SCHEME_' src ui)" "" "nobody asks which scheme a target has, but what it can do"
[ -x "$BUILD/src-alone" ]
ok $? "the objects of src/ link without curses and readline" || diag "make $BUILD/src-alone"
is "$(readelf -d "$BUILD/src-alone" | grep -E 'NEEDED.*(curses|tinfo|readline|form|panel)')" "" "nor do its libraries bring them in"
is "$(grep -rnE '\b(printf|puts|putchar)\(|[(, ]std(out|err)(, |\)[ ;])' src/cmd | grep -vE '^src/cmd/app\.c:|: \* |"[^"]*stdout')" "" \
	"commands print to the streams they are given (app.h)"
is "$(grep -nE '^(static )?[a-z][a-z_ ]*[a-z0-9_*]+(\[[^]]*\])*( = .*)?;' src/cmd/*.c | grep -vE '\bconst\b|\bvolatile sig_atomic_t signalled(_by)?;|\bvolatile sig_atomic_t signalled = -1;')" "" \
	"and keep nothing of one run for the next"
is "$(grep -rlE '\blink_write\(' src ui --include='*.c' | grep -v '^src/link/' | xargs)" "src/write/plan_around.c" \
	"registers are written by one engine"
is "$(grep -rnE '\b(TODO|FIXME|XXX)\b' src ui tests --include='*.[ch]' --include='*.sh' | grep -v 'tests/lint.sh')" "" \
	"nothing is left for later"
is "$(grep -rnE '(^|[;&|[:blank:]])(sleep|usleep) +[0-9$]' tests --include='*.sh' --include='*.bash')" "" \
	"no test sleeps to synchronise"
is "$(grep -rnE '#include <(ctype|wctype|strings)\.h>|\b(strn?casecmp|strcasestr|strcoll|strxfrm|to(lower|upper)|is(al(num|pha)|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)) *\(' src ui | grep -v '^src/base/ascii.h:')" "" \
	"letters and words are compared as ASCII (ascii.h), in any locale"
is "$(grep -rnE '\bsetlocale *\(' src ui | grep -v 'setlocale(LC_CTYPE, "")')" "" "and numbers have a point"
is "$(grep -rl '/[t]mp' tests mk Makefile | sort | tr '\n' ' ')" "tests/prove.sh tests/tap.sh tests/unit/temp.h " \
	"temporary files are made by one of these, where TMPDIR says"
is "$(grep -roE '^static [^=;{}()]*\b[a-z_0-9]+\(' src ui --include='*.c' | sed -E 's/^([^:]*):.*[^a-z_0-9]([a-z_0-9]+)\($/\1 \2/' |
	sort -u | cut -d' ' -f2 | sort | uniq -d)" "" "no static function's name stands in two files"
is "$(grep -rnE '\<FORMAT_|\<format_(table|json|jsonl|csv)\>' src ui | grep -v '^src/output/')" "" \
	"only the printer asks which format it is"
is "$(find tests/*/ -name '*.sh' ! -perm -u+x)" "" "every test can be run by itself"

# ---- the manual and the tables say the same
mandoc -Tascii man/meterctl.1 | sed 's/.\x08//g' >"$TMP/manual"
"$METERCTL" --help >"$TMP/help"
commands=$(sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' "$TMP/help")
for command in $commands; do
	"$METERCTL" "$command" --help >>"$TMP/help"
	like "$(cat man/meterctl.1)" "^\\.(It|Ss) (Cm |Ic )?$command\\b" "the manual has the command $command"
done
grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' "$TMP/help" | grep -oE -- '--[a-z-]+' | sort -u >"$TMP/options"
while read -r option; do
	like "$(cat "$TMP/manual")" "(^|[^a-z-])$option([^a-z-]|\$)" "the manual has $option"
done <"$TMP/options"
is "$(grep -oE -- '(^|[^a-z-])--[a-z][a-z-]+' "$TMP/manual" | grep -oE -- '--[a-z-]+' | sort -u |
	grep -vxFf <(grep -oE -- '--[a-z-]+' "$TMP/help"))" "" "and none that there is not"
for format in $(sed -n 's/.*--format FORMAT *//p' "$TMP/help" | head -n 1 | tr -s ', ' '\n' | grep -vx or); do
	like "$(sed -n '/^\.Sh OUTPUT/,/^\.Sh SCREENS/p' man/meterctl.1)" "^\\.It Cm $format\$" "the manual has the format $format"
done
words=$("$METERCTL" simulate --help | sed -n '/^words of a scenario/,/^$/{/:$/d;s/=[^ ]*//g;p}')
[ "$(wc -w <<<"$words")" -gt 40 ]
ok $? "the simulator has its words in one table" || diag "$words"
for word in $words; do
	like "$(cat "$TMP/manual")" "^ +(.*, )?$word(=|  |\$)" "the manual has the scenario word $word"
done
for code in 0 1 2 3 4 5 6 7 130; do
	like "$(cat man/meterctl.1)" "^\\.It (Li )?$code( |\$)" "the manual has exit status $code"
done
for name in METERCTL_CONNECT NO_COLOR XDG_CONFIG_HOME XDG_STATE_HOME; do
	like "$(cat man/meterctl.1)" "^\\.It Ev .*$name" "the manual has $name"
done
sed -n 's/.*OPT_FLAG_BY_HAND([^,]*, "\([a-z-]*\)".*/\1/p' src/cmd/*.[ch] | sort -u >"$TMP/by-hand"
[ "$(wc -l <"$TMP/by-hand")" -gt 5 ]
ok $? "options that are given each time are marked in their rows"
while read -r option; do
	like "$(sed -n '/^\.Ss Not allowed/,/^\.Ss Pass/p' man/meterctl-config.5)" "^\.Cm (.* , )?$option( |\$)" \
		"meterctl-config(5) has $option among them"
done <"$TMP/by-hand"
fields=$(sed -nE 's/^\t\{ ROW\("([a-z_.]+)", .*/\1/p' src/profile/field.c | tr . '\n' | sort -u)
[ "$(wc -w <<<"$fields")" -gt 35 ]
ok $? "the fields of a profile are in one table" || diag "$fields"
for field in $fields; do
	like "$(cat man/meterctl-profile.5)" "(Cm|It|Li|Ic) .*\\b$field\\b" "meterctl-profile(5) has $field"
done
fields=$(sed -nE 's/^static const char \*const [a-z]+_fields\[.*\{ (.*) \};/\1/p' src/mqtt/dialects/mapping_load.c | tr -d '",' | xargs -n1 | sort -u)
[ "$(wc -w <<<"$fields")" -gt 20 ]
ok $? "the fields of a mapping are in the tables of its loader" || diag "$fields"
for field in $fields; do
	like "$(cat man/meterctl-dialect.5)" "Cm( .*,)? $field( :|\$)|, Cm $field :" "meterctl-dialect(5) has $field"
done
items=$(sed -nE 's/^\t\t\.id = "([a-z]+)", .*/\1/p' src/checklist/kinds.c)
[ "$(wc -w <<<"$items")" -ge 9 ]
ok $? "the items of a checklist are in one table" || diag "$items"
for item in $items; do
	like "$(cat man/meterctl-checklist.5)" "^\.It Cm $item\$" "meterctl-checklist(5) has the item $item"
done
params=$(sed -nE 's/^\t\{ "([a-z]+)", CHECKLIST_[A-Z]+, .*/\1/p' src/checklist/list.c)
for param in $params; do
	like "$(cat man/meterctl-checklist.5)" "^\.Va $param\b" "meterctl-checklist(5) has the parameter $param"
done
for type in u16 i16 u32 i32 u64 f32 bits clock stamp frame freeze daytable zones hex string; do
	like "$(cat man/meterctl-profile.5)" "\\b$type\\b" "meterctl-profile(5) has the type $type"
done

done_testing
