#!/usr/bin/env bash
# Every model that comes along, read and recognised; see models.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/models.py"
exit
