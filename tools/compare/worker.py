#!/usr/bin/env python3
"""Runs one network with one engine, in a process of its own, as compare.py asks.

    echo '5 40' | python tools/compare/worker.py onnxruntime net.onnx --input input.npy --threads 1

The first line of output is JSON: milliseconds to load and to run first, peak memory in bytes, and how much of it came after
the interpreter and NumPy. Then each line of standard input, "WARMUP ITERATIONS", is answered by a line with the milliseconds
of each run. An engine is a function that imports its library, then loads a model and gives a function that runs it and one that
gives the last output.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np


def onnxruntime(model, pixels, threads):
    import onnxruntime
    yield

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: pixels}
    last = []

    def run():
        last[:] = session.run(None, feed)
    yield run, lambda: last[0]


def openvino(model, pixels, threads):
    import openvino
    yield

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(pixels, shared_memory=True))

    def run():  # the call without conversions of inputs and outputs between Python and C++
        request.start_async()
        request.wait()
    yield run, lambda: request.get_output_tensor().data


def litert(model, pixels, threads):
    from ai_edge_litert.interpreter import Interpreter
    yield

    interpreter = Interpreter(model, num_threads=threads)  # with the XNNPACK delegate, its default
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    image = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
    scale, zero = source["quantization"]
    if scale:  # int8 models have int8 inputs and outputs; converting is not timed
        image = np.clip(np.rint(image / scale) + zero, -128, 127).astype(np.int8)
    interpreter.set_tensor(source["index"], image)

    def output():
        logits, (scale, zero) = interpreter.get_tensor(target["index"]), target["quantization"]
        return (logits.astype(np.float32) - zero) * scale if scale else logits
    yield interpreter.invoke, output


def ncnn(model, pixels, threads):
    import ncnn
    yield

    network = ncnn.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    for option in ["use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"]:
        setattr(network.opt, option, False)
    network.load_param(f"{model}.param")
    network.load_model(f"{model}.bin")
    source, last = ncnn.Mat(pixels[0]), []

    def run():
        extractor = network.create_extractor()
        extractor.input("in0", source)
        last[:] = [extractor.extract("out0")[1]]
    yield run, lambda: np.array(last[0])


def mnn(model, pixels, threads):
    import MNN
    yield

    interpreter = MNN.Interpreter(model)
    session = interpreter.createSession({"backend": "CPU", "numThread": threads, "precision": "high"})
    source, target = interpreter.getSessionInput(session), interpreter.getSessionOutput(session)
    image = MNN.Tensor(pixels.shape, MNN.Halide_Type_Float, pixels, MNN.Tensor_DimensionType_Caffe)
    logits = MNN.Tensor(target.getShape(), MNN.Halide_Type_Float, np.zeros(target.getShape(), np.float32),
                        MNN.Tensor_DimensionType_Caffe)

    def run():
        source.copyFrom(image)  # every time, because the session reuses the input's memory
        interpreter.runSession(session)
        target.copyToHostTensor(logits)
    yield run, lambda: np.array(logits.getData())


ENGINES = {engine.__name__: engine for engine in [onnxruntime, openvino, litert, ncnn, mnn]}


def memory(field: str) -> int:
    """VmRSS or VmHWM, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def milliseconds(call) -> float:
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("model")
    parser.add_argument("--input", type=Path, required=True, help="NCHW, float32")
    parser.add_argument("--output", type=Path, help="for the first run's logits")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    # What engines print goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    pixels = np.load(arguments.input)
    before = memory("VmRSS")
    steps = ENGINES[arguments.engine](arguments.model, pixels, arguments.threads)
    imported = milliseconds(lambda: next(steps))
    start = time.perf_counter_ns()
    run, output = next(steps)
    load = (time.perf_counter_ns() - start) / 1e6
    first, peak = milliseconds(run), memory("VmHWM")
    print(json.dumps({"import": imported, "load": load, "first": first, "peak": peak, "added": peak - before}),
          file=answers, flush=True)
    if arguments.output:
        np.save(arguments.output, np.asarray(output(), np.float32).reshape(-1))

    for line in sys.stdin:
        warmup, iterations = map(int, line.split())
        times = [milliseconds(run) for _ in range(warmup + iterations)]
        print(json.dumps(times[warmup:]), file=answers, flush=True)


if __name__ == "__main__":
    main()
