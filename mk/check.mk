# What proves it: `make check`, and its parts. Included by the Makefile, whose
# BUILD, SANITIZE, SRC_O and so on are used here.

.PHONY: check bench field lint sanitize-check deps-test completions check-build check-tap fuzz

# command:Debian package, of what the tests use
TEST_NEEDS := prove:perl cppcheck:cppcheck shellcheck:shellcheck mandoc:mandoc \
              mbpoll:mbpoll socat:socat tmux:tmux zsh:zsh fish:fish \
              node:nodejs npm:npm \
              mosquitto:mosquitto mosquitto_sub:mosquitto-clients openssl:openssl
PYTHON := /usr/bin/python3
NODE_PEERS := build/peer

SANITIZED := build/address-undefined
THREADED  := build/thread
# tests with more than one thread in them
THREAD_UNIT := $(wildcard tests/unit/test_link*.c tests/unit/test_sim*.c \
                          tests/unit/test_broker*.c \
                          tests/unit/test_modbus*.c tests/unit/test_bus*.c tests/unit/test_ui_bus*.c)
SHELL_TESTS := $(wildcard tests/cli/*.sh tests/peer/*.sh)
# They wait for meters that are silent and for a program that is killed a hundred
# times: `make check` has them once, `make sanitize-check` with the sanitizers.
SLOW_TESTS := tests/cli/lossy.sh tests/cli/crash.sh tests/peer/write_faults.sh \
              tests/peer/field_shared.sh tests/peer/field_refusal.sh
ONCE_TESTS := tests/cli/crash.sh tests/peer/write_faults.sh \
              $(patsubst %,tests/peer/field_%.sh,count delay refusal shared)
# These wait for brokers, uploads and slow lines, or judge hundreds of sites: once as well, with the
# sanitizers, which miss nothing that the plain program would show.
SANITIZED_ONCE := $(wildcard tests/peer/mqtt_*.sh tests/peer/broker*.sh) tests/peer/platform.sh \
                  $(patsubst %,tests/peer/field_%.sh,gateway large pause split) \
                  tests/peer/prompt.sh tests/cli/fleet.sh tests/cli/check.sh tests/cli/report.sh
SANITIZED_TESTS := $(patsubst %,$(SANITIZED)/%,$(filter-out $(ONCE_TESTS),$(SHELL_TESTS)))
SCREEN_TESTS := $(wildcard tests/screen/*.sh)

# A sanitizer's finding is told from a program's own exit status by its number.
export ASAN_OPTIONS  ?= exitcode=99:detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS  ?= exitcode=66
# gcc 12's thread sanitizer cannot live with much address randomisation
NO_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)
# Most of them wait most of the time, for a line or a broker: more of them than cores.
TEST_JOBS := $(shell echo $$((2 * $$(nproc))))
PROVE := $(NO_ASLR) prove --exec '' -j $(TEST_JOBS) --timer

# ---- what the tests need --------------------------------------------------

# Debian keeps the broker in /usr/sbin, which is not in everybody's PATH.
deps-test:
	@missing=; PATH="$$PATH:/usr/sbin"; \
	for need in $(TEST_NEEDS); do \
	  command -v "$${need%%:*}" >/dev/null || missing="$$missing $${need#*:}"; \
	done; \
	$(PKG_CONFIG) --exists cmocka 2>/dev/null || missing="$$missing libcmocka-dev"; \
	$(PYTHON) -c 'import pymodbus.server.async_io' 2>/dev/null || \
	  missing="$$missing python3 python3-pymodbus python3-serial-asyncio"; \
	$(PYTHON) -c 'import paho.mqtt.client' 2>/dev/null || missing="$$missing python3-paho-mqtt"; \
	if [ -n "$$missing" ]; then \
	  echo "installing for the tests:$$missing"; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
	@cmp -s tests/peer/package.json $(NODE_PEERS)/package.json && \
	 [ -d $(NODE_PEERS)/node_modules/modbus-serial ] && \
	 [ -d $(NODE_PEERS)/node_modules/aedes ] && [ -d $(NODE_PEERS)/node_modules/mqtt ] || { \
	  echo 'installing for the tests: modbus-serial, aedes, mqtt (npm), below $(NODE_PEERS)'; \
	  mkdir -p $(NODE_PEERS) && \
	  cp tests/peer/package.json $(NODE_PEERS)/ && \
	  (cd $(NODE_PEERS) && npm install --no-package-lock --no-audit --no-fund --omit=optional --loglevel=error) || \
	  { rm -f $(NODE_PEERS)/package.json; exit 1; }; }

# ---- check ------------------------------------------------------------------

check:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory check-build
	@$(MAKE) --no-print-directory check-tap

check-build:
	@$(MAKE) --no-print-directory -s -j$(shell nproc) all unit-tests $(BUILD)/src-alone \
	  $(BUILD)/tests/peer/broker_probe
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=address,undefined \
	  $(SANITIZED)/meterctl unit-tests fuzz $(SANITIZED)/tests/peer/broker_probe $(SANITIZED_TESTS)
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=thread \
	  $(THREAD_UNIT:%.c=$(THREADED)/%)

# Long ones first, so that they do not stand alone at the end.
check-tap:
	@$(PROVE) $(SLOW_TESTS) $(SCREEN_TESTS) $(SANITIZED_TESTS) \
	  $(filter-out $(SLOW_TESTS) $(SANITIZED_ONCE),$(SHELL_TESTS)) tests/lint.sh $(SANITIZED)/tests/fuzz/fuzz \
	  $(UNIT_C:%.c=$(SANITIZED)/%) $(THREAD_UNIT:%.c=$(THREADED)/%) $(UNIT)

lint: $(BUILD)/src-alone all
	@$(PROVE) tests/lint.sh

sanitize-check:
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=address,undefined \
	  $(SANITIZED)/meterctl unit-tests fuzz $(SANITIZED)/tests/peer/broker_probe \
	  $(SHELL_TESTS:%=$(SANITIZED)/%)
	@$(MAKE) --no-print-directory -s -j$(shell nproc) SANITIZE=thread $(THREAD_UNIT:%.c=$(THREADED)/%)
	@$(PROVE) $(SHELL_TESTS:%=$(SANITIZED)/%) $(SANITIZED)/tests/fuzz/fuzz \
	  $(UNIT_C:%.c=$(SANITIZED)/%) $(THREAD_UNIT:%.c=$(THREADED)/%)

# A shell test again, with the program of this build folder.
$(BUILD)/%.sh: %.sh
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nMETERCTL=%s exec bash %s\n' '$(BUILD)/meterctl' '$<' > $@ && chmod +x $@

# The linker's word that src/ needs neither curses nor readline.
$(BUILD)/src-alone: $(SRC_O)
	@echo 'int main(void) { return 0; }' > $@.c
	$(CC) $(ALL_LDFLAGS) -o $@ $@.c $(SRC_O) $(SRC_LIBS)

# What tests/peer/broker.sh drives.
$(BUILD)/tests/peer/broker_probe: $(BUILD)/tests/peer/broker_probe.o $(SRC_O)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

fuzz: $(BUILD)/tests/fuzz/fuzz

$(BUILD)/tests/fuzz/fuzz: $(BUILD)/tests/fuzz/fuzz.o $(SRC_O)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

# One target of it under clang's libFuzzer: make fuzz-codec, then run the file.
fuzz-%: $(BUILD)/profiles.o
	@mkdir -p build/libfuzzer
	clang -std=c11 -D_GNU_SOURCE -DMETERCTL_VERSION='"$(VERSION)"' -DLIBFUZZER_TARGET=$* \
	  -g -O1 -fsanitize=fuzzer,address,undefined $(PKG_CFLAGS) \
	  -o build/libfuzzer/$* tests/fuzz/fuzz.c $(SRC_C) $(BUILD)/profiles.o $(SRC_LIBS)

# ---- the rest ---------------------------------------------------------------

$(BUILD)/tests/bench/decode: $(BUILD)/tests/bench/decode.o $(SRC_O)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS)

bench:
	@$(MAKE) --no-print-directory deps >&2
	@$(MAKE) --no-print-directory deps-test >&2
	@$(MAKE) --no-print-directory all $(BUILD)/tests/bench/decode >&2
	@$(PYTHON) tests/bench/bench.py ./meterctl

# Other masters, gateways, refusals and slow lines at full length: 5,000 rounds on shared
# lines, every exception code with every command. FIELD_SEED=N: other moments.
field:
	@$(MAKE) --no-print-directory deps >&2
	@$(MAKE) --no-print-directory deps-test >&2
	@$(MAKE) --no-print-directory all >&2
	@FIELD=long prove --exec '' --timer $(wildcard tests/peer/field_*.sh)

completions: all
	./meterctl completion bash > completions/meterctl.bash
	./meterctl completion zsh > completions/_meterctl
	./meterctl completion fish > completions/meterctl.fish
