#!/usr/bin/env bash
# Checks formatting of Swift and warnings of C. Prints nothing but what is wrong.
#
#   tools/lint.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# The one generated file keeps its generator's style.
git ls-files --cached --others --exclude-standard '*.swift' | grep -v '\.pb\.swift$' | while read -r file; do
  if [ -f "$file" ]; then printf '%s\0' "$file"; fi
done | xargs -0 swift format lint --strict --parallel --configuration .swift-format

for file in Sources/FoveaKernels/*.c; do
  clang -fsyntax-only -std=gnu11 -O1 -Wall -Wextra -Werror -I Sources/FoveaKernels/include "$file"
done
for file in Sources/CFovea/*.c; do
  clang -fsyntax-only -std=gnu11 -Wall -Wextra -Werror -I Sources/CFovea/include "$file"
done
for file in Sources/FoveaCodecs/*.c; do
  # shellcheck disable=SC2046 # pkg-config prints words
  clang -fsyntax-only -std=gnu11 -Wall -Wextra -Werror -I Sources/FoveaCodecs/include -I Sources/CJPEG -I Sources/CPNG \
    $(pkg-config --cflags libjpeg libpng) "$file"
done
for file in tools/*.sh tools/*/*.sh .ci/run; do bash -n "$file"; done
echo "lint: clean" >&2
