# imagehook: see README.md. `make help` lists the targets.
#   DEV=1 warnings are errors   SANITIZE=1 address and undefined behaviour   V=1 show commands
PREFIX ?= /usr/local
BUILD ?= build
CC ?= gcc
CXX ?= g++
FUZZ_SECONDS ?= 5
# libcurl, libgit2 and libcrypto are loaded when they are needed (src/base/library.h)
PKGS = yaml-0.1 libcjson re2 sqlite3 libdeflate
LOADED = libcurl libgit2 libcrypto

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align \
	-Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wformat=2 -Wnull-dereference \
	-Wdouble-promotion -Wimplicit-fallthrough -Wredundant-decls
WARN_C = $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
ifneq (,$(findstring clang,$(CC)))
WARN_C += -Wcomma -Wextra-semi-stmt -Wassign-enum -Wconditional-uninitialized -Wunreachable-code
else
WARN_C += -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wtrampolines -Wjump-misses-init \
	-Walloc-zero -Warith-conversion -Wformat-overflow=2 -Wformat-truncation=1 \
	-Wstringop-overflow=4 -Wformat-signedness
HARDEN_GCC = -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
endif
ifdef DEV
WARN_C += -Werror
WARN += -Werror
endif
ifdef FUZZ
HARDEN = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifdef SANITIZE
HARDEN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
BUILD := $(BUILD)/sanitize
else
HARDEN = -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection $(HARDEN_GCC)
endif
CFLAGS ?= -O2 -g
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(LOADED) 2>/dev/null)
ALL_CPPFLAGS = -D_GNU_SOURCE -Isrc -I. $(CPPFLAGS)
ALL_CFLAGS = -std=c17 $(ALL_CPPFLAGS) $(WARN_C) $(HARDEN) -fno-common -fPIE -MMD -MP \
	$(PKG_CFLAGS) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 $(ALL_CPPFLAGS) $(WARN) $(HARDEN) -fPIE -fno-exceptions -fno-rtti -MMD -MP \
	$(CFLAGS)
LINK_FLAGS = $(HARDEN) -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
ALL_LDFLAGS = -pie $(LINK_FLAGS)
# what Git calls starts faster without a dynamic linker
HOOK_LDFLAGS = $(if $(SANITIZE)$(FUZZ),-pie,-static-pie -s)
# small libraries go into the program where their archives are: to bind the C++ library alone is a
# third of its start
STATIC = $(if $(SANITIZE)$(FUZZ),,re2 sqlite3 yaml deflate stdc++)
ARCHIVED = $(foreach lib,$(STATIC),$(if $(filter /%,$(shell $(CC) -print-file-name=lib$(lib).a)),-l$(lib)))
LIBS := -Wl,-Bstatic $(ARCHIVED) -Wl,-Bdynamic $(filter-out $(ARCHIVED),$(shell pkg-config --libs \
	$(PKGS) 2>/dev/null) -lstdc++) -lm

SRC := $(sort $(shell find src -name '*.c' ! -path 'src/cmd/main.c'))
SRC_CXX := $(sort $(shell find src -name '*.cc'))
OBJ := $(SRC:%.c=$(BUILD)/%.o) $(SRC_CXX:%.cc=$(BUILD)/%.o)
BASE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c))
HOOK_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard hooks/*.c))
UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(sort $(shell find tests/unit -name '*.c')))
SERVERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/servers/*.c))
FUZZ_BIN := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/fuzz/*.c)))
# end to end: what users rely on; then faults and crashes, and what only root can try
ROOT_E2E := tests/e2e/root.bats $(wildcard tests/e2e/*/root.bats)
E2E := $(filter-out $(ROOT_E2E),$(sort $(wildcard tests/e2e/*.bats)))
E2E_MORE := $(filter-out $(ROOT_E2E),$(sort $(wildcard tests/e2e/*/*.bats)))
ifeq (0,$(shell id -u))
E2E_MORE += $(wildcard $(ROOT_E2E))
endif
UNITS := $(notdir $(wildcard hooks/*.service hooks/*.timer))
MAN := $(addprefix $(BUILD)/docs/,imagehook.1 imagehook-config.5 imagehook-documents.5 imagehook-providers.5)
Q = $(if $(V),,@)
# a recursive make takes every core unless somebody said otherwise
SUBMAKE = $(MAKE) --no-print-directory $$(case "$$MAKEFLAGS" in *-j*) ;; *) echo -j$$(nproc) ;; esac)
RUN = IMAGEHOOK_BUILD=$(abspath $(BUILD)) tests/run

.PHONY: all deps demo test test-all unit fuzz lint bench docs install uninstall clean help run-test run-all run-fuzz

all: $(BUILD)/imagehook $(BUILD)/imagehook-hook ## build the program and its hook

deps: ## install the Debian packages that are missing
	@tests/deps.sh build test

demo: ## the whole story on a private registry and repository
	@tests/deps.sh build test
	+@$(SUBMAKE) all $(BUILD)/tests/servers/capture
	@tests/demo/demo.sh

test: ## what shows that this build can be trusted
	@tests/deps.sh build test
	+@$(SUBMAKE) run-test

test-all: ## everything, also faults, crashes and (as root) other users
	@tests/deps.sh build test
	+@$(SUBMAKE) run-all

unit: $(UNIT_BIN) ## the unit tests alone
	$(Q)$(RUN) $(UNIT_BIN)

run-test: all $(UNIT_BIN) $(SERVERS)
	$(Q)$(RUN) $(UNIT_BIN) $(E2E)

run-all: all $(UNIT_BIN) $(SERVERS)
	$(Q)$(RUN) $(UNIT_BIN) $(E2E) $(E2E_MORE)

fuzz: ## fuzz every parser of foreign bytes, FUZZ_SECONDS each
	@tests/deps.sh build fuzz
	+@$(SUBMAKE) BUILD=build/fuzz CC=clang CXX=clang++ FUZZ=1 CFLAGS='-O1 -g' run-fuzz

run-fuzz: $(FUZZ_BIN)
	$(Q)tests/run-fuzz $(FUZZ_SECONDS) $(FUZZ_BIN)

lint: ## static analysis, format, layers
	@tests/deps.sh build test lint
	@tests/lint/lint.sh

bench: all $(BUILD)/tests/bench/outbox $(SERVERS) ## the table of speeds
	@tests/deps.sh build test bench
	@tests/bench/bench.sh

docs: $(MAN) ## the manual pages

install: all $(if $(shell command -v scdoc),$(MAN)) ## install below DESTDIR PREFIX
	install -D -m 755 $(BUILD)/imagehook $(DESTDIR)$(PREFIX)/bin/imagehook
	install -D -m 755 $(BUILD)/imagehook-hook $(DESTDIR)$(PREFIX)/libexec/imagehook/imagehook-hook
	for page in $(BUILD)/docs/*.[0-9]; do [ ! -f $$page ] || \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	mkdir -p $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	for unit in $(UNITS); do sed 's|/usr/local|$(PREFIX)|g' hooks/$$unit \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; done
	$(BUILD)/imagehook completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/imagehook

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/imagehook $(DESTDIR)$(PREFIX)/libexec/imagehook \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/imagehook \
		$(DESTDIR)$(PREFIX)/share/man/man[0-9]/imagehook*.[0-9] \
		$(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(UNITS))

clean: ## remove what was built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

$(BUILD)/imagehook: $(BUILD)/src/cmd/main.o $(BUILD)/libimagehook.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/imagehook-hook: $(HOOK_OBJ) $(BUILD)/libbase.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(HOOK_LDFLAGS) $(LINK_FLAGS) -o $@ $^

$(BUILD)/libbase.a: $(BASE_OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/libimagehook.a: $(OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX     $<"
	$(Q)$(CXX) $(ALL_CXXFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libimagehook.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libimagehook.a $(LIBS) -lcmocka

$(BUILD)/tests/servers/%: $(BUILD)/tests/servers/%.o $(BUILD)/libbase.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libbase.a

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libimagehook.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libimagehook.a $(LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libimagehook.a
	@echo "  LINK    $@"
	$(Q)$(CXX) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libimagehook.a $(LIBS)

$(BUILD)/docs/imagehook.1: $(BUILD)/imagehook
	@mkdir -p $(@D)
	$(Q)$(BUILD)/imagehook help --manual imagehook | scdoc >$@

$(BUILD)/docs/imagehook-%.5: $(BUILD)/imagehook
	@mkdir -p $(@D)
	$(Q)$(BUILD)/imagehook help --manual $* | scdoc >$@

.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
