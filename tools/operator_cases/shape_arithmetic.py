"""What exporters write where a program computed shapes: chains that become constants once the input's shape is known."""
import numpy as np
from onnx import TensorProto

from operator_cases.network import NEWEST, Case, Network

MODERN = [13, NEWEST]
SHAPE = ["batch", 4, 3, 2]


def dimension(network: Network, x: str, index: int) -> str:
    """One dimension of x as a scalar."""
    return network.node("Gather", network.node("Shape", x), network.constant(index), axis=0)


def as_vector(network: Network, scalar: str) -> str:
    if network.opset < 13:
        return network.node("Unsqueeze", scalar, axes=[0])
    return network.node("Unsqueeze", scalar, network.constant([0]))


def view_batch(network: Network) -> None:
    """x.view(x.size(0), -1)"""
    x = network.input("x", *SHAPE)
    rest = as_vector(network, network.constant(-1))
    target = network.node("Concat", as_vector(network, dimension(network, x, 0)), rest, axis=0)
    network.output(network.node("Reshape", x, target))


def view_all_dimensions(network: Network) -> None:
    """x.view(n, c // 2, 2, h, w), every number taken from the shape, as ShuffleNet's channel shuffle was long exported."""
    x = network.input("x", *SHAPE)
    n, c, h, w = (dimension(network, x, index) for index in range(4))
    half = network.node("Div", c, network.constant(2))
    parts = [as_vector(network, part) for part in (n, half, network.constant(2), h, w)]
    network.output(network.node("Reshape", x, network.node("Concat", *parts, axis=0)))


def floor_division(network: Network) -> None:
    """c // 3 by way of float: Cast, Div, Floor, Cast."""
    x = network.input("x", *SHAPE)
    channels = network.node("Cast", dimension(network, x, 1), to=TensorProto.FLOAT)
    third = network.node("Floor", network.node("Div", channels, network.constant(3.0)))
    count = as_vector(network, network.node("Cast", third, to=TensorProto.INT64))
    target = network.node("Concat", count, network.constant([-1]), axis=0)
    network.output(network.node("Reshape", x, target))


def slice_of_shape(network: Network) -> None:
    """torch.flatten: the leading dimension by Slice."""
    x = network.input("x", *SHAPE)
    if network.opset < 10:
        leading = network.node("Slice", network.node("Shape", x), starts=[0], ends=[1], axes=[0])
    else:
        leading = network.node("Slice", network.node("Shape", x), *(network.constant([value]) for value in (0, 1, 0)))
    network.output(network.node("Reshape", x, network.node("Concat", leading, network.constant([-1]), axis=0)))


def shape_start_end(network: Network) -> None:
    x = network.input("x", *SHAPE)
    leading = network.node("Shape", x, start=0, end=-2)
    network.output(network.node("Reshape", x, network.node("Concat", leading, network.constant([-1]), axis=0)))


def constant_of_shape(network: Network) -> None:
    """Adds a plane of 0.5 as large as the input's."""
    x = network.input("x", *SHAPE)
    value = network.random.uniform(0.5, 1, 1).astype(np.float32)
    tensor = TensorProto(dims=[1], data_type=TensorProto.FLOAT, float_data=value)
    network.output(network.node("Add", x, network.node("ConstantOfShape", network.node("Shape", x), value=tensor)))


def pads_by_arithmetic(network: Network) -> None:
    """F.pad(x, (1, 2, 0, 1)): torch pads the list with zeros, reverses it, and reorders it by Reshape and Transpose."""
    x = network.input("x", *SHAPE)
    zero = TensorProto(dims=[1], data_type=TensorProto.INT64, int64_data=[0])
    zeros = network.node("ConstantOfShape", network.constant([4]), value=zero)
    amounts = network.node("Concat", network.constant([1, 2, 0, 1]), zeros, axis=0)
    pairs = network.node("Reshape", amounts, network.constant([-1, 2]))
    backwards = [network.constant([value]) for value in (-1, -np.iinfo(np.int64).max, 0, -1)]
    columns = network.node("Transpose", network.node("Slice", pairs, *backwards), perm=[1, 0])
    pads = network.node("Cast", network.node("Reshape", columns, network.constant([-1])), to=TensorProto.INT64)
    network.output(network.node("Pad", x, pads, mode="constant"))


def where_equal(network: Network) -> None:
    """A target shape with -1 replaced by the shape's own entry, as x.expand() is exported."""
    x = network.input("x", *SHAPE)
    wanted = network.constant([-1, 2, 2, 6])
    minus_one = network.node("Mul", network.node("ConstantOfShape", network.constant([4]), value=TensorProto(
        dims=[1], data_type=TensorProto.INT64, int64_data=[1])), network.constant(-1))
    own = network.node("Shape", x)
    target = network.node("Where", network.node("Equal", wanted, minus_one), own, wanted)
    network.output(network.node("Reshape", x, target))


def range_of_channels(network: Network) -> None:
    """torch.arange(c) as a constant added to every channel."""
    x = network.input("x", *SHAPE)
    numbers = network.node("Range", network.constant(0), dimension(network, x, 1), network.constant(1))
    plane = network.node("Reshape", network.node("Cast", numbers, to=TensorProto.FLOAT), network.constant([1, -1, 1, 1]))
    network.output(network.node("Add", x, plane))


def pool_by_shape(network: Network) -> None:
    """A global pool whose result is squeezed by arithmetic on its shape."""
    pooled = network.node("GlobalAveragePool", network.input("x", *SHAPE))
    count = network.node("Mul", dimension(network, pooled, 1), dimension(network, pooled, 2))
    target = network.node("Concat", as_vector(network, dimension(network, pooled, 0)), as_vector(network, count), axis=0)
    network.output(network.node("Reshape", pooled, target))


def constant_node_weights(network: Network) -> None:
    """Weights as Constant nodes, one used by an Identity in between."""
    x = network.input("x", *SHAPE)
    values = network.random.uniform(-1, 1, (5, 4, 1, 1)).astype(np.float32)
    tensor = TensorProto(dims=values.shape, data_type=TensorProto.FLOAT, raw_data=values.tobytes())
    weights = network.node("Identity", network.node("Constant", value=tensor))
    network.output(network.node("Conv", x, weights))


def constant_node_forms(network: Network) -> None:
    """Constant's attributes besides value, of opset 12: value_ints, value_float."""
    x = network.node("Reshape", network.input("x", *SHAPE), network.node("Constant", value_ints=[0, -1]))
    network.output(network.node("Mul", x, network.node("Constant", value_float=0.5)))


def folded_weights(network: Network) -> None:
    """A weight computed from initializers: scaled, transposed, reshaped."""
    scaled = network.node("Mul", network.weights(4, 5), network.weights(5))
    weights = network.node("Reshape", network.node("Transpose", scaled, perm=[1, 0]), network.constant([5, 4, 1, 1]))
    network.output(network.node("Conv", network.input("x", *SHAPE), weights))


CASES = [
    Case("view_batch", [7, 9, 11, 17, *MODERN], view_batch),
    Case("view_all_dimensions", [9, 11, *MODERN], view_all_dimensions),
    Case("floor_division", [9, *MODERN], floor_division),
    Case("slice_of_shape", [9, 11, *MODERN], slice_of_shape),
    Case("shape_start_end", [15, NEWEST], shape_start_end),
    Case("constant_of_shape", [9, *MODERN], constant_of_shape),
    Case("pads_by_arithmetic", [11, *MODERN], pads_by_arithmetic),
    Case("where_equal", [11, *MODERN], where_equal),
    Case("range_of_channels", [11, *MODERN], range_of_channels),
    Case("pool_by_shape", [11, 13], pool_by_shape),
    Case("constant_node_weights", [7, 9, 13], constant_node_weights),
    Case("constant_node_forms", [12, 13], constant_node_forms),
    Case("folded_weights", [7, 13], folded_weights),
]
