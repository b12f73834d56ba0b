#!/usr/bin/env python3
"""Writes the ONNX project's own node tests as folders that `fovea-conformance` runs.

    tools/setup_python.sh build/conformance/venv tools/conformance/requirements.txt
    build/conformance/venv/bin/python tools/conformance/write_cases.py build/conformance/cases
    swift run -c release fovea-conformance build/conformance/cases tools/conformance/limits.txt

The package `onnx` makes the cases (onnx.backend.test.case.node) with the outputs of its reference implementation. Each becomes
FOLDER/CASE/model.onnx with input_0.npy ... and output_0.npy ... in the network's order, all float32. What Fovea takes as constants is
made constant, which changes no result:

- inputs of integers and booleans become initializers, as shapes and axes are in exported networks;
- so do all inputs of operators that Fovea has among constants only (CONSTANTS_ONLY below);
- so does everything but the first input of operators whose parameters networks store (PARAMETERS below);
- outputs of integers and booleans are cast to float, and optional outputs that nobody would read are not asked for.

FOLDER/cases.txt lists case, operator and domain; a case that cannot be written so (strings, sequences, float8) has a fourth column
that says why, and no folder.
"""
import argparse
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

# Operators whose inputs beyond the first are parameters: weights, statistics, bounds, scales.
PARAMETERS = {
    "BatchNormalization", "Clip", "Conv", "ConvTranspose", "Dropout", "GroupNormalization", "InstanceNormalization",
    "LayerNormalization", "Pad", "RMSNormalization", "Resize", "Upsample",
}
# Operators that are claimed among constants alone: they are tested there.
CONSTANTS_ONLY = {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Mod", "Not", "Or", "Range", "Where", "Xor"}
# Outputs beyond the first that exist for training.
TRAINING = {"Dropout", "LayerNormalization", "BatchNormalization"}
FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}
INTEGERS = {TensorProto.BOOL, TensorProto.INT8, TensorProto.UINT8, TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32,
            TensorProto.UINT32, TensorProto.INT64, TensorProto.UINT64}


class NotWritable(Exception):
    pass


def first_operator(case: onnx.backend.test.case.node.TestCase) -> tuple[str, str]:
    nodes = [node for node in case.model.graph.node if node.op_type != "Constant"] or list(case.model.graph.node)
    return nodes[0].op_type, nodes[0].domain


def operators(cases: list[onnx.backend.test.case.node.TestCase]) -> dict[str, tuple[str, str]]:
    """The operator that each case is about. Those whose name ends in "_expanded" are another's operator written as the function that
    defines it."""
    named = {case.name: first_operator(case) for case in cases}
    return {name: named.get(name.partition("_expanded")[0], operator) for name, operator in named.items()}


def rewritten(model: onnx.ModelProto, inputs: list, outputs: list) -> tuple[onnx.ModelProto, list[np.ndarray], list[np.ndarray]]:
    """The network with its parameters as initializers, and what remains of inputs and outputs."""
    graph = model.graph
    operator = next((node.op_type for node in graph.node if node.op_type != "Constant"), "")
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.input[:], result.graph.output[:]
    feeds, expected = [], []
    for index, (value, array) in enumerate(zip(graph.input, inputs, strict=True)):
        if not isinstance(array, np.ndarray) or not value.type.HasField("tensor_type"):
            raise NotWritable("an input is no tensor")
        kind = value.type.tensor_type.elem_type
        if kind not in FLOATS | INTEGERS:
            raise NotWritable(f"an input holds {TensorProto.DataType.Name(kind).lower()}")
        is_parameter = operator in CONSTANTS_ONLY or (operator in PARAMETERS and index > 0)
        if kind in INTEGERS or is_parameter or array.size == 0:
            result.graph.initializer.append(numpy_helper.from_array(array, value.name))
        elif kind != TensorProto.FLOAT:
            raise NotWritable(f"an input holds {TensorProto.DataType.Name(kind).lower()}")
        else:
            result.graph.input.append(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, array.shape))
            feeds.append(array.astype(np.float32))
    for index, (value, array) in enumerate(zip(graph.output, outputs, strict=True)):
        if index and operator in TRAINING:
            continue
        if not isinstance(array, np.ndarray) or not value.type.HasField("tensor_type"):
            raise NotWritable("an output is no tensor")
        kind = value.type.tensor_type.elem_type
        if kind not in FLOATS | INTEGERS:
            raise NotWritable(f"an output holds {TensorProto.DataType.Name(kind).lower()}")
        name = value.name
        if kind != TensorProto.FLOAT:
            name += "_as_float"
            result.graph.node.append(helper.make_node("Cast", [value.name], [name], f"{name}_cast", to=TensorProto.FLOAT))
        result.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape))
        expected.append(array.astype(np.float32))
    return result, feeds, expected


def write(case: onnx.backend.test.case.node.TestCase, folder: Path) -> None:
    if "" not in [opset.domain for opset in case.model.opset_import]:
        raise NotWritable("it is of another domain")
    inputs, outputs = case.data_sets[0]
    model, feeds, expected = rewritten(case.model, list(inputs), list(outputs))
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    for kind, arrays in [("input", feeds), ("output", expected)]:
        for number, array in enumerate(arrays):
            np.save(folder / f"{kind}_{number}.npy", np.asarray(array, order="C"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The reference implementation divides by zero and takes roots of what is negative, as the operators do.
        np.seterr(all="ignore")
        cases = sorted(collect_testcases(), key=lambda case: case.name)
    about = operators(cases)
    lines = []
    for case in cases:
        operator, domain = about[case.name]
        line = [case.name, operator, domain or "ai.onnx"]
        try:
            write(case, arguments.folder / case.name)
        except NotWritable as reason:
            line.append(str(reason))
        lines.append("\t".join(line))
    (arguments.folder / "cases.txt").write_text("\n".join(lines) + "\n")
    print(f"{arguments.folder}: {len(lines)} cases")


if __name__ == "__main__":
    main()
