"""Operators that move values without computing: Pad, Reshape, Transpose, Slice, Split, Concat and their kin."""
import numpy as np

from operator_cases.network import NEWEST, OPSETS, Case, Network, unary

SHAPE = [1, 4, 5, 6]
INT64_MAX = np.iinfo(np.int64).max

# name, pads (starts of every axis, then ends), mode, value or None
PADS = [
    ("zero", [0, 0, 1, 2, 0, 0, 2, 1], "constant", None),
    ("value", [0, 0, 1, 1, 0, 0, 1, 1], "constant", 1.5),
    ("channels", [0, 1, 0, 0, 0, 2, 0, 0], "constant", None),
    ("reflect", [0, 0, 2, 1, 0, 0, 1, 2], "reflect", None),
    ("edge", [0, 0, 2, 1, 0, 0, 1, 2], "edge", None),
]

# name, starts, ends, axes or None, steps or None
SLICES = [
    ("plane", [1, 2], [4, 5], [2, 3], None),
    ("channels", [1], [3], [1], None),
    ("negative_indices", [-3, -4], [-1, INT64_MAX], [2, 3], None),
    ("negative_axes", [1, 0], [4, 6], [-2, -1], None),
    ("steps", [0, 1], [5, 6], [2, 3], [2, 2]),
    ("negative_step", [-1], [-INT64_MAX], [3], [-1]),
    ("negative_step2", [4], [0], [2], [-2]),
    ("out_of_range", [0, -100], [100, 100], [1, 2], None),
    ("no_axes", [0, 1, 0, 2], [1, 3, 5, 6], None, None),
]

# name, input shape, target, in ONNX's terms: 0 copies a dimension, -1 is computed
RESHAPES = [
    ("flatten", SHAPE, [1, 120]),
    ("computed", SHAPE, [1, -1]),
    ("copied_and_computed", SHAPE, [0, -1]),
    ("copied_twice", SHAPE, [0, 0, -1]),
    ("split_channels", SHAPE, [1, 2, 2, 5, 6]),
    ("from_rank2", [1, 24], [1, 4, 2, 3]),
    ("symbolic_batch", ["batch", 4, 2, 3], [-1, 24]),
]


def pads() -> list[Case]:
    """Amounts are an attribute before opset 11 and an input since; opset 18 adds axes."""
    cases = []
    for name, amounts, mode, value in PADS:
        attributes = {"value": value} if value else {}
        cases.append(unary(f"pad_{name}_attribute", [9], "Pad", SHAPE, pads=amounts, mode=mode, **attributes))
        constants = [amounts] + ([value] if value else [])
        cases.append(unary(f"pad_{name}", [11, 13, 18, NEWEST] if name == "zero" else [13], "Pad", SHAPE, constants, mode=mode))
    cases.append(unary("pad_axes", [18, NEWEST], "Pad", SHAPE, [[1, 2, 0, 1], None, [2, -1]]))
    return cases


def slices() -> list[Case]:
    """Attributes before opset 10, without steps; inputs since."""
    cases = []
    for name, starts, ends, axes, steps in SLICES:
        if steps is None:
            attributes = {} if axes is None else {"axes": axes}
            if name != "negative_axes":  # not allowed before opset 10
                cases.append(unary(f"slice_{name}_attribute", [9], "Slice", SHAPE, starts=starts, ends=ends, **attributes))
        constants = [starts, ends] + ([axes] if axes else []) + ([steps] if steps else [])
        cases.append(unary(f"slice_{name}", [10, 13, NEWEST] if name == "plane" else [13], "Slice", SHAPE, constants))
    return cases


def slice_int32(network: Network) -> None:
    bounds = [network.constant(values, np.int32) for values in ([1], [4], [2])]
    network.output(network.node("Slice", network.input("x", *SHAPE), *bounds))


def reshape(name: str, shape: list, target: list[int]) -> Case:
    return unary(f"reshape_{name}", OPSETS if name == "computed" else [13], "Reshape", shape, [target])


def concat(name: str, axis: int, *shapes: list[int], opsets: list[int] = (13,)) -> Case:
    def build(network: Network) -> None:
        inputs = [network.input(f"x{number}", *shape) for number, shape in enumerate(shapes)]
        network.output(network.node("Concat", *inputs, axis=axis))
    return Case(f"concat_{name}", list(opsets), build)


def concat_with_constant(network: Network) -> None:
    x = network.input("x", 1, 3, 4, 4)
    network.output(network.node("Concat", network.weights(1, 2, 4, 4), x, axis=1))


def concat_same_input(network: Network) -> None:
    x = network.input("x", 1, 3, 4, 4)
    network.output(network.node("Concat", x, x, x, axis=1))


def split_used_once(network: Network) -> None:
    """Only the second part is used."""
    _, part = network.node("Split", network.input("x", *SHAPE), network.constant([1, 3]), outputs=2, axis=1)
    network.output(network.node("Relu", part))


CASES = [
    *pads(),
    *slices(),
    Case("slice_int32", [13], slice_int32),
    *(reshape(*row) for row in RESHAPES),
    unary("reshape_allowzero", [14, NEWEST], "Reshape", SHAPE, [[1, -1, 6]], allowzero=1),
    *(unary(f"flatten_axis{axis}", [13], "Flatten", SHAPE, axis=axis) for axis in (0, 2, 3, 4)),
    unary("flatten", OPSETS, "Flatten", SHAPE),
    unary("flatten_negative_axis", [11, 13], "Flatten", SHAPE, axis=-3),
    unary("flatten_symbolic_batch", [13], "Flatten", ["batch", 3, 2, 2]),
    unary("squeeze_attribute", [7, 11], "Squeeze", [1, 5, 1, 1], axes=[2, 3]),
    unary("squeeze_all_attribute", [11], "Squeeze", [1, 5, 1, 6]),
    unary("squeeze", [13, NEWEST], "Squeeze", [1, 5, 1, 1], [[2, 3]]),
    unary("squeeze_negative", [13], "Squeeze", [1, 5, 1, 1], [[-1]]),
    unary("unsqueeze_attribute", [7, 11], "Unsqueeze", [1, 5], axes=[2, 3]),
    unary("unsqueeze", [13, NEWEST], "Unsqueeze", [1, 5], [[2, 3]]),
    unary("unsqueeze_negative", [13], "Unsqueeze", [1, 5], [[-1, 1]]),
    unary("transpose_nhwc", OPSETS, "Transpose", SHAPE, perm=[0, 2, 3, 1]),
    unary("transpose_nchw", [13], "Transpose", SHAPE, perm=[0, 3, 1, 2]),
    unary("transpose_plane", [13], "Transpose", SHAPE, perm=[0, 1, 3, 2]),
    unary("transpose_all", [13], "Transpose", SHAPE, perm=[3, 1, 0, 2]),
    unary("transpose_default", [13], "Transpose", SHAPE),
    unary("transpose_rank2", [13], "Transpose", [3, 5], perm=[1, 0]),
    unary("transpose_rank3", [13], "Transpose", [1, 3, 5], perm=[0, 2, 1]),
    unary("transpose_rank5", [13], "Transpose", [1, 2, 3, 4, 2], perm=[0, 2, 1, 3, 4]),
    unary("split_equal", [7, 11], "Split", SHAPE, outputs=2, axis=1),
    unary("split_equal_no_sizes", [13], "Split", SHAPE, outputs=2, axis=1),
    unary("split_attribute", [7, 11], "Split", SHAPE, outputs=3, axis=1, split=[1, 2, 1]),
    unary("split", [13, NEWEST], "Split", SHAPE, [[1, 3]], outputs=2, axis=1),
    unary("split_negative_axis", [13], "Split", SHAPE, [[2, 4]], outputs=2, axis=-1),
    unary("split_num_outputs", [18, NEWEST], "Split", SHAPE, outputs=3, axis=3, num_outputs=3),
    unary("split_num_outputs_uneven", [18], "Split", SHAPE, outputs=2, axis=2, num_outputs=2),
    Case("split_used_once", [13], split_used_once),
    concat("channels", 1, [1, 3, 4, 4], [1, 5, 4, 4], [1, 1, 4, 4], opsets=OPSETS),
    concat("batch", 0, [1, 3, 2, 2], [1, 3, 2, 2]),
    concat("rows", 2, [1, 3, 2, 4], [1, 3, 3, 4]),
    concat("columns", 3, [1, 3, 2, 4], [1, 3, 2, 1]),
    concat("negative_axis", -3, [1, 3, 2, 4], [1, 2, 2, 4]),
    concat("rank2", 1, [1, 3], [1, 4]),
    concat("rank2_axis0", 0, [1, 3], [2, 3]),
    concat("single", 1, [1, 3, 2, 2]),
    Case("concat_with_constant", [13], concat_with_constant),
    Case("concat_same_input", [13], concat_same_input),
]
