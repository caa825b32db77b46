# shellcheck shell=bash
# npm.bash - packages of npm for a test, as `make deps-peers` has fetched them.

# npm_needs PACKAGE...: their folder in $MODULES; without them there is no test.
npm_needs() {
	MODULES=$TOP/.npm/node_modules
	for need; do
		[ -d "$MODULES/$need" ] || give_up "npm $need is not there: make check-peers fetches it"
	done
}
