#!/bin/bash
# Checks that the engine runs without an operating system under it: compiles FoveaCore as embedded Swift, with the portable
# kernels, for a Cortex-M7, for aarch64 and for wasm32, and prints their sizes. Then runs a converted network in emulated
# aarch64 (and on an emulated Cortex-M7 where its tools are installed) and compares the output, bit by bit, with this
# machine's fastest kernels.
#
#     tools/embedded/build.sh build/efficientnet_lite0.fovea [REPETITIONS]
#
# Without an argument it takes that file, and only compiles and links where there is none. A quantized network is what
# the promise of equal bits is about; a float one may differ where it uses exp or tanh, which come from the C library.
# Exit status: 69 where a Debian package is missing (it is named), 1 where bits differ. Outputs go to build/embedded/.
set -euo pipefail
cd "$(dirname "$0")/../.."
model=${1:-build/efficientnet_lite0.fovea}
repetitions=${2:-1}
out=build/embedded
tool=tools/embedded
kernels=Sources/FoveaKernels

fail() {  # fail STATUS MESSAGE
  echo "tools/embedded/build.sh: $2" >&2
  exit "$1"
}

# --- What is needed --------------------------------------------------------------------------------------------------

command -v swiftc > /dev/null || fail 69 "needs a Swift 6.3 toolchain in PATH"
# clang and llvm-objdump come with Swift, and know every target that it knows.
toolchain=$(swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1/bin|p')
[ -x "$toolchain/clang" ] || toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")

missing=
command -v qemu-aarch64 > /dev/null || missing+=" qemu-user"
command -v aarch64-linux-gnu-gcc > /dev/null || missing+=" gcc-aarch64-linux-gnu"
[ -e /usr/aarch64-linux-gnu/lib/libc.a ] || missing+=" libc6-dev-arm64-cross"
[ -x "$toolchain/ld.lld" ] || command -v ld.lld > /dev/null || missing+=" lld"
[ -z "$missing" ] || fail 69 "needs these Debian packages: apt-get install$missing"

missing_m7=
command -v qemu-system-arm > /dev/null || missing_m7+=" qemu-system-arm"
command -v arm-none-eabi-gcc > /dev/null || missing_m7+=" gcc-arm-none-eabi"
[ -e /usr/lib/arm-none-eabi/newlib/rdimon.specs ] || missing_m7+=" libnewlib-arm-none-eabi"

if [ $# -gt 0 ] && [ ! -r "$model" ]; then fail 66 "$model: cannot be read"; fi

# --- Compiling -------------------------------------------------------------------------------------------------------

swift_flags=(
  -O -wmo -parse-as-library -swift-version 6 -strict-memory-safety -warnings-as-errors -package-name fovea
  -I "$kernels/include" -I "$tool")
# Contraction to FMA is on by default and would change float bits on aarch64 and Cortex-M7.
c_flags=(
  -std=gnu11 -O2 -Wall -Wextra -Werror -ffp-contract=off -ffunction-sections -fdata-sections -I "$kernels/include"
  -I "$tool")

# The flags by which the compilers know each machine: for swiftc, and for clang (swiftc hands them to its own clang too).
swift_machine() {
  case $1 in
    host) ;;
    cortex-m7) echo -target armv7em-none-none-eabi ;;
    aarch64) echo -target aarch64-none-none-elf ;;
    wasm32) echo -target wasm32-unknown-none-wasm ;;
  esac
}
c_machine() {
  case $1 in
    host) ;;
    cortex-m7) echo -ffreestanding -mcpu=cortex-m7 -mfloat-abi=hard ;;
    *) echo -ffreestanding ;;
  esac
}

compile() {  # compile MACHINE: FoveaCore.o, kernels/*.o and main.o in $out/MACHINE
  local machine=$1 dir=$out/$1 flags clang_flags source flag
  rm -rf "$dir"
  mkdir -p "$dir/kernels"
  read -ra flags <<< "$(swift_machine "$machine")"
  read -ra clang_flags <<< "$(c_machine "$machine")"
  for source in "$kernels"/*.c; do
    "$toolchain/clang" ${flags[1]:+"--target=${flags[1]}"} "${clang_flags[@]}" "${c_flags[@]}" -c "$source" \
      -o "$dir/kernels/$(basename "$source" .c).o"
  done
  [ "$machine" = host ] || flags+=(-enable-experimental-feature Embedded -Xfrontend -function-sections)
  for flag in "${clang_flags[@]}"; do flags+=(-Xcc "$flag"); done
  swiftc -c "${swift_flags[@]}" "${flags[@]}" -module-name FoveaCore -emit-module \
    -emit-module-path "$dir/FoveaCore.swiftmodule" $(find Sources/FoveaCore -name '*.swift' | sort) -o "$dir/FoveaCore.o"
  swiftc -c "${swift_flags[@]}" "${flags[@]}" -module-name run_model -I "$dir" "$tool/main.swift" -o "$dir/main.o"
}

check_no_fma() {  # check_no_fma MACHINE: no kernel but the float ones in SIMD rounds a product and a sum at once
  local found objects
  objects=$(ls "$out/$1"/kernels/*.o | grep -v '/f32_neon\.o$')
  # shellcheck disable=SC2086 # paths without spaces
  found=$("$toolchain/llvm-objdump" -d $objects | grep -E '[[:space:]](fn?m(add|sub)|fml[as]|vfn?m[as])' || true)
  [ -z "$found" ] || fail 1 "the kernels for $1 contain fused multiply-adds: $(head -1 <<< "$found")"
}

bytes_of() {  # bytes_of TEXT|DATA OBJECT...: what the sections of that kind add up to; tables for unwinding left out
  local kind=$1 size sum=0
  shift
  for size in $("$toolchain/llvm-objdump" -h "$@" |
    awk -v kind="$kind" '$5 == kind && $2 !~ /eh_frame|ARM.exidx|swift_modhash|llvm_/ { print $3 }'); do
    sum=$((sum + 16#$size))
  done
  echo "$sum"
}

for machine in host cortex-m7 aarch64 wasm32; do compile "$machine"; done
check_no_fma cortex-m7
check_no_fma aarch64

echo "Code and constants in bytes, before a linker drops what a program does not use:"
printf '  %-10s %22s %22s\n' machine FoveaCore kernels
for machine in cortex-m7 aarch64 wasm32; do
  core=$out/$machine/FoveaCore.o
  parts=("$out/$machine"/kernels/*.o)
  printf '  %-10s %12d + %7d %12d + %7d\n' "$machine" "$(bytes_of TEXT "$core")" "$(bytes_of DATA "$core")" \
    "$(bytes_of TEXT "${parts[@]}")" "$(bytes_of DATA "${parts[@]}")"
done

# --- Linking ---------------------------------------------------------------------------------------------------------

# lld, because GNU's linker refuses the protected symbols that Swift's objects share. The toolchain has one; Debian's will do.
linker=(-fuse-ld=lld "-B$toolchain" -Wl,--gc-sections)

objects() { echo "$out/$1"/main.o "$out/$1"/FoveaCore.o "$out/$1"/kernels/*.o; }

"$toolchain/clang" "${c_flags[@]}" -c "$tool/platform.c" -o "$out/host/platform.o"
swiftc -static-stdlib $(objects host) "$out/host/platform.o" -o "$out/host/run_model"

aarch64-linux-gnu-gcc "${c_flags[@]}" -c "$tool/platform.c" -o "$out/aarch64/platform.o"
aarch64-linux-gnu-gcc -static "${linker[@]}" $(objects aarch64) "$out/aarch64/platform.o" -lm -o "$out/aarch64/run_model"

if [ -z "$missing_m7" ]; then
  m7_flags=(-mthumb -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard)
  for source in platform cortex_m7_start; do
    arm-none-eabi-gcc "${m7_flags[@]}" "${c_flags[@]}" -c "$tool/$source.c" -o "$out/cortex-m7/$source.o"
  done
  arm-none-eabi-gcc "${m7_flags[@]}" "${linker[@]}" --specs=rdimon.specs -T "$tool/cortex_m7.ld" $(objects cortex-m7) \
    "$out/cortex-m7/platform.o" "$out/cortex-m7/cortex_m7_start.o" -lm -o "$out/cortex-m7/run_model"
  echo "The linked Cortex-M7 program, newlib's part (files, formatted output) included:" \
    "$(bytes_of TEXT "$out/cortex-m7/run_model") + $(bytes_of DATA "$out/cortex-m7/run_model") bytes"
fi

# --- Running ---------------------------------------------------------------------------------------------------------

run_host() { "$out/host/run_model" "$@"; }
run_aarch64() {  # run_aarch64 MODEL INPUT OUTPUT [REPETITIONS KERNELS], on a processor that has no more than these
  local processor
  case ${5:-neon} in
    neon) processor=cortex-a53 ;;  # Raspberry Pi 3
    neondot) processor=cortex-a76 ;;  # Raspberry Pi 5
    neoni8mm) processor=max ;;
  esac
  qemu-aarch64 -cpu "$processor" "$out/aarch64/run_model" "$@"
}
run_cortex_m7() {
  local word arguments=arg=run_model
  for word in "$@"; do arguments+=",arg=${word//,/,,}"; done
  qemu-system-arm -machine mps2-an500 -nographic -monitor none -serial none -kernel "$out/cortex-m7/run_model" \
    -semihosting-config "enable=on,target=native,$arguments"
}

check_same_bits() {  # check_same_bits NAME RUN REPETITIONS KERNELS: the output, and what a damaged model is told
  local name=$1 run=$2 output=$out/$2.bin line status=0
  line=$("$run" "$model" "$out/input.bin" "$output" "$3" "$4") || fail 1 "$name cannot run $model"
  echo "$name: $line"
  [ "${line%% *}" = "$4" ] || fail 1 "$name does not use the kernels that were wanted: $4"
  cmp "$out/host.bin" "$output" || fail 1 "$name computes other bits than the host"
  echo "$name: same bits: $(stat -c %s "$output") bytes, sha256 $(sha256sum < "$output" | cut -d ' ' -f 1)"
  "$run" "$out/damaged.fovea" "$out/input.bin" /dev/null 2> "$out/$2.txt" || status=$?
  [ "$status" = 65 ] && cmp "$out/host.txt" "$out/$2.txt" ||
    fail 1 "$name answers a damaged model with status $status: $(cat "$out/$2.txt")"
}

if [ ! -r "$model" ]; then
  echo "Compiled and linked. To run it, convert a network to $model or name one."
  exit 0
fi

rm -f "$out"/*.bin "$out"/*.txt
run_host --make-input "$model" "$out/input.bin"
line=$(run_host "$model" "$out/input.bin" "$out/host.bin" "$repetitions")
echo "host: $line"
cp "$model" "$out/damaged.fovea"
printf '\x5a' | dd of="$out/damaged.fovea" bs=1 seek=$(($(stat -c %s "$model") / 2)) conv=notrunc status=none
status=0
run_host "$out/damaged.fovea" "$out/input.bin" /dev/null 2> "$out/host.txt" || status=$?
[ "$status" = 65 ] || fail 1 "the host answers a damaged model with status $status: $(cat "$out/host.txt")"
echo "a damaged model: $(cat "$out/host.txt")"

for set in neon neondot neoni8mm; do check_same_bits aarch64 run_aarch64 "$repetitions" "$set"; done
if [ -n "$missing_m7" ]; then
  echo "cortex-m7: compiled, but not run: apt-get install$missing_m7"
elif [ "$(stat -c %s "$model")" -gt $((12 << 20)) ]; then
  echo "cortex-m7: not run: the model does not fit the board's 16 MiB with its activations"
else
  check_same_bits cortex-m7 run_cortex_m7 1 portable
fi
