#!/usr/bin/env bash
# The rooms of src/ROOMS: every #include goes to the file's own room or to one that stands
# before it there, and every room is in the list.
. "$(dirname "$0")/tap.sh"

cd "$TOP" || give_up "no $TOP"
ROOMS=${ROOMS:-src/ROOMS}

mapfile -t rooms < <(sed -n 's/^\(\(src\|ui\)[a-z/]*\) .*/\1/p' "$ROOMS")
[ "${#rooms[@]}" -gt 10 ] && [ "${#rooms[@]}" -le 23 ]
ok $? "$ROOMS lists the rooms, 23 at most" || diag "${rooms[*]}"

# Every include of another file of the project: FILE:LINE, the room it is in, the room it
# goes to. A name without a folder is of the same room.
includes() {
	grep -nE '^#include "' -r src ui --include='*.[ch]' |
		sed -E 's/^([^:]*)\/([^:/]*):([0-9]+):#include "([^"]*)"/\1 \2:\3 \4/' |
		while read -r room where file; do
			case $file in
			ui/*) echo "$room/$where $room ${file%/*}" ;;
			*/*) echo "$room/$where $room src/${file%/*}" ;;
			*) echo "$room/$where $room $room" ;;
			esac
		done
}
includes >"$TMP/includes"
[ "$(wc -l <"$TMP/includes")" -gt 500 ]
ok $? "their includes are found" || diag "$(wc -l <"$TMP/includes")"

printf '%s\n' "${rooms[@]}" >"$TMP/rooms"
is "$(awk 'NR == FNR { floor[$1] = NR; next }
	!($2 in floor) { print $1 ": its room is not in the list"; next }
	!($3 in floor) { print $1 ": includes a file of " $3 ", which is not in the list"; next }
	floor[$3] > floor[$2] { print $1 ": includes a file of " $3 ", a room after " $2 }
	' "$TMP/rooms" "$TMP/includes")" "" "no include goes to a room that stands later in the list"
is "$(find src ui -name '*.[ch]' | sed 's|/[^/]*$||' | sort -u | grep -vxFf "$TMP/rooms")" "" "every folder is in the list"
flat=$(find src ui -maxdepth 1 -name '*.[ch]' | wc -l)
[ "$flat" -le 16 ]
ok $? "src/ and ui/ hold at most 16 files of their own" || diag "$flat"

done_testing
