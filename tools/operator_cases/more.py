"""Resizing, transposed convolutions, normalization, reductions, gathers and the rarer functions."""
from .network import NEWEST, Case, Network, unary

IMAGE = [1, 3, 4, 5]

FUNCTIONS = [
    ("elu", [7, 13, NEWEST], "Elu", {"alpha": 0.7}), ("celu", [12, NEWEST], "Celu", {"alpha": 0.7}), ("selu", [7, 13], "Selu", {}),
    ("thresholded_relu", [10, NEWEST], "ThresholdedRelu", {"alpha": 0.6}), ("shrink", [9], "Shrink", {"lambd": 0.4, "bias": 0.1}),
    ("softplus", [7, NEWEST], "Softplus", {}), ("softsign", [7], "Softsign", {}), ("mish", [18], "Mish", {}),
    ("gelu", [20], "Gelu", {}), ("gelu_tanh", [20], "Gelu", {"approximate": "tanh"}), ("erf", [9, 13], "Erf", {}),
    ("abs", [7, 13], "Abs", {}), ("neg", [7, 13], "Neg", {}), ("exp", [7, 13], "Exp", {}), ("sin", [13], "Sin", {}),
    ("floor", [13], "Floor", {}), ("round", [13], "Round", {}),
]


def resize(name: str, opsets: list[int], shape: list[int], scales: list | None = None, sizes: list | None = None, **attributes) -> Case:
    def build(network: Network) -> None:
        x = network.input("x", *shape)
        if network.opset < 11:
            network.output(network.node("Resize", x, network.constant(scales, dtype="float32"), **attributes))
            return
        empty = "" if network.opset >= 13 else network.constant([], dtype="float32")
        extra = [empty, network.constant(scales, dtype="float32") if scales else empty] + ([network.constant(sizes)] if sizes else [])
        network.output(network.node("Resize", x, *extra, **attributes))
    return Case(f"resize_{name}", opsets, build)


def transposed(name: str, shape: list[int], weights: list[int], bias: bool = True, **attributes) -> Case:
    def build(network: Network) -> None:
        parameters = [network.weights(*weights)]
        if bias:
            parameters.append(network.weights(weights[1] * attributes.get("group", 1)))
        network.output(network.node("ConvTranspose", network.input("x", *shape), *parameters, **attributes))
    return Case(f"conv_transpose_{name}", [11, NEWEST] if name == "2x2_stride_2" else [13], build)


def layer_norm(network: Network) -> None:
    x = network.input("x", 2, 5, 6)
    network.output(network.node("LayerNormalization", x, network.weights(6), network.weights(6), axis=-1, epsilon=1e-3))


def layer_norm_channels_last(network: Network) -> None:
    """As ConvNeXt has it: over the channels of an image, between transpositions."""
    x = network.node("Transpose", network.input("x", 1, 8, 3, 4), perm=[0, 2, 3, 1])
    x = network.node("LayerNormalization", x, network.weights(8), network.weights(8), axis=-1)
    network.output(network.node("Transpose", x, perm=[0, 3, 1, 2]))


def instance_norm(network: Network) -> None:
    x = network.input("x", 1, 4, 5, 3)
    network.output(network.node("InstanceNormalization", x, network.weights(4), network.weights(4)))


def group_norm(network: Network) -> None:
    x = network.input("x", 1, 6, 4, 3)
    network.output(network.node("GroupNormalization", x, network.weights(6), network.weights(6), num_groups=2))


def prelu_channels(network: Network) -> None:
    network.output(network.node("PRelu", network.input("x", *IMAGE), network.weights(3, 1, 1)))


def prelu_one(network: Network) -> None:
    network.output(network.node("PRelu", network.input("x", *IMAGE), network.weights(1)))


def lrn(network: Network) -> None:
    network.output(network.node("LRN", network.input("x", 1, 7, 3, 4), size=5, alpha=0.1, beta=0.75, bias=1.5))


def reduction(operator: str, axes: list[int], keep: int) -> Case:
    def build(network: Network) -> None:
        x = network.input("x", *IMAGE)
        if network.opset < 18 and operator != "ReduceSum":
            network.output(network.node(operator, x, axes=axes, keepdims=keep))
        else:
            network.output(network.node(operator, x, network.constant(axes), keepdims=keep))
    return Case(f"{operator.lower()}_{''.join(map(str, axes))}_{'keep' if keep else 'drop'}", [13, 18], build)


def extremum(operator: str) -> Case:
    def build(network: Network) -> None:
        x, y = network.input("x", *IMAGE), network.input("y", *IMAGE)
        network.output(network.node(operator, x, y, network.weights(3, 1, 1)))
    return Case(f"{operator.lower()}_three", [13], build)


def maximum_with_number(network: Network) -> None:
    network.output(network.node("Max", network.input("x", *IMAGE), network.constant(0.25)))


def power(network: Network) -> None:
    x = network.node("Abs", network.input("x", *IMAGE))
    network.output(network.node("Pow", x, network.constant(1.5)), network.node("Pow", x, network.constant(2.0)))


CASES = [
    *(unary(name, opsets, operator, IMAGE, **attributes) for name, opsets, operator, attributes in FUNCTIONS),
    resize("nearest_2x", [10, 11, 13, NEWEST], IMAGE, [1, 1, 2, 2], mode="nearest"),
    resize("nearest_uneven", [13, 19], IMAGE, sizes=[1, 3, 7, 3], mode="nearest"),
    resize("nearest_pytorch", [11, 13], IMAGE, [1, 1, 2, 3], mode="nearest", coordinate_transformation_mode="asymmetric",
           nearest_mode="floor"),
    resize("linear_2x", [11, 13, NEWEST], IMAGE, [1, 1, 2, 2], mode="linear"),
    resize("linear_asymmetric", [10], IMAGE, [1, 1, 2, 2], mode="linear"),
    resize("linear_pytorch", [11, 17], IMAGE, sizes=[1, 3, 9, 2], mode="linear", coordinate_transformation_mode="pytorch_half_pixel"),
    resize("linear_corners", [11, 17], IMAGE, sizes=[1, 3, 7, 11], mode="linear", coordinate_transformation_mode="align_corners"),
    resize("linear_to_one", [13], IMAGE, sizes=[1, 3, 1, 1], mode="linear", coordinate_transformation_mode="pytorch_half_pixel"),
    resize("cubic_2x", [13], IMAGE, [1, 1, 2, 2], mode="cubic", cubic_coeff_a=-0.75),
    resize("antialias", [18], [1, 2, 9, 8], sizes=[1, 2, 4, 3], mode="linear", antialias=1),
    unary("upsample_nearest", [9], "Upsample", IMAGE, [[1.0, 1.0, 2.0, 3.0]], mode="nearest"),
    unary("upsample_linear", [9], "Upsample", IMAGE, [[1.0, 1.0, 2.0, 2.0]], mode="linear"),
    transposed("2x2_stride_2", [1, 3, 4, 5], [3, 4, 2, 2], strides=[2, 2]),
    transposed("4x4_stride_2", [1, 3, 4, 5], [3, 4, 4, 4], strides=[2, 2], pads=[1, 1, 1, 1]),
    transposed("3x3_stride_2", [1, 3, 4, 5], [3, 4, 3, 3], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    transposed("3x3_stride_1", [1, 3, 4, 5], [3, 4, 3, 3], pads=[1, 0, 2, 1]),
    transposed("3x2_stride_3x1", [2, 3, 4, 5], [3, 4, 3, 2], bias=False, strides=[3, 1]),
    transposed("groups", [1, 4, 4, 5], [4, 3, 3, 3], strides=[2, 2], group=2),
    transposed("depthwise", [1, 4, 4, 5], [4, 1, 4, 4], strides=[2, 2], pads=[1, 1, 1, 1], group=4),
    transposed("dilated", [1, 3, 4, 5], [3, 2, 3, 3], strides=[2, 2], dilations=[2, 1]),
    transposed("same_upper", [1, 3, 4, 5], [3, 2, 3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
    transposed("output_shape", [1, 3, 4, 5], [3, 2, 3, 3], strides=[2, 2], output_shape=[8, 10]),
    transposed("gaps", [1, 3, 4, 5], [3, 2, 1, 1], strides=[3, 2]),
    Case("layer_norm", [17], layer_norm), Case("layer_norm_channels_last", [17], layer_norm_channels_last),
    Case("instance_norm", [13], instance_norm), Case("group_norm", [21], group_norm),
    Case("prelu_channels", [9, 13], prelu_channels), Case("prelu_one", [13], prelu_one), Case("lrn", [13], lrn),
    *(reduction(operator, [1, 3], 1) for operator in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2")),
    *(reduction(operator, [2], 0) for operator in ("ReduceProd", "ReduceSumSquare", "ReduceLogSumExp")),
    extremum("Min"), extremum("Max"), extremum("Sum"), extremum("Mean"), Case("max_with_number", [13], maximum_with_number),
    Case("power", [13], power),
    unary("gather_channels", [13], "Gather", IMAGE, [[2, 0, 0, 1, 2]], axis=1),
    unary("gather_one", [13], "Gather", IMAGE, [1], axis=2),
    unary("gather_block", [13], "Gather", IMAGE, [[[0, -1], [2, 1]]], axis=3),
    unary("expand", [13], "Expand", [1, 3, 1, 1], [[1, 3, 4, 2]]),
    unary("tile", [13], "Tile", IMAGE, [[1, 2, 1, 3]]),
    unary("depth_to_space_dcr", [11, 13], "DepthToSpace", [1, 12, 2, 3], blocksize=2, mode="DCR"),
    unary("depth_to_space_crd", [13], "DepthToSpace", [1, 12, 2, 3], blocksize=2, mode="CRD"),
    unary("space_to_depth", [13], "SpaceToDepth", [1, 3, 4, 6], blocksize=2),
    unary("log_softmax", [11, 13], "LogSoftmax", [1, 10], axis=1),
    unary("lp_normalization", [13], "LpNormalization", IMAGE, axis=1, p=2),
    unary("max_pool_row", [13], "MaxPool", [1, 3, 9], kernel_shape=[3], strides=[2], pads=[1, 1]),
]
