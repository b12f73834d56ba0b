"""Networks as tf2onnx writes those of TensorFlow, [N, H, W, C] with transpositions to ONNX's order and back; and formulas of
functions that older opsets had no operator for."""
import numpy as np

from operator_cases.network import Case, Network

TO_NCHW, TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]


def biased(network: Network, x: str, channels: int) -> str:
    return network.node("Add", x, network.weights(channels))


def keras_block(network: Network) -> None:
    """Rescaled pixels, padding at two sides, a convolution whose bias comes after the transposition back, hard swish written out,
    squeeze-and-excitation, and the output in the input's order."""
    x = network.node("Mul", network.input("image", 1, 7, 9, 3), network.constant(0.5))
    x = network.node("Transpose", network.node("Sub", x, network.constant([0.1, 0.2, 0.3])), perm=TO_NCHW)
    x = network.node("Pad", x, network.constant([0, 0, 0, 0, 0, 0, 1, 1]))
    x = network.node("Transpose", network.conv(x, 8, 3, 3, 3, bias=False, strides=[2, 2]), perm=TO_NHWC)
    x = biased(network, x, 8)
    gate = network.node("Clip", network.node("Add", x, network.constant(3.0)), network.constant(0.0), network.constant(6.0))
    x = network.node("Mul", x, network.node("Mul", gate, network.constant(1 / 6)))
    pooled = network.node("ReduceMean", x, axes=[1, 2], keepdims=1)
    gate = network.conv(network.node("Transpose", pooled, perm=TO_NCHW), 8, 8, 1, 1)
    gate = network.node("Sigmoid", network.node("Transpose", gate, perm=TO_NHWC))
    network.output(network.node("Mul", x, gate))


def layer_norm(network: Network, x: str, axis: int) -> str:
    """As PyTorch exports it before opset 17."""
    difference = network.node("Sub", x, network.node("ReduceMean", x, axes=[axis]))
    square = network.node("Pow", difference, network.constant(2.0))
    variance = network.node("Add", network.node("ReduceMean", square, axes=[axis]), network.constant(1e-5))
    return network.node("Div", difference, network.node("Sqrt", variance))


def gelu(network: Network, x: str) -> str:
    erf = network.node("Erf", network.node("Div", x, network.constant(float(np.sqrt(2)))))
    return network.node("Mul", network.node("Mul", x, network.node("Add", erf, network.constant(1.0))), network.constant(0.5))


def convnext_block(network: Network) -> None:
    """ConvNeXt's: layer normalization and two fully connected layers between transpositions, everything written out."""
    x = network.input("x", 1, 6, 5, 4)
    y = network.node("Transpose", network.conv(x, 6, 1, 3, 3, group=6, pads=[1, 1, 1, 1]), perm=TO_NHWC)
    y = biased(network, network.node("Mul", layer_norm(network, y, -1), network.weights(6)), 6)
    y = gelu(network, biased(network, network.node("MatMul", y, network.weights(6, 24)), 24))
    y = biased(network, network.node("MatMul", y, network.weights(24, 6)), 6)
    network.output(network.node("Add", network.node("Transpose", y, perm=TO_NCHW), x))


CASES = [
    Case("channels_last_keras_block", [13, 17], keras_block),
    Case("channels_last_convnext_block", [13, 17], convnext_block),
]
