"""Operators that work value by value, and the activations."""
from operator_cases.network import NEWEST, OPSETS, Case, Network, unary

FROM_11 = [11, 13, 17, NEWEST]
SHAPE = [1, 3, 4, 5]

# name, opsets, operator, attributes
ACTIVATIONS = [
    ("relu", OPSETS, "Relu", {}),
    ("clip_attributes", [7, 9], "Clip", {"min": 0.0, "max": 1.5}),
    ("clip_attribute_min", [9], "Clip", {"min": -0.5}),
    ("clip_attribute_max", [9], "Clip", {"max": 0.5}),
    ("clip_no_attributes", [9], "Clip", {}),
    ("leaky_relu", [7, NEWEST], "LeakyRelu", {"alpha": 0.1}),
    ("leaky_relu_default", [13], "LeakyRelu", {}),
    ("sigmoid", [7, NEWEST], "Sigmoid", {}),
    ("hard_sigmoid", [7, NEWEST], "HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    ("hard_sigmoid_default", [13], "HardSigmoid", {}),
    ("hard_swish", [14, NEWEST], "HardSwish", {}),
    ("tanh", [7, NEWEST], "Tanh", {}),
    ("identity", [7, NEWEST], "Identity", {}),
    ("cast_float_to_float", [7, 9, 13, NEWEST], "Cast", {"to": 1}),
]

# name, opsets, bounds: None where the optional input is left out
CLIPS = [
    ("clip_inputs", FROM_11, [0.0, 1.5]),
    ("clip_input_min", FROM_11, [-0.5]),
    ("clip_input_max", FROM_11, [None, 0.5]),
    ("clip_no_inputs", [13], []),
]

# name, left and right operand: an input's shape, or (shape,) of a constant
BINARY = [
    ("two_inputs", SHAPE, SHAPE),
    ("constant", SHAPE, (SHAPE,)),
    ("constant_channels", SHAPE, ([3, 1, 1],)),
    ("constant_rank4_channels", SHAPE, ([1, 3, 1, 1],)),
    ("constant_columns", SHAPE, ([5],)),
    ("constant_scalar", SHAPE, ([],)),
    ("constant_one", SHAPE, ([1],)),
    ("constant_first", ([3, 1, 1],), SHAPE),
    ("scalar_first", ([],), SHAPE),
    ("dynamic_channels", SHAPE, [1, 3, 1, 1]),
    ("dynamic_channels_first", [1, 3, 1, 1], SHAPE),
    ("dynamic_both", [1, 3, 1, 5], [1, 1, 4, 5]),
    ("dynamic_plane", SHAPE, [1, 1, 4, 5]),
    ("rank2", [1, 6], ([6],)),
]


def binary(operator: str, name: str, opsets: list[int], left: list | tuple, right: list | tuple) -> Case:
    def operand(network: Network, shape: list | tuple, input_name: str) -> str:
        if isinstance(shape, list):
            return network.input(input_name, *shape)
        values = network.random.uniform(0.5, 2, shape[0])  # away from zero, for Div
        return network.constant(values)

    def build(network: Network) -> None:
        a, b = operand(network, left, "a"), operand(network, right, "b")
        network.output(network.node(operator, a, b))

    return Case(f"{operator.lower()}_{name}", opsets, build)


def softmax(name: str, opsets: list[int], shape: list[int], axis: int | None) -> Case:
    return unary(name, opsets, "Softmax", shape, **({} if axis is None else {"axis": axis}))


def clip_after_constant_node(network: Network) -> None:
    """Bounds from Constant nodes rather than initializers, as torch exports ReLU6."""
    lower, upper = (network.node("Constant", value_float=bound) for bound in (0.0, 6.0))
    x = network.conv(network.input("x", 1, 3, 5, 5), 4, 3, 3, 3)
    network.output(network.node("Clip", x, lower, upper))


def clip_relu_chain(network: Network) -> None:
    """Relu, then Clip: two activations in a row on one convolution."""
    x = network.node("Relu", network.conv(network.input("x", 1, 3, 5, 5), 4, 3, 3, 3))
    network.output(network.node("Clip", x, network.constant(0.25), network.constant(1.0)))


def same_input_twice(operator: str) -> Case:
    def build(network: Network) -> None:
        x = network.input("x", *SHAPE)
        network.output(network.node(operator, x, x))
    return Case(f"{operator.lower()}_same_input_twice", [13], build)


def swish(network: Network) -> None:
    x = network.input("x", *SHAPE)
    network.output(network.node("Mul", x, network.node("Sigmoid", x)))


def dropout_with_mask(network: Network) -> None:
    """Test mode: an identity, whose mask is not used."""
    value, _ = network.node("Dropout", network.input("x", *SHAPE), outputs=["y", "mask"], ratio=0.3)
    network.output(value)


def cast_chain(network: Network) -> None:
    wide = network.node("Cast", network.input("x", *SHAPE), to=1)
    network.output(network.node("Relu", network.node("Cast", wide, to=1)))


CASES = [
    *(unary(name, opsets, operator, SHAPE, **attributes) for name, opsets, operator, attributes in ACTIVATIONS),
    *(unary(name, opsets, "Clip", SHAPE, bounds) for name, opsets, bounds in CLIPS),
    *(binary("Add", name, OPSETS if name == "two_inputs" else [13], left, right) for name, left, right in BINARY),
    *(binary("Mul", name, [7, NEWEST] if name == "dynamic_channels" else [13], left, right) for name, left, right in BINARY),
    *(binary(operator, name, [13], left, right) for operator in ("Sub", "Div") for name, left, right in BINARY
      if name in {"two_inputs", "constant_channels", "constant_scalar", "scalar_first", "constant_first", "dynamic_channels"}),
    *(same_input_twice(operator) for operator in ("Add", "Mul")),
    softmax("softmax_rank2", OPSETS, [1, 10], None),
    softmax("softmax_axis1", OPSETS, [1, 4, 3, 2], 1),
    softmax("softmax_axis_last", [13, 17, NEWEST], [1, 4, 3, 2], -1),
    softmax("softmax_flattening_axis2", [7, 11], [1, 4, 3, 2], 2),
    softmax("softmax_default_axis_rank4", [11, 13], [1, 4, 3, 2], None),
    unary("dropout", [7, 10], "Dropout", SHAPE, ratio=0.5),
    unary("dropout_ratio_input", [12, 13, NEWEST], "Dropout", SHAPE, [0.5]),
    Case("dropout_with_mask", [7, 10], dropout_with_mask),
    Case("clip_after_constant_node", [12, 13, NEWEST], clip_after_constant_node),
    Case("clip_relu_chain", [13], clip_relu_chain),
    Case("swish", [13], swish),
    Case("cast_chain", [13], cast_chain),
]
