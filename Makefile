# meterctl. `make help` lists what can be asked for.
#
# CFLAGS, CPPFLAGS and LDFLAGS are yours; what the project needs is kept apart.
# SANITIZE=address,undefined or SANITIZE=thread builds a variant in a folder of
# its own. PREFIX and DESTDIR say where `make install` puts things.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
DESTDIR  ?=
ifeq ($(origin CC),default)
CC       := gcc
endif
CFLAGS   ?= -O2 $(if $(SANITIZE),-g1,-g)
SANITIZE ?=

comma    := ,
BUILD    ?= build/$(if $(SANITIZE),$(subst $(comma),-,$(SANITIZE)),default)

SRC_PKGS := libmodbus yaml-0.1 jansson libserialport sqlite3 libmd
UI_PKGS  := ncursesw readline
PKG_CONFIG ?= pkg-config
# What a build needs, and the Debian package that has it (mk/need.sh); CONTRIBUTING.md
# says what each is for. Paho comes without a pkg-config file.
BUILD_NEEDS := $(if $(filter gcc,$(CC)),gcc:gcc) stdio.h:libc6-dev $(PKG_CONFIG):pkg-config \
               libmodbus.pc:libmodbus-dev yaml-0.1.pc:libyaml-dev jansson.pc:libjansson-dev \
               libserialport.pc:libserialport-dev sqlite3.pc:libsqlite3-dev libmd.pc:libmd-dev csv.h:libcsv-dev \
               MQTTAsync.h:libpaho-mqtt-dev ncursesw.pc:libncurses-dev readline.pc:libreadline-dev
NEED      = CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' PYTHON='$(PYTHON)' sh mk/need.sh
SRC_LIBS := $(shell $(PKG_CONFIG) --libs $(SRC_PKGS) 2>/dev/null) -lpaho-mqtt3as -lcsv -lpthread -lm
UI_LIBS  := $(shell $(PKG_CONFIG) --libs $(UI_PKGS) 2>/dev/null)
# ncursesw asks for an older _XOPEN_SOURCE than _GNU_SOURCE gives
PKG_CFLAGS := $(filter-out -D_XOPEN_SOURCE=% -D_DEFAULT_SOURCE,$(shell $(PKG_CONFIG) --cflags $(SRC_PKGS) $(UI_PKGS) 2>/dev/null))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion
# -Werror in the check: another compiler's new warning keeps nobody from building
WERROR ?=
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
LINK_HARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ifeq ($(SANITIZE),)
HARDEN += -D_FORTIFY_SOURCE=2
else
HARDEN += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LINK_HARDEN += -fsanitize=$(SANITIZE)
endif
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DMETERCTL_VERSION='"$(VERSION)"' \
             -iquote src -iquote . $(PKG_CFLAGS) $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS) -MMD -MP
ALL_LDFLAGS = $(LINK_HARDEN) $(LDFLAGS)

# src/profile/embed.c is the program that turns src/profiles/*.yaml into tables.
SRC_C := $(filter-out src/profile/embed.c,$(wildcard src/*/*.c src/*/*/*.c))
UI_C  := $(wildcard ui/*.c ui/*/*.c)
PROFILES := $(wildcard src/profiles/*.yaml)
MAPPINGS := $(wildcard src/dialects/*.yaml)
EMBED_C := $(filter-out src/profile/builtin.c,$(wildcard src/base/*.c src/profile/*.c))

SRC_O := $(SRC_C:%.c=$(BUILD)/%.o) $(BUILD)/profiles.o $(BUILD)/mappings.o
UI_O  := $(UI_C:%.c=$(BUILD)/%.o)
MAIN_O := $(BUILD)/src/main.o
EMBED_O := $(EMBED_C:%.c=$(BUILD)/%.o)

UNIT_C := $(wildcard tests/unit/test_*.c)
UNIT   := $(UNIT_C:%.c=$(BUILD)/%)

# `make V=1` shows the commands
V ?=
Q  := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1) $@')

.PHONY: FORCE all demo check bench install uninstall dist deps clean help unit-tests have-deps
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(filter build/default,$(BUILD)),meterctl,$(BUILD)/meterctl)

help:
	@echo 'make              build ./meterctl'
	@echo 'make demo         install what is missing, build, open the screens on a simulated meter'
	@echo 'make check        install what the tests need, run them'
	@echo 'make check-peers  fetch a slave and a broker from npm, run the tests with them'
	@echo 'make mutants      change the program in many small ways: do the tests notice? NAME=... tries some'
	@echo 'make field        shared lines, gateways and refusals of make check, at full length'
	@echo 'make bench        measure: line, start-up, screens'
	@echo 'make install      to PREFIX ($(PREFIX)), below DESTDIR; make uninstall takes it away'
	@echo 'make dist         the last commit as meterctl-$(VERSION).tar.gz: the same bytes each time'
	@echo 'make deps         install the Debian packages a build needs'
	@echo 'make clean        remove what was built'
	@echo 'V=1: show the commands'
	@echo 'SANITIZE=address,undefined or SANITIZE=thread: a variant in build/'

# The program stays in its build folder; a copy stands where people look for it.
meterctl: $(BUILD)/meterctl
	@cp -f $< $@.new && mv -f $@.new $@

$(BUILD)/meterctl: $(MAIN_O) $(SRC_O) $(UI_O) $(BUILD)/flags
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(SRC_LIBS) $(UI_LIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags | have-deps
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(WERROR) -c -o $@ $<

# The profiles, read by the parser that reads a user's, as constant tables.
$(BUILD)/embed: $(EMBED_O)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lyaml -lm

$(BUILD)/profiles.c: $(BUILD)/embed $(PROFILES)
	$(call say,GEN)
	$(Q)$(BUILD)/embed $(PROFILES) > $@.new && mv $@.new $@

# The dialects that are data, as texts.
$(BUILD)/mappings.c: $(MAPPINGS) mk/mappings.sh
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)sh mk/mappings.sh $(MAPPINGS) > $@.new && mv $@.new $@

$(BUILD)/profiles.o $(BUILD)/mappings.o: %.o: %.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(WERROR) -c -o $@ $<

# Rebuilds everything when a flag changes.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SRC_LIBS) $(UI_LIBS))' | cmp -s - $@ || \
	 echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SRC_LIBS) $(UI_LIBS))' > $@

have-deps:
	@$(NEED) -n $(BUILD_NEEDS)

deps:
	@$(NEED) $(BUILD_NEEDS) && echo 'everything a build needs is installed'

# Without a terminal: one reading of the live page, and how to go on.
demo:
	@$(MAKE) --no-print-directory deps >&2
	@$(MAKE) --no-print-directory all >&2
	@if [ -t 0 ] && [ -t 1 ]; then ./meterctl -c sim: tui; else \
	   ./meterctl -c sim: read && \
	   echo && echo "this was a simulated meter; on a terminal 'make demo' opens the screens." && \
	   echo "a real one: ./meterctl -c 'rtu:/dev/ttyUSB0?baud=9600' read"; \
	 fi

unit-tests: $(UNIT)

$(BUILD)/tests/unit/test_ui_%: $(BUILD)/tests/unit/test_ui_%.o $(SRC_O) $(UI_O)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(SRC_LIBS) $(UI_LIBS)

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(SRC_O)
	$(call say,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(SRC_LIBS)

include $(wildcard mk/*.mk)

PAGES := $(notdir $(wildcard man/*.[1-9]))
# where Debian's zsh looks: below /usr its packages' own folder
ZSH_DIR = share/zsh/$(if $(filter /usr /usr/,$(PREFIX)),vendor-completions,site-functions)

install: all
	install -D -m 755 meterctl "$(DESTDIR)$(PREFIX)/bin/meterctl"
	for page in $(PAGES); do install -D -m 644 man/$$page "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page" || exit; done
	install -D -m 644 tests/data/overlay-network.yaml "$(DESTDIR)$(PREFIX)/share/doc/meterctl/overlay-network.yaml"
	install -D -m 644 completions/meterctl.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/meterctl"
	install -D -m 644 completions/_meterctl "$(DESTDIR)$(PREFIX)/$(ZSH_DIR)/_meterctl"
	install -D -m 644 completions/meterctl.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/meterctl.fish"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/meterctl" \
	      $(foreach page,$(PAGES),"$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(page)") \
	      "$(DESTDIR)$(PREFIX)/share/doc/meterctl/overlay-network.yaml" \
	      "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/meterctl" \
	      "$(DESTDIR)$(PREFIX)/$(ZSH_DIR)/_meterctl" \
	      "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/meterctl.fish"

# gzip -n: neither name nor time
dist:
	@git archive --format=tar --prefix=meterctl-$(VERSION)/ HEAD | gzip -9n > meterctl-$(VERSION).tar.gz.new
	@mv meterctl-$(VERSION).tar.gz.new meterctl-$(VERSION).tar.gz && echo meterctl-$(VERSION).tar.gz

clean:
	rm -rf build meterctl

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
