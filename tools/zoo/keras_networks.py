#!/usr/bin/env python3
"""Exports tf.keras.applications through tf2onnx, beside what `zoo.py export` writes; `zoo.py check` then takes both.

    tools/setup_python.sh build/zoo/venv tools/zoo/requirements.txt
    build/zoo/venv/bin/python tools/zoo/keras_networks.py --models MobileNetV2 Xception
    .venv/bin/python tools/zoo/zoo.py check --models MobileNetV2 Xception --exports tf2onnx-13 tf2onnx-17 --int8-exports tf2onnx-17

Weights are random (seeded), and batch normalization has the statistics of noise that flowed through the network. Writes
build/zoo/NETWORK-tf2onnx-OPSET.onnx, and skips what is there. TensorFlow brings other versions of packages than those of .venv/ has:
hence the second environment.
"""
import argparse
import os
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow as tf  # noqa: E402
import tf2onnx  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ["MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "EfficientNetB0", "EfficientNetV2B0", "NASNetMobile",
            "ResNet50", "ResNet50V2", "DenseNet121", "InceptionV3", "Xception", "ConvNeXtTiny", "VGG16"]
LARGE = {"InceptionV3": 299, "Xception": 299}


def calibrated(name: str) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(1)
    size = LARGE.get(name, 224)
    network = getattr(tf.keras.applications, name)(weights=None, input_shape=(size, size, 3))
    norms = [layer for layer in network.layers if isinstance(layer, tf.keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0  # the statistics of the last batch
    if norms:
        network(tf.random.normal((4, size, size, 3)), training=True)
    for layer in network.layers:
        if isinstance(layer, tf.keras.layers.Normalization):
            # Tensors, which tf2onnx would make inputs of the network.
            layer.mean, layer.variance = layer.mean.numpy(), layer.variance.numpy()
    return network


def export(network: tf.keras.Model, opset: int, path: Path) -> None:
    signature = [tf.TensorSpec((1, *network.input_shape[1:]), tf.float32, name="image")]
    function = tf.function(lambda image: network(image, training=False), input_signature=signature)
    # What tf2onnx cannot translate: Erfc, and grouped convolutions that Keras leaves to XLA. Traced once, here.
    with (mock.patch.object(tf.nn, "gelu", lambda x, approximate: 0.5 * x * (1 + tf.math.erf(x * 0.5 ** 0.5))),
          mock.patch.object(tf, "function", lambda **options: lambda function: function)):
        function.get_concrete_function(*signature)
    tf2onnx.convert.from_function(function, input_signature=signature, opset=opset, output_path=str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=NETWORKS, default=NETWORKS, metavar="NETWORK")
    parser.add_argument("--opsets", nargs="+", type=int, default=[13, 17])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "zoo")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.models:
        wanted = {opset: arguments.folder / f"{name}-tf2onnx-{opset}.onnx" for opset in arguments.opsets}
        wanted = {opset: path for opset, path in wanted.items() if not path.exists()}
        if not wanted:
            continue
        network = calibrated(name)
        for opset, path in wanted.items():
            export(network, opset, path)
            print(f"{path}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
