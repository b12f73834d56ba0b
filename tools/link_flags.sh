#!/usr/bin/env bash
# Prints the flags with which the command starts sooner, as far as this machine has what they need; docs/PERFORMANCE.md, "Start",
# has what each is worth.
#
#   swift build -c release --static-swift-stdlib --product fovea $(tools/link_flags.sh)
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(uname)" = Linux ] || exit 0

# The executable's 47,000 relative relocations in 9 kB in place of 1.1 MB. GNU ld has it from 2.38 on, glibc reads it from 2.36.
options=$(ld.bfd --help 2>/dev/null || true)
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
if [[ $options = *"-z pack-relative-relocs"* && $(printf '%s\n' 2.36 "$glibc" | sort -V | head -1) = 2.36 ]]; then
  echo "-Xswiftc -use-ld=bfd -Xlinker -z -Xlinker pack-relative-relocs"
  # It would warn of a mktemp in Foundation that nothing here calls.
  if [[ $options = *"--no-warnings"* ]]; then echo "-Xlinker --no-warnings"; fi
fi

# The C++ library, of which the Swift runtime needs little, as an archive: the linker takes the first that it finds. A folder
# of its own, because beside the archive there lies the shared one, which would be preferred.
archive=$(clang -print-file-name=libstdc++.a 2>/dev/null || true)
if [ -f "$archive" ]; then
  mkdir -p .build/archives
  ln -sf "$(realpath "$archive")" .build/archives/libstdc++.a
  echo "-Xswiftc -L$PWD/.build/archives -Xswiftc -Xclang-linker -Xswiftc -static-libgcc"
fi
