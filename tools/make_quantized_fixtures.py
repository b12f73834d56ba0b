#!/usr/bin/env python3
"""Writes fixtures/quantized: small networks in 8 bits as other tools write them, with inputs, and outputs by ONNX Runtime.

    .venv/bin/python tools/make_quantized_fixtures.py

Each folder holds model.onnx, input_0.npy and output_0.npy, as those of fixtures/operators. Most are float networks that ONNX
Runtime's quantizer has quantized, in its two formats, with signed and unsigned activations, and one scale a channel or one for all
weights; the rest are written by hand, as exporters of quantization-aware training write them. Graph optimizations are off.
"""
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from imagenet import ROOT

OUTPUT = ROOT / "fixtures" / "quantized"
SHAPE = [1, 8, 9, 7]
# What make_trained_fixtures.py writes there begins so.
TRAINED = ("torch_", "nncf_")


class Graph:
    """Nodes and initializers by name; weights are random, of different sizes in each channel."""

    def __init__(self, name: str):
        self.random = np.random.default_rng(list(name.encode()))
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def weights(self, name: str, *shape: int) -> str:
        sizes = np.exp(self.random.standard_normal((shape[0],) + (1,) * (len(shape) - 1)))
        return self.constant(name, (self.random.standard_normal(shape) * sizes).astype(np.float32))

    def conv(self, x: str, output: str, inputs: int, outputs: int, kernel: int, group: int = 1, **attributes: object) -> str:
        weights = self.weights(output + ".w", outputs, inputs // group, kernel, kernel)
        bias = self.weights(output + ".b", outputs)
        attributes = {"pads": [kernel // 2] * 4} | attributes
        return self.node("Conv", [x, weights, bias], output, kernel_shape=[kernel, kernel], group=group, **attributes)

    def model(self, output: str, shape: list[int] | None = None) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes, "graph", [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)], self.initializers)
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def residual(g: Graph) -> str:
    stem = g.node("Relu", [g.conv("x", "stem", 8, 16, 3, strides=[2, 2])], "stem.relu")
    deep = g.node("Clip", [g.conv(stem, "deep", 16, 16, 3, group=16), g.constant("zero", np.float32(0)),
                           g.constant("six", np.float32(6))], "deep.relu6")
    return g.node("Add", [g.conv(deep, "project", 16, 16, 1), stem], "sum")


def classifier(g: Graph) -> str:
    x = g.node("Relu", [g.conv("x", "conv", 8, 12, 1)], "relu")
    x = g.node("Flatten", [g.node("GlobalAveragePool", [x], "pool")], "flat")
    return g.node("Gemm", [x, g.weights("fc.w", 10, 12), g.weights("fc.b", 10)], "logits", transB=1)


def matrix(g: Graph) -> str:
    x = g.node("Reshape", ["x", g.constant("shape", np.array([8, 63], np.int64))], "rows")
    return g.node("MatMul", [x, g.weights("w", 63, 5)], "product")


def branches(g: Graph) -> str:
    left = g.node("MaxPool", [g.conv("x", "left", 8, 6, 1)], "max", kernel_shape=[3, 3], pads=[1] * 4)
    right = g.node("AveragePool", [g.conv("x", "right", 8, 10, 3)], "mean", kernel_shape=[3, 3], pads=[1] * 4)
    return g.node("Concat", [left, right], "concat", axis=1)


def gates(g: Graph) -> str:
    x = g.conv("x", "conv", 8, 8, 1)
    squeezed = g.node("Sigmoid", [g.conv(g.node("GlobalAveragePool", [x], "pool"), "fc", 8, 8, 1)], "gate")
    return g.node("LeakyRelu", [g.node("Mul", [x, squeezed], "scaled")], "leaky", alpha=0.1)


NETWORKS = {f.__name__: f for f in (residual, classifier, matrix, branches, gates)}


def quantized(name: str, build: object, per_channel: bool, activations: QuantType, form: QuantFormat) -> onnx.ModelProto:
    graph = Graph(name)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(onnx.shape_inference.infer_shapes(graph.model(build(graph))), source)
        samples = iter([{"x": graph.random.standard_normal(SHAPE).astype(np.float32)} for _ in range(8)])

        class Reader(CalibrationDataReader):
            def get_next(self):
                return next(samples, None)

        quantize_static(source, target, Reader(), quant_format=form, per_channel=per_channel, activation_type=activations,
                        weight_type=QuantType.QInt8)
        return onnx.load(target)


def scaled(g: Graph, name: str, scale: object, zero_point: object) -> list[str]:
    return [g.constant(name + ".scale", np.array(scale, np.float32)), g.constant(name + ".zero", np.array(zero_point))]


def rounding(g: Graph, x: str, name: str, scale: float, zero_point: object) -> str:
    parameters = scaled(g, name, scale, zero_point)
    return g.node("DequantizeLinear", [g.node("QuantizeLinear", [x] + parameters, name + ".q")] + parameters, name)


def trained(g: Graph) -> str:
    """Weights stay float in the file and are rounded in the graph; the bias is float; two readers, each with its own rounding."""
    x = rounding(g, "x", "x.r", 0.03, np.int8(3))
    scales = (np.arange(1, 9) * 0.01).astype(np.float32)
    weights = g.weights("w", 8, 8, 3, 3)
    parameters = scaled(g, "w", scales, np.zeros(8, np.int8))
    weights = g.node("DequantizeLinear", [g.node("QuantizeLinear", [weights] + parameters, "w.q", axis=0)] + parameters, "w.r",
                     axis=0)
    y = g.node("Conv", [x, weights, g.weights("b", 8)], "conv", pads=[1] * 4)
    first, second = (rounding(g, y, name, 0.2, np.int8(-5)) for name in ("first", "second"))
    return rounding(g, g.node("Add", [first, g.node("Relu", [second], "relu")], "add"), "y", 0.3, np.int8(-100))


def mixed(g: Graph) -> str:
    """A softmax and a division, which are float, between roundings; integers that move; a rounding to other scales."""
    x = rounding(g, g.node("Softmax", ["x"], "softmax", axis=1), "x.r", 1 / 256, np.uint8(0))
    x = rounding(g, g.node("Div", [x, g.constant("three", np.float32(0.3))], "third"), "third.r", 0.01, np.uint8(7))
    parameters = scaled(g, "moved", 0.02, np.uint8(100))
    x = g.node("QuantizeLinear", [x] + parameters, "moved.q")
    x = g.node("Transpose", [g.node("MaxPool", [x], "max", kernel_shape=[2, 2])], "turned", perm=[0, 1, 3, 2])
    x = g.node("DequantizeLinear", [x] + parameters, "moved")
    return rounding(g, g.conv(x, "conv", 8, 4, 1), "y", 0.05, np.uint8(128))


def unsigned_weights(g: Graph) -> str:
    """u8 weights around a zero point, and some that do not fit s8 without it."""
    x = rounding(g, "x", "x.r", 0.02, np.uint8(120))
    for name, low, high, zero_point in (("near", 60, 190, 130), ("far", 0, 256, 90)):
        weights = g.constant(name + ".q", g.random.integers(low, high, (8, 8, 1, 1)).astype(np.uint8))
        weights = g.node("DequantizeLinear", [weights] + scaled(g, name, 0.004, np.uint8(zero_point)), name + ".w")
        x = rounding(g, g.node("Conv", [x, weights], name), name + ".r", 0.03, np.uint8(128))
    return x


HANDWRITTEN = {f.__name__: f for f in (trained, mixed, unsigned_weights)}


def write(name: str, model: onnx.ModelProto) -> None:
    folder = OUTPUT / name
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).standard_normal(session.get_inputs()[0].shape).astype(np.float32)
    np.save(folder / "input_0.npy", x)
    np.save(folder / "output_0.npy", session.run(None, {"x": x})[0])


def main() -> None:
    for stale in OUTPUT.glob("*/"):
        if not stale.name.startswith(TRAINED):
            shutil.rmtree(stale)
    forms = {"qdq": QuantFormat.QDQ, "qoperator": QuantFormat.QOperator}
    types = {"u8": QuantType.QUInt8, "s8": QuantType.QInt8}
    count = 0
    for network, build in NETWORKS.items():
        for form in forms:
            for type in types:
                for per_channel in (False, True):
                    name = f"{network}_{form}_{type}" + ("_channels" if per_channel else "")
                    write(name, quantized(network, build, per_channel, types[type], forms[form]))
                    count += 1
    for name, build in HANDWRITTEN.items():
        graph = Graph(name)
        write(name, graph.model(build(graph)))
        count += 1
    print(f"{OUTPUT}: {count} networks")


if __name__ == "__main__":
    main()
