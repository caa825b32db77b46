#!/usr/bin/env bash
# A gateway that loses requests says so with exceptions, and is asked again; see field_gateway.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_gateway.py"
exit
