#!/usr/bin/env bash
# Slow gateways and slow lines, late answers, meters that never answer; see field_delay.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_delay.py"
exit
