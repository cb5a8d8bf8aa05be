# make build | test | demo | bench | check | install | clean.  Needs Debian 12, git and make; the
# rest is installed by tools/setup when it is missing.
prefix ?= /usr/local

.PHONY: build test demo bench check install clean
.DEFAULT_GOAL := build

build:
	@tools/setup build
	@tools/build cicada

test:
	@tools/setup test
	@tools/test

demo: build
	@tools/demo

bench:
	@tools/setup bench
	@tools/build cicada cicada_bench cicada_bare_sender
	@bench/run

check:
	@tools/setup check
	@tools/check

install: build
	@tools/build cicada_archive
	@cmake --install build --prefix "$(prefix)" >/dev/null
	@echo "installed in $(DESTDIR)$(prefix)"

clean:
	rm -rf build out
