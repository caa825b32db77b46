#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2317 # code for other shells; functions named by a variable
# The completions: made from the tables, fresh, and right in each shell.
. "$(dirname "$0")/../tap.sh"

for pair in bash:meterctl.bash zsh:_meterctl fish:meterctl.fish; do
	exits 0 "completion ${pair%%:*}" -- "$METERCTL" completion "${pair%%:*}"
	cmp -s "$TMP/out" "$TOP/completions/${pair#*:}"
	ok $? "completions/${pair#*:} is fresh (make completions)"
done
exits 2 "an unknown shell" -- "$METERCTL" completion ksh
exits 0 "keys" -- "$METERCTL" completion keys
for word in voltage voltage.a harmonic.current.c.31 alarm1.enable.undervoltage di.1 energy.tou; do
	like "$OUT" "^${word//./\\.}\$" "has $word"
done
unlike "$OUT" '@' "but no month of a record"
is "$(sort "$TMP/out" | uniq -d)" "" "each once"
exits 0 "keys of another profile" -- "$METERCTL" -p sdm630 completion keys
unlike "$OUT" '^signal.strength$' "are others"

mkdir -p "$TMP/bin" "$TMP/files"
ln -s "$METERCTL" "$TMP/bin/meterctl"
PATH=$TMP/bin:$PATH
cat >"$XDG_CONFIG_HOME/meterctl/config.yaml" <<'EOF'
connections: {bench: "sim:", roof: "sim:exporting"}
EOF
cd "$TMP/files" || give_up "no folder"
: >own.yaml

# what each shell offers for a line, one candidate a line, sorted
in_bash() {
	bash --norc --noprofile -c '
		source "$1"
		COMP_LINE=$2 COMP_POINT=${#2} COMPREPLY=()
		_meterctl meterctl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$TOP/completions/meterctl.bash" "$1" 2>&1 | sort
}
in_fish() {
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$TOP/completions/meterctl.fish" "$1" 2>&1 |
		cut -f 1 | sort
}
# zsh completes only in a line editor: a terminal of its own
in_zsh() {
	"$PYTHON" - "$TOP/completions" "$1" <<'EOF'
import os, pty, select, sys, time
folder, line = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvpe("zsh", ["zsh", "-f", "-i"], dict(os.environ, TERM="dumb", PS1="", COLUMNS="60"))
def until(marker):
    out, end = b"", time.monotonic() + float(os.environ["PATIENCE"])
    while marker not in out:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"# zsh: waited for {marker}, came: {out[-600:]}")
        out += os.read(fd, 65536)
# every match is printed by a completer that runs after ours
setup = f"""stty -echo; PS1= ; unsetopt zle_bracketed_paste; fpath=("{folder}" $fpath); autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' completer _complete
compadd() {{ local -a m; builtin compadd -O m "$@"; print -rl -- "M:"$^m >>$TMP/zsh.out; builtin compadd "$@" }}
zle -C show complete-word show-them; show-them() {{ _main_complete; print DONE''MARK >/dev/tty; compstate[insert]= }}
bindkey '^X' show; print READY''MARK
"""
os.write(fd, setup.encode())
until(b"READYMARK")
os.write(fd, line.encode() + b"\x18")
until(b"DONEMARK")
os.close(fd)
os.waitpid(pid, 0)
EOF
	sed -n 's/^M://p' "$TMP/zsh.out" | sort -u
	rm -f "$TMP/zsh.out"
}

# offers SHELL LINE WORDS...: the candidates are exactly these
offers() {
	local shell=$1 line=$2

	shift 2
	is "$("in_$shell" "$line" | sed '/^$/d' | tr '\n' ' ')" "$([ $# -eq 0 ] || printf '%s\n' "$@" | sort | tr '\n' ' ')" \
		"$shell: '$line'"
}

for shell in bash zsh fish; do
	offers $shell "meterctl wat" watch
	offers $shell "meterctl get voltage.har" voltage.harmonic.a voltage.harmonic.b voltage.harmonic.c
	offers $shell "meterctl -c sim: read voltage.fundamental.a current.resi" current.residual
	offers $shell "meterctl -p sdm630 get signal.st"
	offers $shell "meterctl --color al" always
	offers $shell "meterctl -f js" json jsonl
	offers $shell "meterctl -c be" bench
	offers $shell "meterctl read --prim" --primary
	offers $shell "meterctl watch --int" "--interval"
	offers $shell "meterctl read --int"
	offers $shell "meterctl -p ow" own.yaml
	offers $shell "meterctl profile li" list
	offers $shell "meterctl profile show voltage.fu" voltage.fundamental.a voltage.fundamental.b voltage.fundamental.c
	offers $shell "meterctl profile show ad" adw300
	offers $shell "meterctl set demand.cy" demand.cycle=
	offers $shell "meterctl set frequ"
	offers $shell "meterctl wait frequ" frequency=
	offers $shell "meterctl read --expect frequ" frequency=
	offers $shell "meterctl help wat" watch
done
# bash splits words at colons, so only what follows one comes back
offers bash "meterctl -c rtut" rtutcp:
offers bash "meterctl --format=cs" csv
offers bash "meterctl -c sim: get frequ" frequency
offers bash "meterctl --connect=ro" roof

done_testing
