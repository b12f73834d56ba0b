#!/bin/sh
# Checks the bits of kernels that this machine cannot run as they are, against the portable kernels and the formula (float
# kernels: their values, against sums in binary64):
#
# - AVX-512 VNNI, and the float kernels' AVX-512, through SIMDe, which spells every instruction out in C;
# - AVX-VNNI with AVX-512's form of its one instruction, where this CPU has that;
# - SSE4.1 as it is, having seen that its code holds no AVX instruction;
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

gcc $flags -DFOVEA_SIMDE -Wno-psabi $portable "$kernels/conv_avx512vnni.c" "$kernels/depthwise_avx512vnni.c" \
  "$kernels/bytes_avx512.c" -lm \
  -o "$work/simde"
if objdump -d "$work/simde" | grep -Eq '%[yz]mm|%k[0-7]'; then
  echo "the emulated program contains AVX instructions" >&2
  exit 1
fi
printf 'avx512vnni (SIMDe): '
"$work/simde" avx512vnni

float="$checks/check_kernels_f32.c $kernels/f32_portable.c $kernels/winograd_weights.c $kernels/float_functions.c $kernels/elementary_functions.c"
gcc $flags -DFOVEA_SIMDE -Wno-psabi $float "$kernels/f32_avx512.c" -lm -o "$work/simde_f32"
printf 'avx512 (SIMDe): '
"$work/simde_f32"

portable="$portable $kernels/tables.c $kernels/cpu.c"
if [ "$(uname -m)" = x86_64 ]; then
  for name in conv_sse41 depthwise_sse41 bytes_sse41 winograd_sse41; do
    gcc $flags -O2 -c "$kernels/$name.c" -o "$work/$name.o"
    # Registers of AVX, or its three-operand forms of older instructions.
    if objdump -d --no-show-raw-insn "$work/$name.o" | grep -Eq '%[yz]mm|[[:space:]]v[a-z0-9]+ .*%xmm'; then
      echo "$name.c contains AVX instructions" >&2
      exit 1
    fi
  done
  avx=$(echo "$kernels"/conv_avx*.c "$kernels"/depthwise_avx*.c "$kernels"/bytes_avx*.c "$kernels"/winograd_avx*.c)
  gcc $flags -Wno-psabi $portable "$kernels"/*_sse41.c $avx -lm -o "$work/x86"
  printf 'sse41: '
  "$work/x86" sse41
  if grep -q avx512_vnni /proc/cpuinfo; then
    gcc $flags -DFOVEA_AVXVNNI_EMULATED -Wno-psabi $portable "$kernels"/*_sse41.c \
      $avx -lm -o "$work/avxvnni"
    printf 'avxvnni (as AVX-512): '
    "$work/avxvnni" avxvnni
  fi
fi

if command -v aarch64-linux-gnu-gcc > /dev/null && command -v qemu-aarch64 > /dev/null; then
  neon=$(echo "$kernels"/conv_neon*.c "$kernels"/depthwise_neon*.c "$kernels"/bytes_neon*.c "$kernels"/winograd_neon*.c)
  check_aarch64() {  # check_aarch64 COMPILER PROGRAM
    # A Cortex-A53 has ARMv8.0's instructions, a Neoverse N1 dot products too: a newer one would end the program.
    for set in cortex-a53:neon neoverse-n1:neondot max:neoni8mm; do
      printf '%s (aarch64, %s, %s): ' "${set#*:}" "$1" "${set%:*}"
      qemu-aarch64 -cpu "${set%:*}" "$2" "${set#*:}"
    done
    for set in cortex-a53:neondot neoverse-n1:neoni8mm; do
      status=0
      qemu-aarch64 -cpu "${set%:*}" "$2" "${set#*:}" > /dev/null || status=$?
      if [ "$status" != 3 ]; then
        echo "fovea_cpu_detect finds ${set#*:} on a ${set%:*}" >&2
        exit 1
      fi
    done
  }
  check_float() {  # check_float COMPILER OBJECT_OR_SOURCE
    aarch64-linux-gnu-gcc $flags -static $float "$kernels/tables_f32.c" "$2" -lm -o "$work/float"
    printf 'float (aarch64, %s): ' "$1"
    qemu-aarch64 -cpu cortex-a53 "$work/float"
  }
  aarch64-linux-gnu-gcc $flags -static $portable $neon -lm -o "$work/aarch64"
  check_aarch64 gcc "$work/aarch64"
  check_float gcc "$kernels/f32_neon.c"

  # clang, which compiles the package, makes other code of the same intrinsics.
  clang=$(command -v clang || true)
  if [ -n "$clang" ]; then
    objects=
    compile() {  # compile SOURCE OBJECT
      "$clang" --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include $flags -O2 -c "$1" -o "$2"
    }
    for source in $neon; do
      object=$work/$(basename "$source" .c).o
      compile "$source" "$object"
      objects="$objects $object"
    done
    compile "$kernels/f32_neon.c" "$work/f32_neon.o"
    aarch64-linux-gnu-gcc $flags -static $portable $objects -lm -o "$work/aarch64_clang"
    check_aarch64 clang "$work/aarch64_clang"
    check_float clang "$work/f32_neon.o"
  fi
fi
