#!/usr/bin/env bash
# Another master on the line: never a wrong value; see field_shared.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_shared.py"
exit
