#!/usr/bin/env bash
# make install puts each file where Debian's programs look for it, below a folder with a
# space; make uninstall leaves none; make dist gives the same bytes each time.
. "$(dirname "$0")/../tap.sh"

# made NAME ARGS...: make in the project, as a packager calls it.
made() {
	local name=$1

	shift
	exits 0 "$name" -- env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$TOP" --no-print-directory "$@"
}
there() {
	(cd "$TMP/a root" && find . -type f | sort)
}

made "make install below PREFIX=/usr" install DESTDIR="$TMP/a root" PREFIX=/usr
for file in bin/meterctl share/man/man1/meterctl.1 share/man/man5/meterctl-profile.5 \
	share/bash-completion/completions/meterctl share/zsh/vendor-completions/_meterctl \
	share/fish/vendor_completions.d/meterctl.fish; do
	[ -f "$TMP/a root/usr/$file" ]; ok $? "has $file"
done
is "$("$TMP/a root/usr/bin/meterctl" --version)" "$("$METERCTL" --version)" "the program runs from there"
made "make uninstall" uninstall DESTDIR="$TMP/a root" PREFIX=/usr
is "$(there)" "" "leaves no file"

made "make install below PREFIX=/usr/local" install DESTDIR="$TMP/a root" PREFIX=/usr/local
[ -f "$TMP/a root/usr/local/share/zsh/site-functions/_meterctl" ]; ok $? "zsh has another folder there"
made "make uninstall" uninstall DESTDIR="$TMP/a root" PREFIX=/usr/local
is "$(there)" "" "leaves no file"

# a checkout of its own: the project's may be at work
if git -C "$TOP" rev-parse --verify -q HEAD >/dev/null 2>&1; then
	git clone -q "$TOP" "$TMP/a clone" || give_up "no clone"
	for n in 1 2; do
		exits 0 "make dist" -- env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$TMP/a clone" --no-print-directory dist
		mv "$TMP/a clone"/meterctl-*.tar.gz "$TMP/$n.tar.gz"
	done
	cmp -s "$TMP/1.tar.gz" "$TMP/2.tar.gz"; ok $? "the same bytes twice"
	tar tzf "$TMP/1.tar.gz" | grep -q '^meterctl-[0-9.]*/src/main.c$'; ok $? "with the sources in it"
fi

done_testing
