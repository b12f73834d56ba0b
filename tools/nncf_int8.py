"""NNCF's int8 models (OpenVINO's quantizer), to compare with: QuantizeLinear and DequantizeLinear nodes, as ONNX Runtime's have.

    pip install nncf==3.4.0
    quantize(Path("net.onnx"), Path("net.nncf.onnx"), [preprocess(photo) for photo in photos], full=False)
"""
import contextlib
import io
import logging
from pathlib import Path

import nncf
import numpy as np
import onnx

nncf.set_log_level(logging.ERROR)


def quantize(network: Path, quantized: Path, inputs: list[np.ndarray], full: bool) -> None:
    """NNCF's defaults, but all of the inputs.

    full: biases are corrected layer by layer on the quantized network, not all at once by the layers' means.
    """
    model = onnx.load(network)
    name = model.graph.input[0].name
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = nncf.quantize(model, nncf.Dataset(inputs, lambda value: {name: value}), subset_size=len(inputs),
                               fast_bias_correction=not full)
    onnx.save(result, quantized)
