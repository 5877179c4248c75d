# frontdesk: `make` builds build/frontdesk; `make help` lists the rest.
VERSION := 0.1.0
CC ?= cc
B ?= build

# Another SQLite: make SQLITE=dir, a folder with sqlite3.c and sqlite3.h.
SQLITE ?=

STD = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Ilib -Ifcgi \
	-I/usr/include/postgresql
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wconversion \
	-Wformat=2 -Wno-missing-field-initializers
HARD = -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection=full \
	-ftrivial-auto-var-init=zero -fno-strict-aliasing \
	-fno-strict-overflow -fno-delete-null-pointer-checks -fPIE
HARD_LD = -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
SAN = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LIBS = -lpq -lfcgi -lcjson -lsodium -lcurl -ljose -ljansson -lcrypto -lical \
	-lm

ifeq ($(SQLITE),)
LIBS += -lsqlite3
else
STD += -I$(SQLITE)
EXTRA = $(B)/sqlite3.o
endif

# MODE=asan builds the same tree with sanitizers, below build/asan.
ifeq ($(MODE),asan)
CFLAGS ?= $(SAN)
LDFLAGS ?= $(SAN)
O = $(B)/asan
else
CFLAGS ?= $(HARD)
LDFLAGS ?= $(HARD_LD)
O = $(B)/obj
endif
PROGRAM = $(if $(filter asan,$(MODE)),$(B)/asan/frontdesk,$(B)/frontdesk)

SRC := $(wildcard lib/*/*.c fcgi/*.c fcgi/*/*.c)
OBJ = $(SRC:%.c=$(O)/%.o) $(O)/migrations.o $(O)/industries.o $(EXTRA)
UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
DBTEST := $(patsubst tests/db/%.c,db/%,$(wildcard tests/db/test_*.c))

# One short line a file; make V=1 shows the commands.
V ?=
Q = $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1)")

all: $(PROGRAM)

$(PROGRAM): $(OBJ)
	$(call say,link $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc   $<)
	$(Q)$(CC) $(STD) $(WARN) $(WERROR) $(CFLAGS) -MMD -MP -c -o $@ $<

# The migrations become strings in the program.
$(B)/migrations.c: scripts/embed $(wildcard sql/*.sql)
	@mkdir -p $(@D)
	$(Q)scripts/embed sql/*.sql > $@.tmp && mv $@.tmp $@

$(O)/migrations.o: $(B)/migrations.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(CFLAGS) -c -o $@ $<

# So does the list of industries.
$(B)/industries.c: scripts/embed-text $(wildcard fcgi/onboard/industry/*.txt)
	@mkdir -p $(@D)
	$(Q)scripts/embed-text industry_text fcgi/onboard/industry/*.txt \
	    > $@.tmp && mv $@.tmp $@

$(O)/industries.o: $(B)/industries.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(CFLAGS) -c -o $@ $<

$(B)/sqlite3.o: $(SQLITE)/sqlite3.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -DSQLITE_THREADSAFE=2 -DSQLITE_DQS=0 \
	    -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_OMIT_LOAD_EXTENSION \
	    -DSQLITE_ENABLE_FTS5 -DSQLITE_TRUSTED_SCHEMA=0 -w -c -o $@ $<

# --- tests --------------------------------------------------------------

# Everything but main, for the test programs.
LIBRARY = $(O)/libfrontdesk.a

$(LIBRARY): $(filter-out $(O)/fcgi/main.o,$(OBJ))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/tests/%: tests/unit/%.c tests/unit/unit.h $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,test $<)
	$(Q)$(CC) $(STD) $(WARN) $(WERROR) $(CFLAGS) -o $@ $< \
	    -Wl,--whole-archive $(LIBRARY) -Wl,--no-whole-archive \
	    $(LDFLAGS) $(LIBS) -lcmocka

# Of the database only; they need nothing of the program.
DBOBJ = $(addprefix tests/db/,scratch.c scratch_look.c schema.c \
	rows.c attack.c) \
	$(filter $(O)/lib/%,$(OBJ)) $(O)/migrations.o $(EXTRA)

$(O)/tests/db/%: tests/db/%.c $(DBOBJ) $(wildcard tests/db/*.h)
	@mkdir -p $(@D)
	$(call say,test $<)
	$(Q)$(CC) $(STD) $(WARN) $(WERROR) $(CFLAGS) -o $@ \
	    $(filter-out %.h,$^) $(LDFLAGS) $(LIBS) -lcmocka

# Without sanitizers: it is loaded into the program that is watched.
$(B)/tests/lockspy.so: tests/db/lockspy.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) -O1 -g -fPIC -shared -o $@ $<

$(B)/tests/rogue: tests/db/rogue.c $(EXTRA)
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) -O1 -g -o $@ $^ $(LDFLAGS) $(LIBS)

.PHONY: all check sweep unit lint asan bench fuzz hosts kill install clean help
unit:	## build the unit tests, with sanitizers
	$(MAKE) MODE=asan WERROR=-Werror \
	    $(patsubst %,$(B)/asan/tests/%,$(UNIT) $(DBTEST))
	$(MAKE) $(B)/tests/lockspy.so $(B)/tests/rogue $(B)/obj/tests/db/look

check:	## every test; the same as ./scripts/test without installing
	$(MAKE) WERROR=-Werror
	$(MAKE) MODE=asan WERROR=-Werror
	$(MAKE) unit
	tests/run

asan:	## the program and the unit tests under ASan and UBSan
	$(MAKE) MODE=asan WERROR=-Werror
	$(MAKE) unit
	tests/run unit

lint:	## format, static analysis, lengths, layers, banned calls
	scripts/lint

bench:	## the real stack against yardsticks of the same run
	$(MAKE)
	tests/bench/run

kill:	## 200 rounds of kill -9 under load on each engine, then a ledger check
	$(MAKE)
	tests/crash/kill --rounds 200
	FRONTDESK_TEST_ENGINE=postgres tests/crash/kill --rounds 200

hosts:	## two hosts, a front, two servers of PostgreSQL: ten minutes of deaths
	$(MAKE)
	tests/hosts/run --seconds 600

sweep:	## each call of each route fails once, on PostgreSQL as well
	$(MAKE)
	$(MAKE) MODE=asan
	$(MAKE) unit
	FRONTDESK_SWEEP=full tests/run db

fuzz:	## each fuzzer for FUZZ_SECONDS (60)
	scripts/need build fuzz
	tests/fuzz/run

install:	## below $(DESTDIR)/usr/local
	install -D -m 755 $(B)/frontdesk $(DESTDIR)/usr/local/bin/frontdesk

clean:	## remove build/
	rm -rf $(B)

help:	## this text
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

-include $(OBJ:.o=.d)
