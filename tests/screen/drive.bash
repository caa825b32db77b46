# The screens without a terminal: $DRIVE, of the build folder $BUILD.
# shellcheck shell=bash disable=SC2154 # TMP is of tap.sh

BUILD=${BUILD:-build/default}
# shellcheck disable=SC2034 # for the tests
DRIVE=$BUILD/tests/screen/drive
# the folder of a variant is named after it
drive_variant=${BUILD##*/}
[ "$drive_variant" != default ] || drive_variant=
# several tests begin with it at a time, and one that runs cannot be linked anew
flock "$BUILD" make -s BUILD="$BUILD" SANITIZE="${drive_variant//-/,}" "$DRIVE" >"$TMP/make" 2>&1 ||
	give_up "cannot build $DRIVE: $(tail -n 3 "$TMP/make" | tr '\n' ' ')"
