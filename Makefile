# `make demo` and `make test` are all a fresh machine with Swift, git and apt-get needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Static Swift libraries: one file to install, and a third of the start-up time. The linker is
# the toolchain's own; symbols nobody calls are left out. Generic types are made by calls and not
# looked up by name, a fifth of the instructions of a start-up (ARCHITECTURE.md, Starting). What a
# breach runs through lies side by side (ARCHITECTURE.md, A line's way).
SYMBOLS := -c release --product logtail --static-swift-stdlib \
	-Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors \
	-Xswiftc -Xfrontend -Xswiftc -function-sections \
	-Xswiftc -use-ld=lld -Xlinker --gc-sections \
	-Xlinker --symbol-ordering-file=$(CURDIR)/scripts/link-order.txt \
	-Xlinker --no-warn-symbol-ordering
RELEASE := $(SYMBOLS) -Xlinker -s
BINARY := .build/release/logtail
DATASETTE := .build/datasette

.PHONY: build test demo bench link-order soak fuzz sanitize lint ci packages test-packages clean

build: packages
	swift build $(RELEASE)

demo: build
	examples/headroom/demo $(BINARY)

test: test-packages
	python3 -m unittest discover --start-directory Tests/Oracle
	swift build --build-tests
	scripts/run-tests .build/test.log

# logtail against its peers on this machine, in interleaved rounds; see Benchmarks/README.md.
bench: build
	scripts/install-packages python3 gcc libc6-dev
	Benchmarks/run

# What a breach runs through, found anew, after that has changed much. A program that was linked by
# the list as it was would stay.
link-order: packages
	scripts/install-packages python3 valgrind
	swift build $(SYMBOLS) -Xlinker --strip-debug --scratch-path .build/link-order
	scripts/link-order .build/link-order/release/logtail
	rm -f $(BINARY)

# Random sequences of rotations and crashes, new ones each time; a failure prints its seed. Then
# 500 kills among rotations, a kill at every system call, and minutes with a full disk and with ten
# processes on one archive.
soak: test-packages
	LOGTAIL_SOAK=1 LOGTAIL_SEQUENCES=20000 swift test --filter RotationModelTests
	LOGTAIL_KILLS=500 swift test --filter LogrotateTests
	LOGTAIL_SOAK=1 swift test --filter SystemCallTests
	LOGTAIL_SECONDS=60 swift test --filter UnwritableDatabaseTests
	LOGTAIL_SECONDS=60 swift test --filter ArchiveFileProcessesTests

# Inputs that nobody thought of, for a while on each target.
SECONDS_PER_TARGET ?= 600
fuzz: packages
	scripts/fuzz $(SECONDS_PER_TARGET)

# The tests of what runs on several threads, and of what touches memory by hand, under the thread
# and the address sanitizer. Leaks are not looked for: the Swift runtime keeps what it made. Under the
# address sanitizer tests run one by one: Foundation's Process reads past the end of a listing of open
# files where a test beside it has over a thousand.
sanitize: test-packages
	TSAN_OPTIONS=suppressions=Tests/thread-sanitizer.suppressions \
		scripts/run-tests .build/thread.log --scratch-path .build/thread --sanitize=thread \
		--filter 'SyscallsTests|LogTailTests|TelemetryTests|BusTests'
	ASAN_OPTIONS=detect_leaks=0 \
		scripts/run-tests .build/address.log --scratch-path .build/address --sanitize=address \
		--no-parallel \
		--filter 'SyscallsTests|ObserversTests|CheckpointTests|LogTailTests|TelemetryTests|BusTests|FuzzTests' \
		--skip 'cost no memory'

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# What a release needs to build and run.
packages:
	scripts/install-packages libsqlite3-dev zlib1g-dev nettle-dev sqlite3

# What the tests drive besides.
test-packages: packages
	scripts/install-packages python3 tzdata util-linux gzip openssh-client logrotate strace \
		faketime

# Everything, from a clean clone. The release build must not warn. The servers that some tests
# drive are only installed here: on a machine in use they would start.
ci: lint packages
	scripts/install-packages openssh-server prometheus chromium fonts-dejavu-core python3-venv \
		python3 gcc libc6-dev nginx-light
	mkdir -p .build
	swift build $(RELEASE) 2>&1 | tee .build/release.log
	! grep -E 'warning:|error:' .build/release.log
	examples/headroom/demo $(BINARY) --check
	Benchmarks/run --smoke
	LOGTAIL_SEED=2026 scripts/fuzz 60
	$(MAKE) sanitize
	test -x $(DATASETTE)/bin/datasette || { python3 -m venv $(DATASETTE) && \
		$(DATASETTE)/bin/pip install --quiet datasette; } || echo 'no datasette: not tested'
	$(MAKE) test

clean:
	rm -rf .build
