# What proves it: `make check`, and its parts. Included by the Makefile, whose
# BUILD, SANITIZE, SRC_O and so on are used here.

.PHONY: check check-peers bench field lint sanitize-check deps-test deps-peers completions check-build \
        check-tap fuzz

PYTHON := /usr/bin/python3
# What the tests need more than a build does (see BUILD_NEEDS)
TEST_NEEDS := prove:perl cppcheck:cppcheck shellcheck:shellcheck mandoc:mandoc \
              mbpoll:mbpoll socat:socat tmux:tmux zsh:zsh fish:fish cmocka.pc:libcmocka-dev \
              mosquitto:mosquitto mosquitto_sub:mosquitto-clients openssl:openssl \
              $(PYTHON):python3 pymodbus.server.async_io.py:python3-pymodbus \
              serial_asyncio.py:python3-serial-asyncio yaml.py:python3-yaml paho.mqtt.client.py:python3-paho-mqtt
# Peers from npm are tested by check-peers: npm brings four times as many packages as all
# the rest. What it fetches stays when `make clean` is done.
NPM_NEEDS := node:nodejs npm:npm
NPM       := .npm
NPM_TESTS := $(addprefix tests/peer/,modbus_serial.sh broker_aedes.sh mqtt_aedes.sh)

SANITIZED := build/address-undefined
THREADED  := build/thread
PROBES    := tests/peer/broker_probe tests/peer/between_probe
# tests with more than one thread in them
THREAD_UNIT := $(filter-out $(patsubst %,tests/unit/test_link_%.c,confirm copies frame heard pending pace pause read_plan), \
                 $(wildcard tests/unit/test_builtin.c tests/unit/test_link*.c tests/unit/test_sim*.c \
                            tests/unit/test_broker*.c tests/unit/test_ui_bus*.c))
SHELL_TESTS := $(filter-out $(NPM_TESTS),$(wildcard tests/cli/*.sh tests/peer/*.sh))
# `make check` has each of them once. These with the program as it is installed: they wait
# for silent meters, kill it a hundred times, judge hundreds of sites, write every setting,
# or hardly run it. The longest first.
PLAIN_TESTS := $(patsubst %,tests/peer/%.sh,write_faults write_pymodbus field_shared) \
               $(patsubst %,tests/cli/%.sh,crash batch_crash check set report completion backup link undo lossy fleet need tidy) \
               $(patsubst %,tests/peer/%.sh,scan_lines learn mqtt_sim mqtt_forms mqtt_read mqtt_session mqtt_uplink mqtt_tls refused \
                 unit_address broker broker_lost broker_tls platform field_refusal field_count field_delay field_said)
# ... and the others with the sanitizers, but for leaks: to look for those takes as long
# again as a short command. The unit tests look for them, and `make sanitize-check`.
SANITIZED_TESTS := $(patsubst %,$(SANITIZED)/%,$(filter-out $(PLAIN_TESTS),$(SHELL_TESTS)))
# keys by chance find more where a wrong access is found out
RANDOM_KEYS  := tests/screen/random.sh
SCREEN_TESTS := $(filter-out $(RANDOM_KEYS),$(wildcard tests/screen/*.sh)) $(SANITIZED)/$(RANDOM_KEYS)

# A sanitizer's finding is told from a program's own exit status by its number.
export ASAN_OPTIONS  ?= exitcode=99:detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS  ?= exitcode=66:suppressions=tests/tsan.supp:print_suppressions=0
# gcc 12's thread sanitizer cannot live with much address randomisation
NO_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)
# Most of them wait most of the time, for a line or a broker: more of them than cores.
TEST_JOBS := $(shell echo $$((4 * $$(nproc))))
PROVE := $(NO_ASLR) tests/prove.sh -j $(TEST_JOBS) --timer

# ---- what the tests need --------------------------------------------------

deps-test:
	@$(NEED) $(BUILD_NEEDS) $(TEST_NEEDS)

deps-peers:
	@$(NEED) $(BUILD_NEEDS) $(TEST_NEEDS) $(NPM_NEEDS)
	@cmp -s tests/peer/package.json $(NPM)/package.json && [ -f $(NPM)/node_modules/.package-lock.json ] || { \
	  echo 'fetching for the tests: modbus-serial, aedes, mqtt (npm), below $(NPM)'; \
	  rm -rf $(NPM) && mkdir $(NPM) && cp tests/peer/package.json $(NPM)/ && cd $(NPM) && \
	  npm install --no-package-lock --no-audit --no-fund --omit=optional --loglevel=error \
	    --no-update-notifier --cache cache && rm -rf cache; }

# ---- check ------------------------------------------------------------------

# for every object that these build
check check-build check-peers sanitize-check lint: export WERROR := -Werror

check:
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory check-build
	@$(MAKE) --no-print-directory check-tap

check-build:
	@$(MAKE) --no-print-directory -s -j$(shell nproc) all $(BUILD)/src-alone \
	  $(PROBES:%=$(BUILD)/%)
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=address,undefined \
	  $(SANITIZED)/meterctl unit-tests fuzz $(PROBES:%=$(SANITIZED)/%) $(SANITIZED_TESTS) \
	  $(SANITIZED)/tests/screen/drive $(SANITIZED)/$(RANDOM_KEYS)
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=thread \
	  $(THREAD_UNIT:%.c=$(THREADED)/%)

UNIT_TESTS := $(UNIT_C:%.c=$(SANITIZED)/%) $(THREAD_UNIT:%.c=$(THREADED)/%)
# ... those that wait a minute for clocks of their own
LONG_UNIT := $(filter %/test_link_time %/test_link_write %/test_ui_bus,$(UNIT_TESTS))

LONG_SHELL := $(filter %/hostile.sh %/faults.sh,$(SANITIZED_TESTS))

# Long ones first, so that they do not stand alone at the end.
check-tap:
	@SHELL_LEAKS=0 $(PROVE) tests/recipes.sh $(wordlist 1,2,$(PLAIN_TESTS)) $(LONG_UNIT) $(LONG_SHELL) \
	  $(wordlist 3,99,$(PLAIN_TESTS)) $(SCREEN_TESTS) $(filter-out $(LONG_SHELL),$(SANITIZED_TESTS)) \
	  tests/lint.sh tests/rooms.sh $(SANITIZED)/tests/fuzz/fuzz $(filter-out $(LONG_UNIT),$(UNIT_TESTS))

check-peers:
	@$(MAKE) --no-print-directory deps-peers
	@$(MAKE) --no-print-directory -s -j$(shell nproc) all
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=address,undefined \
	  $(SANITIZED)/meterctl $(SANITIZED)/tests/peer/broker_probe $(NPM_TESTS:%=$(SANITIZED)/%)
	@$(PROVE) $(NPM_TESTS:%=$(SANITIZED)/%)

lint: $(BUILD)/src-alone all
	@$(PROVE) tests/lint.sh

sanitize-check:
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=address,undefined \
	  $(SANITIZED)/meterctl unit-tests fuzz $(PROBES:%=$(SANITIZED)/%) \
	  $(SHELL_TESTS:%=$(SANITIZED)/%)
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=thread $(THREAD_UNIT:%.c=$(THREADED)/%)
	@$(PROVE) $(SHELL_TESTS:%=$(SANITIZED)/%) $(SANITIZED)/tests/fuzz/fuzz \
	  $(UNIT_C:%.c=$(SANITIZED)/%) $(THREAD_UNIT:%.c=$(THREADED)/%)

# A shell test with the program of this build folder. SHELL_LEAKS=0: leaks are not looked for.
$(BUILD)/%.sh: %.sh
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nASAN_OPTIONS=$$ASAN_OPTIONS:detect_leaks=$${SHELL_LEAKS-1} METERCTL=%s exec bash %s\n' \
	  '$(BUILD)/meterctl' '$<' > $@ && chmod +x $@

# The linker's word that src/ needs neither curses nor readline.
$(BUILD)/src-alone: $(SRC_O)
	@echo 'int main(void) { return 0; }' > $@.c
	$(CC) $(ALL_LDFLAGS) -o $@ $@.c $(SRC_O) $(SRC_LIBS)

# What tests/peer/broker.sh and between.sh drive.
$(PROBES:%=$(BUILD)/%): %: %.o $(SRC_O)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

fuzz: $(BUILD)/tests/fuzz/fuzz

FUZZ_C := $(wildcard tests/fuzz/*.c)

$(BUILD)/tests/fuzz/fuzz: $(FUZZ_C:%.c=$(BUILD)/%.o) $(SRC_O)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

# One target of it under clang's libFuzzer: make fuzz-codec, then run the file.
fuzz-%: $(BUILD)/profiles.o $(BUILD)/mappings.o
	@mkdir -p build/libfuzzer
	clang -std=c11 -D_GNU_SOURCE -DMETERCTL_VERSION='"$(VERSION)"' -DLIBFUZZER_TARGET=$* \
	  -g -O1 -fsanitize=fuzzer,address,undefined $(PKG_CFLAGS) \
	  -o build/libfuzzer/$* $(FUZZ_C) $(SRC_C) $^ $(SRC_LIBS)

# ---- the rest ---------------------------------------------------------------

$(BUILD)/tests/bench/decode: $(BUILD)/tests/bench/decode.o $(SRC_O)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

bench:
	@$(MAKE) --no-print-directory deps-test >&2
	@$(MAKE) --no-print-directory all $(BUILD)/tests/bench/decode >&2
	@$(PYTHON) tests/bench/bench.py ./meterctl

# Other masters, gateways, refusals and slow lines at full length: 5,000 rounds on shared
# lines, every exception code with every command. FIELD_SEED=N: other moments.
field:
	@$(MAKE) --no-print-directory deps >&2
	@$(MAKE) --no-print-directory deps-test >&2
	@$(MAKE) --no-print-directory all >&2
	@FIELD=long prove --exec '' --timer $(wildcard tests/peer/field_*.sh) tests/cli/batch_crash.sh $(addprefix tests/peer/,between.sh learn.sh)

completions: all
	./meterctl completion bash > completions/meterctl.bash
	./meterctl completion zsh > completions/_meterctl
	./meterctl completion fish > completions/meterctl.fish
