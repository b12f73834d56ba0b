#!/bin/sh
# Makes .venv/ at the repository's root with the packages of tools/requirements.txt. Run again, it does nothing until that
# file changes. Needs Python 3.11 or newer with its venv module (Debian: python3-venv).
#
#   tools/setup_python.sh && .venv/bin/python tools/export_efficientnet_lite0.py
#
# Any build of the pinned PyTorch will do. PyPI's Linux wheel carries CUDA and is large (.venv/ then takes 6 GB); pip's own
# variable PIP_EXTRA_INDEX_URL can name PyTorch's index of CPU-only wheels.
set -eu

cd "$(dirname "$0")/.."
venv=.venv
stamp="$venv/requirements.txt"

if [ -f "$stamp" ] && cmp -s tools/requirements.txt "$stamp"; then
  echo "$venv is up to date" >&2
  exit 0
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "tools/setup_python.sh: Python 3.11 or newer is needed; found $(python3 --version 2>&1)" >&2
  exit 1
}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --requirement tools/requirements.txt
cp tools/requirements.txt "$stamp"
echo "$venv is ready" >&2
