"""ONNX Runtime's own int8 models, to compare with: static quantization to QuantizeLinear and DequantizeLinear nodes.

    quantize(Path("net.onnx"), Path("net.qdq.onnx"), [preprocess(photo) for photo in photos])
"""
import contextlib
import io
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Batches(CalibrationDataReader):
    def __init__(self, name: str, batches: list[np.ndarray]):
        self.feeds = iter([{name: batch} for batch in batches])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.feeds, None)


METHODS = {"min-max": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile, "entropy": CalibrationMethod.Entropy}


def quantize(network: Path, quantized: Path, inputs: list[np.ndarray], method: str = "min-max") -> None:
    """u8 activations per tensor, s8 weights per channel, after ONNX Runtime's recommended preparation.

    method: of calibration, one of METHODS.
    """
    logging.getLogger().setLevel(logging.ERROR)  # it advises the preparation that the next line does
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(network, prepared)
        name = onnx.load(prepared).graph.input[0].name
        quantize_static(prepared, quantized, Batches(name, inputs), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        calibrate_method=METHODS[method])


def session(network: Path, threads: int = 0, exact: bool = False) -> onnxruntime.InferenceSession:
    """exact: without graph optimizations, so that the arithmetic between quantized values stays float.

    Otherwise ONNX Runtime replaces it by integer kernels, whose 16-bit sums saturate on processors without VNNI.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    if exact:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
