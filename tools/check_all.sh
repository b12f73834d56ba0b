#!/usr/bin/env bash
# Compares whole networks with ONNX Runtime: float outputs of EfficientNet-Lite0 and four torchvision networks, int8 accuracy
# and bits of EfficientNet-Lite0. Takes some minutes, most of them to set up Python the first time.
#
#   tools/check_all.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup_python.sh
python=.venv/bin/python
for network in mobilenet_v2 resnet18 resnet50 squeezenet1_1; do
  [ -f "build/models/$network.onnx" ] || $python tools/export_torchvision.py --models "$network"
done
$python tools/check_float.py models/efficientnet_lite0.onnx build/models/{mobilenet_v2,resnet18,resnet50,squeezenet1_1}.onnx
$python tools/check_int8.py
