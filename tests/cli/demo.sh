#!/usr/bin/env bash
# The first contact: make demo without a terminal, make install.
. "$(dirname "$0")/../tap.sh"

cd "$TOP" || give_up "no $TOP"
run sh -c 'make demo </dev/null 2>"$TMP/make.err" | cat'
is "$RC" 0 "make demo </dev/null | cat: exit 0" || diag "$(tail -n 5 "$TMP/make.err")"
for key in voltage.a voltage.b voltage.c current.a current.b current.c power.active.total \
	demand.active.import.present demand.active.import.max di.status signal.strength; do
	like "$OUT" "^$key +-?[0-9.]+" "shows $key"
done
like "$OUT" 'simulated' "says that it is a simulated meter"
like "$OUT" 'rtu:/dev/ttyUSB0' "and how to read a real one"
! LC_ALL=C grep -qP '\x1b' "$TMP/out"
ok $? "no escape codes"

exits 0 "make install" -- make -s install DESTDIR="$TMP/new root" PREFIX=/usr
exits 0 "the program is where it was asked for" -- "$TMP/new root/usr/bin/meterctl" --version
exits 0 "make uninstall" -- make -s uninstall DESTDIR="$TMP/new root" PREFIX=/usr
is "$(find "$TMP/new root" -type f)" "" "takes all of it away"

done_testing
