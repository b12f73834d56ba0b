"""Pooling and reductions."""
from operator_cases.network import NEWEST, OPSETS, Case, unary

FROM_11 = [11, 13, 17, NEWEST]
SHAPE = [1, 4, 7, 8]

# name, opsets, attributes; every one on SHAPE
MAX_POOLS = [
    ("2x2", OPSETS, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("3x3_stride2_pads", OPSETS, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("default_stride", [13], {"kernel_shape": [3, 2]}),
    ("asymmetric_pads", [13], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 1, 1, 2]}),
    ("ceil", FROM_11, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("ceil_2x2", [13], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    ("ceil_pads", [13], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1}),
    ("dilations", [11, 13], {"kernel_shape": [2, 3], "dilations": [2, 2]}),
    ("same_upper", [7, 13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ("same_lower", [7, 13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
    ("valid", [13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "VALID"}),
]

AVERAGE_POOLS = [
    ("2x2", OPSETS, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("exclude_pad", OPSETS, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("include_pad", OPSETS, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
    ("asymmetric_include_pad", [13], {"kernel_shape": [3, 3], "pads": [0, 1, 2, 0], "count_include_pad": 1}),
    ("asymmetric_exclude_pad", [13], {"kernel_shape": [3, 3], "pads": [0, 1, 2, 0]}),
    ("ceil", FROM_11, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("ceil_exclude_pad", [13, 19], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1}),
    ("ceil_include_pad", [19, NEWEST],
     {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1, "count_include_pad": 1}),
    ("ceil_2x2_include_pad", [19], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1, "count_include_pad": 1}),
    ("dilations", [19, NEWEST], {"kernel_shape": [2, 2], "dilations": [2, 2]}),
    ("same_upper", [7, 13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ("same_lower", [7, 13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
    ("valid", [13], {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "VALID"}),
    ("whole_plane", [13], {"kernel_shape": [7, 8]}),
]

# name, axes or None for all, keepdims
MEANS = [
    ("plane", [2, 3], 1),
    ("plane_drop", [2, 3], 0),
    ("plane_negative_drop", [-1, -2], 0),
    ("channels", [1], 1),
    ("channels_drop", [1], 0),
    ("columns", [3], 1),
    ("all", None, 1),
    ("all_drop", None, 0),
]


def means() -> list[Case]:
    """Axes are an attribute before opset 18 and an input since."""
    cases = []
    for name, axes, keepdims in MEANS:
        attribute = {} if axes is None else {"axes": axes}
        cases.append(unary(f"reduce_mean_{name}", [7, 13] if name == "plane" else [13], "ReduceMean", SHAPE,
                           keepdims=keepdims, **attribute))
        cases.append(unary(f"reduce_mean_{name}_input", [18, NEWEST] if name == "plane" else [18], "ReduceMean", SHAPE,
                           [] if axes is None else [axes], keepdims=keepdims))
    return cases


CASES = [
    *(unary(f"max_pool_{name}", opsets, "MaxPool", SHAPE, **attributes) for name, opsets, attributes in MAX_POOLS),
    *(unary(f"average_pool_{name}", opsets, "AveragePool", SHAPE, **attributes) for name, opsets, attributes in AVERAGE_POOLS),
    unary("global_average_pool", OPSETS, "GlobalAveragePool", SHAPE),
    unary("global_max_pool", OPSETS, "GlobalMaxPool", SHAPE),
    # Channels that two and three threads can share, in several images.
    unary("global_average_pool_batch", [13], "GlobalAveragePool", [3, 12, 4, 5]),
    unary("global_max_pool_batch", [13], "GlobalMaxPool", [3, 12, 4, 5]),
    unary("global_average_pool_symbolic_batch", [13], "GlobalAveragePool", ["batch", 5, 3, 4]),
    *means(),
    unary("reduce_mean_rank3_input", [18], "ReduceMean", [1, 5, 6], [[1]], keepdims=0),
    unary("reduce_mean_noop", [18], "ReduceMean", SHAPE, noop_with_empty_axes=1),
]
