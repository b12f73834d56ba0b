#!/usr/bin/env bash
# Builds the C library as it is shipped (one file: Swift inside, nothing shown but fovea.h), then compiles the C example
# with warnings as errors, runs it on a photo, and checks the first answer.
#
#   tools/check_c_api.sh [model.fovea]        build/efficientnet_lite0.fovea when none is given
set -euo pipefail
cd "$(dirname "$0")/.."
model=${1:-build/efficientnet_lite0.fovea}
out=.build/c
headers=Sources/CFovea/include

# --static-swift-stdlib is for executables; libraries want the compiler's own flag.
swift build -c release --product FoveaC --scratch-path "$out" -Xswiftc -static-stdlib \
  -Xlinker -s -Xlinker --version-script=Sources/CFovea/exports.map
library=$out/release/libFoveaC.so
stat -Lc '%n: %s bytes' "$library"

# Every function of the header, and nothing else.
diff <(grep -o 'fovea_[a-z_]*(' "$headers/fovea.h" | tr -d '(' | sort -u) \
  <(nm -D --defined-only "$library" | awk '$2 ~ /^[A-Z]$/ { print $3 }' | sort)

cc -std=c99 -Wall -Wextra -Wpedantic -Werror -I "$headers" Tests/FoveaCTests/example.c -o "$out/example" \
  -L "$out/release" -lFoveaC -Wl,-rpath,"$PWD/$out/release"
echo '#include <fovea.h>' | c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$headers" -x c++ -

answer=$("$out/example" "$model" fixtures/photos/koala.jpg)
echo "$answer"
[[ ${answer%%$'\n'*} == *"%  koala"* ]] || { echo "the first label is not koala" >&2; exit 1; }

# A failure has a status and one line.
status=0
message=$("$out/example" "$model" /nowhere.jpg 2>&1) || status=$?
[ "$status: $message" = "1: /nowhere.jpg: cannot be read: No such file or directory" ]
echo "C API: ok" >&2
