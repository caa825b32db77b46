#!/usr/bin/env bash
# Every model that comes along, on the screens: nothing is laid out for what it never has.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$TOP" || give_up 'no tree'

# shellcheck source=tests/screen/drive.bash
. "$TOP/tests/screen/drive.bash"
export TZ=UTC

# after a while: what is read has been read
printf 'advance 2\nshot\nkeys 4\nshot\nkeys 2\nadvance 6\nshot\nkeys 6\nshot\n' >"$TMP/keys"

models=$("$METERCTL" profile list | awk '/\(built in\)/ { print $1 }')
[ "$(wc -w <<<"$models")" -ge 27 ]
ok $? 'all models are looked at'
for model in $models; do
	# the widest at which nothing but the model's values is shown
	said=$("$DRIVE" --profile "$model" --size 119x50 "$TMP/keys" 2>&1 >"$TMP/shots" &&
		python3 tests/screen/models.py 119x50 "$TMP/shots" 2>&1)
	rc=$?
	# its registers are found in a meter
	case $said in *'cannot be simulated'*) rc=0 ;; esac
	ok $rc "$model: no row and no column without a value" || diag "$said"
done
done_testing
