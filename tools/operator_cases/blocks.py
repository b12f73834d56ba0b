"""The building blocks of well-known networks, and networks of unusual outline: several inputs, outputs, odd names."""
from operator_cases.network import NEWEST, OPSETS, Case, Network


def residual(network: Network) -> None:
    """ResNet's basic block: two convolutions with batch norm, added to the input."""
    x = network.input("x", "batch", 8, 6, 6)
    y = network.node("Relu", network.batch_norm(network.conv(x, 8, 8, 3, 3, bias=False, pads=[1, 1, 1, 1]), 8))
    y = network.batch_norm(network.conv(y, 8, 8, 3, 3, bias=False, pads=[1, 1, 1, 1]), 8)
    network.output(network.node("Relu", network.node("Add", y, x)))


def residual_downsampling(network: Network) -> None:
    x = network.input("x", 1, 8, 7, 7)
    y = network.node("Relu", network.conv(x, 12, 8, 3, 3, pads=[1, 1, 1, 1], strides=[2, 2]))
    y = network.conv(y, 12, 12, 3, 3, pads=[1, 1, 1, 1])
    network.output(network.node("Relu", network.node("Add", y, network.conv(x, 12, 8, 1, 1, strides=[2, 2]))))


def relu6(network: Network, x: str) -> str:
    if network.opset < 11:
        return network.node("Clip", x, min=0.0, max=6.0)
    return network.node("Clip", x, network.constant(0.0), network.constant(6.0))


def inverted_residual(network: Network) -> None:
    """MobileNetV2's block: expand, depthwise, project, add."""
    x = network.input("x", "batch", 6, 7, 7)
    y = relu6(network, network.batch_norm(network.conv(x, 18, 6, 1, 1, bias=False), 18))
    y = relu6(network, network.batch_norm(network.conv(y, 18, 1, 3, 3, bias=False, group=18, pads=[1, 1, 1, 1]), 18))
    y = network.batch_norm(network.conv(y, 6, 18, 1, 1, bias=False), 6)
    network.output(network.node("Add", x, y))


def squeeze_excitation(network: Network) -> None:
    """MobileNetV3's: the plane's mean, two convolutions, a hard sigmoid that scales the channels."""
    x = network.node("HardSwish", network.conv(network.input("x", 1, 4, 6, 6), 8, 4, 1, 1))
    gate = network.node("Relu", network.conv(network.node("GlobalAveragePool", x), 4, 8, 1, 1))
    gate = network.node("HardSigmoid", network.conv(gate, 8, 4, 1, 1), alpha=1 / 6, beta=0.5)
    network.output(network.node("Mul", gate, x))


def squeeze_excitation_linear(network: Network) -> None:
    """The same with fully connected layers: Flatten, Gemm, Reshape back to channels."""
    x = network.conv(network.input("x", 1, 4, 5, 5), 8, 4, 3, 3)
    gate = network.node("Flatten", network.node("GlobalAveragePool", x))
    gate = network.node("Relu", network.node("Gemm", gate, network.weights(4, 8), network.weights(4), transB=1))
    gate = network.node("Sigmoid", network.node("Gemm", gate, network.weights(8, 4), network.weights(8), transB=1))
    network.output(network.node("Mul", x, network.node("Reshape", gate, network.constant([-1, 8, 1, 1]))))


def channel_shuffle(network: Network) -> None:
    """ShuffleNet: Reshape to groups, Transpose, Reshape back."""
    x = network.node("Relu", network.conv(network.input("x", 1, 4, 5, 5), 12, 4, 1, 1))
    y = network.node("Reshape", x, network.constant([1, 3, 4, 5, 5]))
    y = network.node("Reshape", network.node("Transpose", y, perm=[0, 2, 1, 3, 4]), network.constant([1, 12, 5, 5]))
    network.output(network.conv(y, 12, 1, 3, 3, group=12, pads=[1, 1, 1, 1]))


def shuffle_unit(network: Network) -> None:
    """ShuffleNetV2: half the channels pass by, and both halves are concatenated and shuffled."""
    x = network.input("x", 1, 8, 5, 5)
    left, right = network.node("Split", x, network.constant([4, 4]), outputs=2, axis=1)
    right = network.node("Relu", network.conv(right, 4, 4, 1, 1))
    y = network.node("Reshape", network.node("Concat", left, right, axis=1), network.constant([1, 2, 4, 5, 5]))
    y = network.node("Transpose", y, perm=[0, 2, 1, 3, 4])
    network.output(network.node("Reshape", y, network.constant([1, 8, 5, 5])))


def fire(network: Network) -> None:
    """SqueezeNet: squeeze, two expansions side by side, concatenated."""
    x = network.node("Relu", network.conv(network.input("x", 1, 8, 6, 6), 4, 8, 1, 1))
    small = network.node("Relu", network.conv(x, 6, 4, 1, 1))
    large = network.node("Relu", network.conv(x, 6, 4, 3, 3, pads=[1, 1, 1, 1]))
    network.output(network.node("Concat", small, large, axis=1))


def classifier_head(network: Network) -> None:
    x = network.conv(network.input("x", "batch", 4, 6, 6), 16, 4, 1, 1)
    x = network.node("Flatten", network.node("GlobalAveragePool", relu6(network, x)))
    x = network.node("Gemm", network.node("Dropout", x), network.weights(10, 16), network.weights(10), transB=1)
    network.output(network.node("Softmax", x, axis=1))


def channels_last(network: Network) -> None:
    """An input in NHWC, transposed for the convolution and back, as converters from TensorFlow write."""
    x = network.node("Transpose", network.input("x", 1, 6, 5, 3), perm=[0, 3, 1, 2])
    y = network.node("Relu", network.conv(x, 8, 3, 3, 3, pads=[1, 1, 1, 1]))
    network.output(network.node("Transpose", y, perm=[0, 2, 3, 1]))


def two_inputs_two_outputs(network: Network) -> None:
    image, vector = network.input("image", 1, 3, 6, 6), network.input("vector", 1, 4)
    features = network.node("Relu", network.conv(image, 8, 3, 3, 3), outputs=["features"])
    pooled = network.node("Flatten", network.node("GlobalAveragePool", features))
    joined = network.node("Concat", pooled, vector, axis=1)
    scores = network.node("Gemm", joined, network.weights(5, 12), network.weights(5), transB=1, outputs=["scores"])
    network.output(scores, features)


def output_is_input(network: Network) -> None:
    """One output depends on a computation, the other is an input unchanged through an Identity."""
    x = network.input("x", 1, 3, 4, 4)
    network.output(network.node("Relu", x, outputs=["relu"]), network.node("Identity", x, outputs=["same"]))


def unused_nodes(network: Network) -> None:
    """A branch that leads to no output."""
    x = network.input("x", 1, 3, 5, 5)
    network.conv(network.conv(x, 4, 3, 1, 1), 2, 4, 1, 1)
    network.output(network.node("Sigmoid", x))


def slashed_names(network: Network) -> None:
    """Names as torch exports them."""
    x = network.input("input/image", 1, 3, 5, 5)
    weights, bias = network.weights(4, 3, 3, 3, name="features.0.weight"), network.weights(4, name="features.0.bias")
    y = network.node("Conv", x, weights, bias, outputs=["/features/0/Conv_output_0"], name="/features/0/Conv")
    network.output(network.node("Relu", y, outputs=["/features/1/Relu_output_0"], name="/features/1/Relu"))


def non_ascii_names(network: Network) -> None:
    x = network.input("entrée", 1, 3, 5, 5)
    y = network.node("Conv", x, network.weights(4, 3, 1, 1, name="重み"), outputs=["Größe ½"], name="свёртка")
    network.output(network.node("Relu", y, outputs=["出力"], name="\N{CAT FACE}"))


def unnamed_nodes(network: Network) -> None:
    """Node names are optional."""
    network.output(network.node("Sigmoid", network.node("Relu", network.conv(network.input("x", 1, 3, 5, 5), 4, 3, 1, 1))))
    for node in network.nodes:
        node.ClearField("name")


CASES = [
    Case("residual", [7, 13, NEWEST], residual),
    Case("residual_downsampling", [13], residual_downsampling),
    Case("inverted_residual", [7, 11, 13], inverted_residual),
    Case("squeeze_excitation", [14, NEWEST], squeeze_excitation),
    Case("squeeze_excitation_linear", [7, 13], squeeze_excitation_linear),
    Case("channel_shuffle", [7, 13, NEWEST], channel_shuffle),
    Case("shuffle_unit", [13, NEWEST], shuffle_unit),
    Case("fire", [7, 13], fire),
    Case("classifier_head", OPSETS, classifier_head),
    Case("channels_last", [13], channels_last),
    Case("two_inputs_two_outputs", [7, 13, NEWEST], two_inputs_two_outputs),
    Case("output_is_input", [13], output_is_input),
    Case("unused_nodes", [13], unused_nodes),
    Case("slashed_names", [13], slashed_names),
    Case("non_ascii_names", [13], non_ascii_names),
    Case("unnamed_nodes", [13], unnamed_nodes),
]
