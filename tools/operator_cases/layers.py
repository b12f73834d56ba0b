"""Layers with weights: Conv, Gemm, MatMul, BatchNormalization."""
from operator_cases.network import NEWEST, OPSETS, Case, Network

# name, opsets, input shape, weight shape, attributes
CONVOLUTIONS = [
    ("conv_1x1", OPSETS, [1, 8, 5, 6], [12, 8, 1, 1], {}),
    ("conv_3x3", OPSETS, [1, 3, 7, 9], [5, 3, 3, 3], {"pads": [1, 1, 1, 1]}),
    ("conv_3x3_stride2", [13], [1, 3, 9, 8], [16, 3, 3, 3], {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("conv_5x5", [13], [1, 4, 9, 9], [6, 4, 5, 5], {"pads": [2, 2, 2, 2]}),
    ("conv_7x7_stride2", [13], [1, 3, 16, 15], [4, 3, 7, 7], {"pads": [3, 3, 3, 3], "strides": [2, 2]}),
    ("conv_2x2", [13], [1, 4, 6, 5], [3, 4, 2, 2], {}),
    ("conv_4x4_stride4", [13], [1, 3, 12, 8], [8, 3, 4, 4], {"strides": [4, 4]}),
    ("conv_1x7", [13], [1, 4, 6, 9], [5, 4, 1, 7], {"pads": [0, 3, 0, 3]}),
    ("conv_7x1", [13], [1, 4, 9, 6], [5, 4, 7, 1], {"pads": [3, 0, 3, 0]}),
    ("conv_2x3_stride1x2", [13], [1, 4, 7, 8], [5, 4, 2, 3], {"strides": [1, 2], "pads": [0, 1, 1, 1]}),
    ("conv_1x1_stride2", [13], [1, 6, 7, 8], [9, 6, 1, 1], {"strides": [2, 2]}),
    ("conv_asymmetric_pads", [13], [1, 3, 6, 7], [4, 3, 3, 3], {"pads": [0, 1, 2, 3]}),
    ("conv_dilation", [7, 13], [1, 3, 11, 10], [4, 3, 3, 3], {"dilations": [2, 3], "pads": [2, 3, 2, 3]}),
    ("conv_dilation_stride2", [13], [1, 3, 11, 10], [4, 3, 3, 3], {"dilations": [2, 2], "strides": [2, 2]}),
    ("conv_groups", [7, 13], [1, 12, 5, 5], [8, 6, 3, 3], {"group": 2, "pads": [1, 1, 1, 1]}),
    ("conv_groups_1x1", [13], [1, 24, 5, 4], [12, 8, 1, 1], {"group": 3}),
    ("conv_depthwise_3x3", [7, 13, NEWEST], [1, 20, 7, 6], [20, 1, 3, 3], {"group": 20, "pads": [1, 1, 1, 1]}),
    ("conv_depthwise_3x3_stride2", [13], [1, 17, 9, 8], [17, 1, 3, 3], {"group": 17, "pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("conv_depthwise_5x5", [13], [1, 10, 8, 8], [10, 1, 5, 5], {"group": 10, "pads": [2, 2, 2, 2]}),
    ("conv_depthwise_dilation", [13], [1, 6, 9, 9], [6, 1, 3, 3], {"group": 6, "dilations": [2, 2], "pads": [2, 2, 2, 2]}),
    ("conv_depthwise_multiplier2", [7, 13], [1, 6, 7, 6], [12, 1, 3, 3], {"group": 6, "pads": [1, 1, 1, 1]}),
    ("conv_same_upper", [7, 13], [1, 3, 8, 7], [4, 3, 3, 3], {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("conv_same_lower", [7, 13], [1, 3, 8, 7], [4, 3, 3, 3], {"auto_pad": "SAME_LOWER", "strides": [2, 2]}),
    ("conv_same_upper_even", [13], [1, 3, 6, 7], [4, 3, 2, 4], {"auto_pad": "SAME_UPPER"}),
    ("conv_same_lower_even", [13], [1, 3, 6, 7], [4, 3, 2, 4], {"auto_pad": "SAME_LOWER"}),
    ("conv_valid", [7, 13], [1, 3, 8, 7], [4, 3, 3, 3], {"auto_pad": "VALID", "strides": [2, 2]}),
    ("conv_explicit_attributes", [13], [1, 3, 6, 6], [4, 3, 3, 3],
     {"auto_pad": "NOTSET", "kernel_shape": [3, 3], "strides": [1, 1], "dilations": [1, 1], "group": 1, "pads": [1, 1, 1, 1]}),
    ("conv_symbolic_batch", [7, 13, NEWEST], ["batch", 3, 6, 6], [4, 3, 3, 3], {"pads": [1, 1, 1, 1]}),
]

# name, shape of A (the input), shape of B, shape of C or None, attributes
GEMMS = [
    ("gemm", [2, 6], [6, 5], [5], {}),
    ("gemm_trans_a", [6, 2], [6, 5], [5], {"transA": 1}),
    ("gemm_trans_b", [1, 6], [5, 6], [5], {"transB": 1}),
    ("gemm_trans_both", [6, 2], [5, 6], [5], {"transA": 1, "transB": 1}),
    ("gemm_alpha_beta", [2, 6], [6, 5], [5], {"alpha": 0.5, "beta": 2.0}),
    ("gemm_bias_row", [2, 6], [6, 5], [1, 5], {}),
    ("gemm_bias_column", [2, 6], [6, 5], [2, 1], {}),
    ("gemm_bias_full", [2, 6], [6, 5], [2, 5], {}),
    ("gemm_bias_scalar", [2, 6], [6, 5], [], {}),
    ("gemm_symbolic_batch", ["batch", 6], [5, 6], [5], {"transB": 1}),
]


def convolution(name: str, opsets: list[int], shape: list, weights: list[int], attributes: dict, bias: bool = True) -> Case:
    def build(network: Network) -> None:
        network.output(network.conv(network.input("x", *shape), *weights, bias=bias, **attributes))
    return Case(name, opsets, build)


def gemm(name: str, opsets: list[int], a: list, b: list[int], c: list[int] | None, attributes: dict) -> Case:
    def build(network: Network) -> None:
        constants = [network.weights(*b)] + ([network.weights(*c)] if c is not None else [])
        network.output(network.node("Gemm", network.input("a", *a), *constants, **attributes))
    return Case(name, opsets, build)


def matmul(name: str, a: list[int], b: list[int], constant: bool) -> Case:
    def build(network: Network) -> None:
        left = network.input("a", *a)
        network.output(network.node("MatMul", left, network.weights(*b) if constant else network.input("b", *b)))
    return Case(name, [7, 9, 13, NEWEST] if name == "matmul_constant" else [13], build)


def linear_layer(network: Network) -> None:
    """MatMul and Add, as exporters write a fully connected layer on more than two dimensions."""
    product = network.node("MatMul", network.input("x", 1, 3, 6), network.weights(6, 5))
    network.output(network.node("Add", network.weights(5), product))


def batch_norm_after_conv(network: Network) -> None:
    x = network.conv(network.input("x", 1, 3, 6, 5), 6, 3, 3, 3, pads=[1, 1, 1, 1])
    network.output(network.node("Relu", network.batch_norm(x, 6, epsilon=1e-3)))


def batch_norm_after_depthwise(network: Network) -> None:
    x = network.conv(network.input("x", 1, 6, 6, 5), 6, 1, 3, 3, bias=False, group=6)
    network.output(network.batch_norm(x, 6))


def batch_norm_after_shared_conv(network: Network) -> None:
    """The convolution's output is used twice, so that batch norm cannot simply be folded into it."""
    x = network.conv(network.input("x", 1, 3, 5, 5), 6, 3, 3, 3)
    network.output(network.node("Add", network.batch_norm(x, 6), x))


def batch_norm_alone(network: Network) -> None:
    network.output(network.batch_norm(network.input("x", 1, 5, 4, 3), 5))


def batch_norm_before_conv(network: Network) -> None:
    """With zero padding in between: folding forwards would be wrong at the border."""
    x = network.batch_norm(network.input("x", 1, 4, 5, 5), 4)
    network.output(network.conv(x, 6, 4, 3, 3, pads=[1, 1, 1, 1]))


def batch_norm_rank2(network: Network) -> None:
    network.output(network.batch_norm(network.input("x", 1, 7), 7))


CASES = [
    *(convolution(*row) for row in CONVOLUTIONS),
    convolution("conv_without_bias", [13], [1, 3, 6, 6], [4, 3, 3, 3], {}, bias=False),
    *(gemm(name, [7, 9, 11, 13] if name == "gemm" else [13], *rest) for name, *rest in GEMMS),
    gemm("gemm_without_bias", [11, 13, NEWEST], [2, 6], [6, 5], None, {}),
    matmul("matmul_constant", [2, 6], [6, 5], constant=True),
    matmul("matmul_constant_rank3", [1, 4, 6], [6, 5], constant=True),
    matmul("matmul_dynamic", [3, 6], [6, 5], constant=False),
    matmul("matmul_batched", [2, 3, 4], [2, 4, 5], constant=False),
    matmul("matmul_batched_rank4", [1, 2, 3, 4], [1, 2, 4, 3], constant=False),
    matmul("matmul_broadcast", [2, 3, 4], [4, 5], constant=False),
    Case("linear_layer", [7, 13], linear_layer),
    Case("batch_norm_after_conv", [7, 9, 13, 14, NEWEST], batch_norm_after_conv),
    Case("batch_norm_after_depthwise", [13], batch_norm_after_depthwise),
    Case("batch_norm_after_shared_conv", [13], batch_norm_after_shared_conv),
    Case("batch_norm_alone", [7, 13], batch_norm_alone),
    Case("batch_norm_before_conv", [13], batch_norm_before_conv),
    Case("batch_norm_rank2", [13], batch_norm_rank2),
]
