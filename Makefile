# imagehook: see README.md. `make help` lists the targets.
PREFIX ?= /usr/local
BUILD ?= build
CC ?= gcc
CXX ?= g++
PKGS = libgit2 yaml-0.1 libcjson libcurl re2 sqlite3 libcrypto zlib

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
ifdef SANITIZE
HARDEN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
BUILD := $(BUILD)/sanitize
else
HARDEN = -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection $(HARDEN_GCC)
endif
CFLAGS ?= -O2 -g
ALL_CPPFLAGS = -D_GNU_SOURCE -Isrc -I. $(CPPFLAGS)
ALL_CFLAGS = -std=c17 $(ALL_CPPFLAGS) $(WARN_C) $(HARDEN) -fno-common -fPIE -MMD -MP \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 $(ALL_CPPFLAGS) $(WARN) $(HARDEN) -fPIE -fno-exceptions -fno-rtti -MMD -MP \
	$(CFLAGS)
LINK_FLAGS = $(HARDEN) -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
ALL_LDFLAGS = -pie $(LINK_FLAGS)
# what Git calls starts faster without a dynamic linker
HOOK_LDFLAGS = $(if $(SANITIZE),-pie,-static-pie -s)
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lstdc++

SRC := $(sort $(shell find src -name '*.c' ! -path 'src/cmd/main.c'))
SRC_CXX := $(sort $(shell find src -name '*.cc'))
OBJ := $(SRC:%.c=$(BUILD)/%.o) $(SRC_CXX:%.cc=$(BUILD)/%.o)
BASE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c))
HOOK_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard hooks/*.c))
UNIT := $(sort $(shell find tests/unit -name '*.c'))
UNIT_BIN := $(UNIT:%.c=$(BUILD)/%)
Q = $(if $(V),,@)

.PHONY: all deps demo test test-all fuzz lint bench install uninstall clean help unit

all: $(BUILD)/imagehook $(BUILD)/imagehook-hook ## build the program and its hook

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

$(BUILD)/tests/servers/%: $(BUILD)/tests/servers/%.o
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $<

unit: $(UNIT_BIN) ## build and run the unit tests
	$(Q)tests/run-unit $(UNIT_BIN)

clean: ## remove what was built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

.SECONDARY:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
