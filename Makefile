# Single-cell clustering: five programs for one pipe. `make help` lists what can be made.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
# What `install` is called with for programs: -s strips them. INSTALL_PROGRAM="install" keeps their
# symbols.
INSTALL_PROGRAM ?= install -s
PROGRAMS := sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval
BUILD := swift build -c release --quiet
BIN := .build/release
# Programs to install need no Swift library at run time; they are built in a folder of their own.
STATIC := .build-static

BIN_DIR = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share

.PHONY: help build demo test check lint file-lengths rooms habits warnings bench bench-quick bench-scale bench-peers bench-instructions study table3 static \
  install uninstall deb tarball docs clean deps needed faults interop fuzz sanitize test-install test-pipelines test-docs slurm-test

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 22

# ASSUME_YES=1 lets everything install what is missing; without it only these do, and only as root:
# deps, demo, test.
export ASSUME_YES
deps: ## Install the Debian packages that are missing
	@scripts/install-dependencies.sh --asked

needed:
	@scripts/install-dependencies.sh

build: needed ## Build the five programs (release)
	@$(BUILD)

demo: ## Cluster 700 blood cells with known types, and compare
	@scripts/install-dependencies.sh --asked python3
	@echo "Building (some minutes the first time) ..." >&2
	@$(BUILD)
	@SC=$(BIN)/ scripts/demo.sh

# Tests read files that they have just written, while others start programs: those inherit the lock
# on such a file for a moment. One test at a time, because some set the number of threads of all.
test: deps ## Run all tests (release)
	@$(BUILD) --build-tests
	@SC=$(BIN)/ scripts/test-docs.sh
	@HDF5_USE_FILE_LOCKING=FALSE swift test -c release --skip-build --disable-xctest --no-parallel

faults: build ## Feed the built programs every fault that they must survive, and count broken promises (three minutes)
	@scripts/install-dependencies.sh python3
	@SC=$(BIN)/ Tests/Faults/faults.py

interop: build ## Compare with anndata, mudata, scanpy and safetensors, value by value (installs them from PyPI on the first run)
	@SC=$(BIN)/ Tests/Interop/interop.py

# SECONDS is how long all targets together are fuzzed: make fuzz SECONDS=600
SECONDS ?= 60
fuzz: build ## Fuzz everything that reads files with libFuzzer; SECONDS=60
	@SC=$(BIN)/ scripts/fuzz.sh $(SECONDS)

sanitize: needed ## Run tests under the address and thread sanitizers, built in folders of their own (tens of minutes)
	@scripts/sanitize.sh

test-install: static ## Install into a temporary folder, and try what is there
	@scripts/test-install.sh

test-pipelines: build ## Run what is in pipelines/ on simulated cells, as far as snakemake and others are installed
	@SC=$(BIN)/ scripts/test-pipelines.sh

test-docs: build ## Compare the options that README.md and docs/ name with those of the programs
	@SC=$(BIN)/ scripts/test-docs.sh

slurm-test: build ## Run pipelines/slurm-array.sh on a Slurm of one node that is set up for it (root; Debian's slurm-wlm, munge)
	@SC=$(BIN)/ scripts/test-slurm.sh

docs: build ## The site of the documentation, in .build-docs/site (installs mkdocs-material from PyPI on the first run)
	@SC=$(BIN)/ scripts/build-docs.sh

check: lint file-lengths rooms habits warnings ## Style, file lengths, imports, warnings

lint:
	@swift format lint --strict -r Sources Tests Package.swift

file-lengths:
	@scripts/check-file-lengths.sh 400 Sources Tests

rooms:
	@scripts/check-rooms.sh

habits:
	@scripts/check-habits.sh

warnings: needed
	@scripts/check-warnings.sh

# A setting of this machine's OpenBLAS would not be there on a user's.
PLAIN := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE SC=$(BIN)/

bench: build ## Time an epoch, every stage, and other programs (tens of minutes), into Benchmarks/runs/
	@$(PLAIN) Benchmarks/record.sh startup Benchmarks/startup.py
	@$(PLAIN) Benchmarks/record.sh kernels Benchmarks/kernels.py
	@$(PLAIN) Benchmarks/record.sh epoch-paper Benchmarks/epoch.py
	@$(PLAIN) Benchmarks/record.sh epoch-default Benchmarks/epoch.py --preset default
	@$(PLAIN) Benchmarks/record.sh pipe Benchmarks/pipe.py
	@$(PLAIN) Benchmarks/run.sh
	@$(PLAIN) Benchmarks/peers.py

bench-quick: build ## The same on small sets (minutes)
	@$(PLAIN) Benchmarks/startup.py --rounds 11
	@$(PLAIN) Benchmarks/kernels.py --cells 500 --genes 500 --rounds 1
	@$(PLAIN) Benchmarks/epoch.py --cells 1000 --genes 1000 --rounds 1
	@$(PLAIN) Benchmarks/epoch.py --cells 1000 --genes 1000 --rounds 1 --preset default
	@$(PLAIN) Benchmarks/pipe.py --cells 600 --genes 500 --rounds 1
	@$(PLAIN) Benchmarks/run.sh --quick
	@$(PLAIN) Benchmarks/peers.py --quick

bench-scale: build ## Every stage at 5,000 to 100,000 cells (hours); it resumes an interrupted run
	@$(PLAIN) Benchmarks/scale.py

bench-instructions: build ## Count the instructions of one small fixed step of every stage (valgrind; minutes): repeatable on a busy machine
	@$(PLAIN) Benchmarks/record.sh instructions Benchmarks/instructions.py

study: build ## What settings are worth on labeled sets: make study SETS="FILE:LABELS:CLUSTERS ..." SETTINGS=default (hours)
	@$(PLAIN) Benchmarks/study.py study.tsv $(SETS) --settings $(or $(SETTINGS),default) --report --draw study.svg

# TABLE3 is the folder of the table; METHODS, SEEDS, COUNTS and PEERS as Benchmarks/table3.py --help
# says, a method of several words in quotes.
TABLE3 ?= table3
table3: build ## Which method suits labeled data: make table3 SETS="FILE:LABELS:TYPES ..." [METHODS=... SEEDS="0 1 2"] (hours)
	@$(PLAIN) Benchmarks/table3.py $(TABLE3) $(SETS) $(if $(METHODS),--methods $(METHODS)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(COUNTS),--counts $(COUNTS)) $(if $(PEERS),--peer-dir $(PEERS))

bench-peers: build ## Only PyTorch, scanpy and scikit-learn against ours
	@$(PLAIN) Benchmarks/peers.py

static: needed ## Build programs that need no Swift library at run time, into .build-static/release
	@scripts/build-static.sh $(STATIC) $(PROGRAMS)

install: static ## Install programs, man pages and completions below PREFIX (/usr/local); DESTDIR is put before it
	@for program in $(PROGRAMS); do \
	  $(INSTALL_PROGRAM) -D -m 755 "$(STATIC)/release/$$program" "$(BIN_DIR)/$$program"; \
	done
	@install -D -m 755 Sources/sc/sc "$(BIN_DIR)/sc"
	@scripts/install-pages.sh "$(STATIC)/release" "$(SHARE)" $(PROGRAMS)
	@echo "installed sc $(PROGRAMS) in $(BIN_DIR)"

deb: static ## A Debian package in dist/ (dpkg-dev; lintian checks it)
	@scripts/make-deb.sh dist

tarball: static ## A tarball in dist/ that runs from any folder (patchelf)
	@scripts/make-tarball.sh dist

uninstall: ## Remove what install has put there
	@for program in sc $(PROGRAMS); do \
	  rm -f "$(BIN_DIR)/$$program" "$(SHARE)/man/man1/$$program.1" \
	    "$(SHARE)/bash-completion/completions/$$program" "$(SHARE)/zsh/site-functions/_$$program" \
	    "$(SHARE)/fish/vendor_completions.d/$$program.fish"; \
	done

clean: ## Remove everything built, and the demo's files
	@rm -rf .build $(STATIC) .build-asan .build-tsan .build-fuzz .build-interop .build-docs dist demo
