"""Builds one small ONNX network for a test, with random weights and inputs that depend on its name alone.

    network = Network("relu_13", opset=13)
    x = network.input("x", 1, 3, 4, 4)
    network.output(network.node("Relu", x))
"""
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NEWEST = 28  # of onnx 1.23 and ONNX Runtime 1.32
OPSETS = [7, 9, 11, 13, 17, NEWEST]


class Network:
    def __init__(self, name: str, opset: int):
        self.name = name
        self.opset = opset
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.outputs: list[str] = []
        self.feeds: dict[str, np.ndarray] = {}
        self.symbolic_batch = False

    def unused_name(self, base: str) -> str:
        taken = self.feeds.keys() | {tensor.name for tensor in self.initializers}
        taken |= {output for node in self.nodes for output in node.output}
        return next(name for number in range(1, 10_000) if (name := f"{base}{number}") not in taken)

    def input(self, name: str, *shape: int | str) -> str:
        """A float input; a dimension named by a string is 1 in the test's data."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.symbolic_batch |= shape[0] == "batch"
        sizes = [1 if isinstance(size, str) else size for size in shape]
        self.feeds[name] = self.random.uniform(-2, 2, sizes).astype(np.float32)
        return name

    def constant(self, values: np.ndarray | list | float | int, dtype: type | None = None, name: str | None = None) -> str:
        """An initializer; integers become int64 and everything else float32 unless told otherwise."""
        array = np.asarray(values)
        dtype = dtype or (np.int64 if array.dtype.kind == "i" else np.float32)
        name = name or self.unused_name("constant")
        self.initializers.append(numpy_helper.from_array(array.astype(dtype), name))
        return name

    def weights(self, *shape: int, name: str | None = None) -> str:
        return self.constant(self.random.uniform(-1, 1, shape), name=name)

    def node(self, operator: str, *inputs: str, outputs: int | list[str] = 1, name: str | None = None, domain: str = "",
             **attributes) -> str | list[str]:
        """Adds a node; returns its output's name, or a list of names if there are several."""
        if isinstance(outputs, int):
            first = self.unused_name("value")
            outputs = [first] + [f"{first}_{index}" for index in range(1, outputs)]
        label = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, outputs, label, domain=domain, **attributes))
        return outputs[0] if len(outputs) == 1 else outputs

    def output(self, *names: str) -> None:
        self.outputs += names

    def conv(self, x: str, *weights: int, bias: bool = True, **attributes) -> str:
        parameters = [self.weights(*weights)] + ([self.weights(weights[0])] if bias else [])
        return self.node("Conv", x, *parameters, **attributes)

    def batch_norm(self, x: str, channels: int, **attributes) -> str:
        scale, offset, mean = (self.weights(channels) for _ in range(3))
        variance = self.constant(self.random.uniform(0.2, 3, channels))
        return self.node("BatchNormalization", x, scale, offset, mean, variance, **attributes)

    def model(self, output_shapes: dict[str, list[int]] | None = None) -> onnx.ModelProto:
        """The network; outputs have the given shapes or none, and a symbolic batch if the input has one."""
        outputs = []
        for name in self.outputs:
            shape = output_shapes and list(output_shapes[name])
            if shape and self.symbolic_batch and shape[0] == 1:
                shape[0] = "batch"
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        imports = [helper.make_opsetid("", self.opset)]
        ir_version = helper.find_min_ir_version_for(imports)
        imports += [helper.make_opsetid(domain, 1) for domain in sorted({node.domain for node in self.nodes} - {""})]
        inputs = list(self.inputs)
        if ir_version < 4:  # until then, every initializer was also listed as an input
            inputs += [helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims) for tensor in self.initializers]
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.initializers)
        return helper.make_model(graph, opset_imports=imports, ir_version=ir_version, producer_name="fovea-fixtures")


@dataclass
class Case:
    """A network to be built: its name without the opset, its opsets, and the function that fills it."""
    name: str
    opsets: list[int]
    build: Callable[[Network], None]
    external_data: bool = False


def unary(name: str, opsets: list[int], operator: str, shape: list[int], constants: list = (), outputs: int = 1,
          **attributes) -> Case:
    """A case of one operator on one input, followed by constant inputs; every output is an output of the network."""
    def build(network: Network) -> None:
        x = network.input("x", *shape)
        extra = ["" if constant is None else network.constant(constant) for constant in constants]
        results = network.node(operator, x, *extra, outputs=outputs, **attributes)
        network.output(*([results] if outputs == 1 else results))
    return Case(name, opsets, build)
