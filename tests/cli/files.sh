#!/usr/bin/env bash
# Files that are named to be written: what is there is looked at first. Never is a pipe, a device
# or a link replaced by a file, an older file lost without a word, or a folder made.
. "$(dirname "$0")/../tap.sh"

cd "$TMP" || give_up "no folder"
"$METERCTL" -c sim:frozen --trace frames read voltage.a >/dev/null || give_up "no trace"
"$METERCTL" completion bash >/dev/null
echo '{"target":"rtu:/dev/ttyUSB0?unit=1","unit":1}' >found.json
printf 'target,expect.voltage.a\nsim:frozen,1..400\n' >rows.csv

# Who writes: the words before the name of the file, and what it begins with then.
writers() {
	cat <<'END'
-c sim:frozen backup -o|# Acrel
-c sim:frozen report -o|<!DOCTYPE html>
-c sim:frozen report --text -o|
batch rows.csv --yes -o|row,
batch --from-scan found.json -o|target,
listen frames -o|
-c sim:frozen get voltage.a --trace|
END
}

while IFS='|' read -r words begins; do
	file=new.pcapng		# the only name that listen takes
	rm -rf new.pcapng target.pcapng there none
	# shellcheck disable=SC2086
	{
		exits 0 "$words: nothing is there" -- "$METERCTL" $words $file
		like "$(head -c 200 $file | tr '\0' '.')" "^$begins" "$words: it is written"

		chmod 640 $file
		printf 'mine' >$file
		exits 7 "$words: a file is there" -- "$METERCTL" $words $file
		like "$ERR" "'$file' exists and is not overwritten \\(--force replaces it\\)" "$words: said"
		is "$(cat $file)" mine "$words: and kept"
		exits 0 "$words: --force" -- "$METERCTL" --force $words $file
		like "$(head -c 200 $file | tr '\0' '.')" "^$begins" "$words: it is replaced"
		unlike "$(tr "\0" . <$file)" "^mine$" "$words: by another"
		is "$(stat -c %a $file)" 640 "$words: its mode is kept"

		printf 'mine' >target.pcapng
		ln -sf target.pcapng $file
		exits 7 "$words: a link to a file" -- "$METERCTL" $words $file
		is "$(cat target.pcapng)" mine "$words: which is kept"
		exits 0 "$words: a link, --force" -- "$METERCTL" --force $words $file
		is "$(readlink $file)" target.pcapng "$words: the link stays"
		unlike "$(tr "\0" . <target.pcapng)" "^mine$" "$words: what it leads to is replaced"
		ln -sf nowhere $file
		exits 1 "$words: a link that leads nowhere" -- "$METERCTL" --force $words $file
		test ! -e nowhere; ok $? "$words: nor does it then"

		ln -sf /dev/null $file
		exits 0 "$words: a device" -- "$METERCTL" $words $file
		test -c /dev/null; ok $? "$words: is one still"
		rm $file
		mkfifo $file
		exits 1 "$words: a pipe that nobody reads" -- "$METERCTL" --force $words $file
		like "$ERR" "nobody reads" "$words: said, and not waited for"
		cat $file >piped & reader=$!
		exits 0 "$words: a pipe" -- "$METERCTL" $words $file
		wait "$reader"
		like "$(head -c 200 piped | tr '\0' '.')" "^$begins" "$words: has it all"
		test -p $file; ok $? "$words: and is one still"
		rm $file
		mkdir $file
		exits 1 "$words: a folder" -- "$METERCTL" --force $words $file
		rmdir $file
		exits 1 "$words: no folder" -- "$METERCTL" --force $words none/$file
		like "$ERR" "no folder 'none'" "$words: said"
		test ! -e none; ok $? "$words: and none is made"
	}
done < <(writers)

# ---- the older trace of --trace is no loss; the capture of listen is one
exits 0 "a trace" -- "$METERCTL" -c sim:frozen --trace t.pcapng get voltage.a
exits 0 "in place of an older one" -- "$METERCTL" -c sim:frozen --trace t.pcapng get voltage.a
exits 0 "and as text" -- "$METERCTL" -c sim:frozen --trace frames get voltage.a
exits 7 "a capture in place of an older one" -- "$METERCTL" listen frames -o t.pcapng

# ---- standard output by its name
"$METERCTL" -q -c sim:frozen backup -o /dev/stdout >by-name
is $? 0 "-o /dev/stdout"
like "$(cat by-name)" 'ratio\.ct: 40' "leads there"

# ---- the program's own files: a configuration that is a link stays one
mkdir dotfiles
printf 'connections: {}\n' >dotfiles/config.yaml
ln -s "$TMP/dotfiles/config.yaml" "$XDG_CONFIG_HOME/meterctl/config.yaml"
exits 0 "a connection is saved" -- "$METERCTL" connect sim:frozen --save bench
is "$(readlink "$XDG_CONFIG_HOME/meterctl/config.yaml")" "$TMP/dotfiles/config.yaml" "the link stays"
like "$(cat dotfiles/config.yaml)" 'bench' "what it leads to has it"

rm "$XDG_CONFIG_HOME/meterctl/config.yaml"
ln -s "$TMP/nowhere" "$XDG_CONFIG_HOME/meterctl/config.yaml"
exits 1 "but not in one that leads nowhere" -- "$METERCTL" connect sim:frozen --save bench
test -L "$XDG_CONFIG_HOME/meterctl/config.yaml"; ok $? "which stays as it is"
rm "$XDG_CONFIG_HOME/meterctl/config.yaml"

# ---- a journal that cannot be written
exits 0 "a write" -- "$METERCTL" -c sim:frozen --journal j.db set ratio.ct=60 --yes
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$TMP"
	cp "$METERCTL" mc
	as=(setpriv --reuid=64999 --regid=64999 --clear-groups env "HOME=$TMP" ./mc)
else
	as=("$METERCTL")
fi
mkdir shelf
cp j.db shelf/
chmod 644 shelf/j.db && chmod 755 mc 2>/dev/null
chmod 555 shelf
exits 0 "journal" -- "${as[@]}" --journal "$TMP/shelf/j.db" journal
like "$OUT" 'ratio\.ct +40 -> 60 +verified' "lists it"
exits 0 "one entry" -- "${as[@]}" --journal "$TMP/shelf/j.db" journal show 1
is "$(ls shelf)" j.db "and leaves nothing there"
exits 7 "set" -- "${as[@]}" -c sim:frozen --journal "$TMP/shelf/j.db" set ratio.ct=61 --yes
like "$ERR" 'cannot (write|use) the journal' "does not write without one"
chmod 755 shelf
done_testing
