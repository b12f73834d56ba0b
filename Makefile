# The README's two commands are `make demo` and `make test`. `make help` lists the rest.

FOVEA := .build/release/fovea
MODEL := build/efficientnet_lite0.fovea
# The command starts sooner with the Swift library inside it, and runs where no Swift is installed.
BUILD = swift build -c release --static-swift-stdlib --product fovea $(shell tools/link_flags.sh)

.PHONY: demo build test conformance lint embedded kernels capi check compare clean help setup
.DEFAULT_GOAL := help

help:  ## lists these commands
	@sed -n 's/^\([a-z]*\):[^#]*## */make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

setup:
	@tools/setup.sh

demo: build $(MODEL)  ## sets up, builds, converts EfficientNet-Lite0 to int8, classifies the photos in fixtures/
	$(FOVEA) classify fixtures/photos

build: setup  ## builds the command
	$(BUILD)

# Another converter may write another model.
$(FOVEA): build ;

# The photos and the statistics of the model card, models/README.md.
$(MODEL): $(FOVEA) models/efficientnet_lite0.onnx models/imagenet_labels.txt $(wildcard fixtures/calibration/*.jpg)
	@mkdir -p $(@D)
	$(FOVEA) convert models/efficientnet_lite0.onnx -o $@ --calibrate fixtures/calibration --labels models/imagenet_labels.txt \
	  --size 224 --crop 0.875 --resize bicubic \
	  --mean 0.498039,0.498039,0.498039 --std 0.501961,0.501961,0.501961 --channels rgb

# One command builds for both: `swift test` alone would build with other flags, and everything twice.
BUILD_TESTS := swift build -c release --build-tests --scratch-path .build/tests

test: build  ## all tests
	$(BUILD_TESTS)
	FOVEA_BINARY=$(abspath $(FOVEA)) swift test -c release --scratch-path .build/tests --skip-build
	@$(FOVEA) --help | sed -n 's/^ *This CPU has: \(.*\)\./Kernels were tested natively with: \1./p'
	@echo "Those that this CPU lacks, and ARM's: make kernels (SIMDe and qemu) and make embedded (whole network under qemu)."

conformance: setup  ## the ONNX project's own node tests of every operator that is claimed
	tools/setup_python.sh build/conformance/venv tools/conformance/requirements.txt
	build/conformance/venv/bin/python tools/conformance/write_cases.py build/conformance/cases
	$(BUILD_TESTS)
	.build/tests/release/fovea-conformance build/conformance/cases tools/conformance/limits.txt

lint:  ## formatting, warnings in C
	tools/lint.sh

embedded: $(MODEL)  ## the core as embedded Swift for Cortex-M7, AArch64 (both run under qemu) and WebAssembly
	tools/setup.sh --all
	tools/embedded/build.sh $(MODEL)

kernels:  ## every instruction set's kernels against the portable ones: AVX-512 through SIMDe, ARM under qemu
	tools/setup.sh --all
	tools/check_kernels_simde.sh

capi: $(MODEL)  ## the C library, and the C program of the README against it
	tools/setup.sh --all
	tools/check_c_api.sh

check: build  ## float and int8 against ONNX Runtime on whole networks (Python, in an environment of its own)
	tools/setup.sh --all
	tools/check_all.sh

compare: build  ## speed, memory and first answer beside five other engines, into docs/results/; whole processes
	tools/setup_python.sh build/compare/venv tools/requirements.txt tools/compare/requirements.txt
	build/compare/venv/bin/python tools/compare/compare.py
	build/compare/venv/bin/python tools/compare/process.py

clean:
	rm -rf .build build
