#!/bin/sh
# Checks the AVX-512 VNNI kernels' bits on a machine without AVX-512: compiles them against SIMDe, which spells every
# instruction out in C, and compares them with the portable kernels and with the formula. Also checks the portable kernels
# as aarch64 code under qemu where a cross compiler is installed.
#
#     tools/check_kernels_simde.sh            (needs gcc and libsimde-dev; optionally gcc-aarch64-linux-gnu, qemu-user)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
kernels="$root/Sources/FoveaKernels"
checks="$root/Tests/KernelsSIMDe"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# gcc contracts floats across statements unless told not to; clang follows the pragma in the sources.
flags="-std=gnu11 -O1 -Wall -Wextra -ffp-contract=off -I$kernels/include -I$kernels -I$checks"

gcc $flags -DFOVEA_SIMDE -Wno-psabi "$checks/check_kernels.c" "$kernels/conv_portable.c" "$kernels/depthwise_portable.c" \
  "$kernels/conv_avx512vnni.c" "$kernels/depthwise_avx512vnni.c" -lm -o "$work/simde"
if objdump -d "$work/simde" | grep -Eq '%[yz]mm|%k[0-7]'; then
  echo "the emulated program contains AVX instructions" >&2
  exit 1
fi
printf 'avx512vnni (SIMDe): '
"$work/simde"

if command -v aarch64-linux-gnu-gcc > /dev/null && command -v qemu-aarch64 > /dev/null; then
  aarch64-linux-gnu-gcc $flags -static "$checks/check_kernels.c" "$kernels/conv_portable.c" \
    "$kernels/depthwise_portable.c" -lm -o "$work/aarch64"
  printf 'portable (aarch64): '
  qemu-aarch64 "$work/aarch64"
fi
