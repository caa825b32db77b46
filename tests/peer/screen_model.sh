#!/usr/bin/env bash
# The screens on meters whose model, or registers, are found in the meter: SunSpec by
# pymodbus.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

start sunspec "$PYTHON" "$PEER/slave_sunspec.py" 1 meter=50000:1+203
line_of sunspec '^\{' || give_up "no slave"
PORT=$("$PYTHON" -c 'import json, sys; print(json.loads(sys.argv[1])["meter"]["port"])' "$LINE")
line_of sunspec '^ready' || give_up "no slave"
shell "export XDG_STATE_HOME='$XDG_STATE_HOME'; echo there"
wait_for showing '^there'

start_screens -p sunspec203 -c "tcp:127.0.0.1:$PORT"
shows 'SUNSPEC203 .*● live' 'a profile whose registers are found in the meter is shown'
keys :
keys -l 'read sunspec.model'
keys Enter
shows '^ *sunspec\.model +203( |$)' 'with the values that stand there'
keys q
wait_for showing '^status 0'
ok $? 'q ends it'
start_screens -p auto -c "tcp:127.0.0.1:$PORT"
shows 'SUNSPEC203 .*● live' 'it is identified before the screens are up'
keys q
wait_for showing '^status 0'
ok $? 'q ends it, too'
done_testing
