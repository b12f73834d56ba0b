#!/bin/sh
# Checks the bits of kernels that this machine cannot run as they are, against the portable kernels and the formula:
#
# - AVX-512 VNNI through SIMDe, which spells every instruction out in C;
# - the portable and the NEON kernels as aarch64 code under qemu, where a cross compiler is installed.
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
portable="$checks/check_kernels.c $kernels/conv_portable.c $kernels/depthwise_portable.c $kernels/steps_u8.c"

gcc $flags -DFOVEA_SIMDE -Wno-psabi $portable "$kernels/conv_avx512vnni.c" "$kernels/depthwise_avx512vnni.c" -lm \
  -o "$work/simde"
if objdump -d "$work/simde" | grep -Eq '%[yz]mm|%k[0-7]'; then
  echo "the emulated program contains AVX instructions" >&2
  exit 1
fi
printf 'avx512vnni (SIMDe): '
"$work/simde" avx512vnni

if command -v aarch64-linux-gnu-gcc > /dev/null && command -v qemu-aarch64 > /dev/null; then
  aarch64-linux-gnu-gcc $flags -static $portable "$kernels/tables.c" "$kernels"/*_neon*.c -lm -o "$work/aarch64"
  # A Cortex-A53 has ARMv8.0's instructions: a newer one would end the program.
  printf 'neon (aarch64, Cortex-A53): '
  qemu-aarch64 -cpu cortex-a53 "$work/aarch64" neon
  printf 'neondot (aarch64): '
  qemu-aarch64 -cpu max "$work/aarch64" neondot
fi
