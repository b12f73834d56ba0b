#!/bin/sh
# Makes .venv/ at the repository's root with the packages of tools/requirements.txt, or another environment with the packages
# of other files. Run again, it does nothing until they change. Needs Python 3.11 or newer with its venv module (Debian:
# python3-venv).
#
#   tools/setup_python.sh && .venv/bin/python tools/export_efficientnet_lite0.py
#   tools/setup_python.sh build/compare/venv tools/requirements.txt tools/compare/requirements.txt
#
# Any build of the pinned PyTorch will do. PyPI's Linux wheel carries CUDA and is large (.venv/ then takes 6 GB); pip's own
# variable PIP_EXTRA_INDEX_URL can name PyTorch's index of CPU-only wheels.
set -eu

cd "$(dirname "$0")/.."
venv=${1:-.venv}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- tools/requirements.txt
stamp="$venv/requirements.txt"

if [ -f "$stamp" ] && cat "$@" | cmp -s - "$stamp"; then
  echo "$venv is up to date" >&2
  exit 0
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "tools/setup_python.sh: Python 3.11 or newer is needed; found $(python3 --version 2>&1)" >&2
  exit 1
}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
files=$(printf -- '--requirement %s ' "$@")
"$venv/bin/python" -m pip install --quiet $files  # words, on purpose
cat "$@" > "$stamp"
echo "$venv is ready" >&2
