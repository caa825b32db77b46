#!/usr/bin/env bash
# Every model that comes along, simulated as its profile is; see simulate_models.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/simulate_models.py"
exit
