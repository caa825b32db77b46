#!/usr/bin/env bash
# Every command in every format, with a meter that is fine, one that is dead, and wrong words
# (formats.py): a program can read what is printed, and the exit status is as promised.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
cd "$TMP" || give_up "no folder"
printf 'settings:\n  ratio.ct: 60\n' >want.yaml
printf 'settings:\n  ratio.ct: {\n' >broken.yaml
printf 'target,ratio.ct\nsim:frozen,60\n' >fine.csv
printf 'target,ratio.ct\nsim:dead,60\n' >dead.csv
printf 'target,ratio.cd\nsim:frozen,60\n' >broken.csv
"$METERCTL" -c sim:frozen --trace frames read voltage.a >/dev/null || give_up "no trace"
printf '14:03:27.123456 * opened\n' >nothing
start sim "$METERCTL" simulate frozen --pty "$TMP/line"
wait_for test -e "$TMP/line" || give_up "no simulator"

is "$("$PYTHON" "$here/formats.py")" "" "each of them"
done_testing
