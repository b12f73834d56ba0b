#!/usr/bin/env bash
# Installs the system packages that Fovea builds and tests with, where they are missing.
#
#   tools/setup.sh             # what `make demo` and `make test` need
#   tools/setup.sh --all       # and what `make embedded` and `make kernels` need
#
# Works as root or with sudo, on Debian and Ubuntu; elsewhere it names the packages.
set -euo pipefail

packages=(libjpeg-dev libpng-dev libopenblas-dev pkg-config)
if [ "${1:-}" = --all ]; then
  packages+=(g++ gcc gcc-aarch64-linux-gnu gcc-arm-none-eabi libc6-dev-arm64-cross libnewlib-arm-none-eabi libsimde-dev lld
    python3-venv qemu-system-arm qemu-user)
fi

if ! command -v swift >/dev/null; then
  echo "setup: Swift 6.3 or newer is needed: https://www.swift.org/install" >&2
  exit 69
fi

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
else
  echo "setup: not a Debian system; please install what these Debian packages hold: ${packages[*]}" >&2
fi
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}" >&2
privilege=()
[ "$(id -u)" -eq 0 ] || privilege=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${privilege[@]}" apt-get update -qq
"${privilege[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
