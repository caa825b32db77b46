#!/usr/bin/env bash
# Meters that take short reads only, and registers that are deaf; see field_large.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_large.py"
exit
