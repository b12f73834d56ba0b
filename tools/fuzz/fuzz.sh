#!/usr/bin/env bash
# Fuzzes the import of ONNX files, or the opening and running of model files, with libFuzzer and the address sanitizer, until
# something is found or the time is over. What is found lies in build/fuzz/.
#
#   tools/fuzz/fuzz.sh onnx            # ten minutes
#   tools/fuzz/fuzz.sh model 3600      # an hour
#   tools/fuzz/fuzz.sh onnx 0 build/fuzz/onnx-crash-...    # what was found, once again
#
# Inputs start as the networks of fixtures/, and models that the release build of the command makes of them. A single input may
# take 1 GiB and 5 seconds (15 with the sanitizer).
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:?onnx or model}
seconds=${2:-600}
shift; shift || true
case $target in
  onnx) product=FuzzONNX ;;
  model) product=FuzzModel ;;
  *) echo "tools/fuzz/fuzz.sh: onnx or model, not $target" >&2; exit 2 ;;
esac

swift build --package-path tools/fuzz --scratch-path .build/fuzz -c release --product "$product" \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address

seeds=build/fuzz/$target-seeds
corpus=build/fuzz/$target-corpus
mkdir -p "$seeds" "$corpus"
for network in fixtures/operators/*/model.onnx fixtures/quantized/*/model.onnx; do
  name=$(basename "$(dirname "$network")")
  case $target in
    onnx) cp "$network" "$seeds/$name" ;;
    model)
      [ -e "$seeds/$name" ] || .build/release/fovea convert "$network" -o "$seeds/$name" --precision float >/dev/null 2>&1 || true ;;
  esac
done

if [ $# -gt 0 ]; then exec ".build/fuzz/release/$product" "$@"; fi
exec ".build/fuzz/release/$product" "$corpus" "$seeds" -artifact_prefix="build/fuzz/$target-" -max_total_time="$seconds" \
  -max_len=65536 -rss_limit_mb=3072 -malloc_limit_mb=1024 -timeout=15 -print_final_stats=1
