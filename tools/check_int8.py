#!/usr/bin/env python3
"""Checks Fovea's int8 EfficientNet-Lite0: its accuracy beside ONNX Runtime's, and that every kernel gives the same bits.

    .venv/bin/python tools/check_int8.py
    .venv/bin/python tools/fetch_calibration_photos.py --all build/photos
    .venv/bin/python tools/check_int8.py --photos fixtures/photos build/photos

Both are calibrated with the same photos (of which Fovea makes random crops besides), and answer the same float inputs, made of photos that calibration did not see. The
measure is the signal to quantization noise ratio (SQNR) of all logits against float: 10 log10 (sum of squares / sum of squared
errors). ONNX Runtime's min-max model is evaluated exactly, without the saturating sums of its integer kernels. Fails if

- Fovea's SQNR is less than --lead dB above ONNX Runtime's,
- Fovea's top-1 differs from float's on one of fixtures/photos, or
- outputs differ by a bit between instruction sets or thread counts. Those that this processor lacks are named and skipped.

--onnxruntime-only leaves Fovea out, to see what there is to reach.
"""
import argparse
import platform
import tempfile
from pathlib import Path

import numpy as np

import fovea_cli
import onnxruntime_int8
from imagenet import CALIBRATION, EFFICIENTNET_LITE0, PHOTOS, images, preprocess

# What `FOVEA_ISA` may name, and the flags of /proc/cpuinfo that it needs.
INSTRUCTION_SETS = {
    "portable": set(),
    "sse41": {"sse4_1"},
    "avx2": {"avx2"},
    "avx512": {"avx2", "fma", "avx512f"},
    "avxvnni": {"avx2", "avx_vnni"},
    "avx512vnni": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"},
}
THREADS = [1, 2]


def sqnr(reference: np.ndarray, logits: np.ndarray) -> float:
    signal = np.square(reference.astype(np.float64)).sum()
    noise = np.square(reference.astype(np.float64) - logits).sum()
    return float(10 * np.log10(signal / noise)) if noise else np.inf


def report(name: str, reference: np.ndarray, logits: np.ndarray) -> float:
    decibels = sqnr(reference, logits)
    agreement = np.mean(reference.argmax(1) == logits.argmax(1))
    print(f"{name}: SQNR {decibels:.2f} dB, same top-1 as float on {agreement:.1%} of {len(reference)} photos", flush=True)
    return decibels


def processor_flags() -> set[str]:
    if platform.machine() not in {"x86_64", "AMD64"}:
        return set()
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return set(next(line for line in lines if line.startswith("flags")).split())


def differing_bits(fovea: fovea_cli.Fovea, model: Path, inputs: list[np.ndarray]) -> list[str]:
    """The combinations of instruction set and threads whose outputs are not those of the portable kernels at one thread."""
    flags, expected, different = processor_flags(), None, []
    for isa, needed in INSTRUCTION_SETS.items():
        if not needed <= flags:
            print(f"{isa}: skipped, this processor lacks {', '.join(sorted(needed - flags))}")
            continue
        for threads in THREADS:
            outputs = [fovea.run(model, {"input": value}, threads, isa).tobytes() for value in inputs]
            expected = expected or outputs
            print(f"{isa}, threads {threads}: {'same bits' if outputs == expected else 'DIFFERENT BITS'}", flush=True)
            different += [] if outputs == expected else [f"{isa}, threads {threads}:"]
    return different


def check(fovea: fovea_cli.Fovea, model: Path, photos: list[Path], inputs: list[np.ndarray], floats: np.ndarray,
          required: float) -> list[str]:
    """Everything that Fovea's int8 model fails in, in words."""
    logits = np.concatenate([fovea.run(model, {"input": value}) for value in inputs])
    failures = []
    if report("Fovea, int8", floats, logits) < required:
        failures.append(f"SQNR is below {required:.2f} dB")
    failures += [f"top-1 of {photo.name} is not float's" for photo, reference, answer in zip(photos, floats, logits, strict=True)
                 if photo.parent == PHOTOS and reference.argmax() != answer.argmax()]
    few = [value for photo, value in zip(photos, inputs, strict=True) if photo.parent == PHOTOS] or inputs[:8]
    return failures + [f"{case} other bits than portable, threads 1" for case in differing_bits(fovea, model, few)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibration", type=Path, default=CALIBRATION)
    parser.add_argument("--photos", type=Path, nargs="+", default=[PHOTOS], metavar="FOLDER",
                        help="what to evaluate on; files that calibration has too are left out")
    parser.add_argument("--lead", type=float, default=3, help="decibels")
    parser.add_argument("--onnxruntime-only", action="store_true")
    fovea_cli.add_argument(parser)
    arguments = parser.parse_args()
    fovea = None if arguments.onnxruntime_only else fovea_cli.Fovea(arguments.fovea)

    calibration = images(arguments.calibration)
    seen = {photo.name for photo in calibration}
    photos = [photo for folder in arguments.photos for photo in images(folder.resolve()) if photo.name not in seen]
    inputs = [preprocess(photo) for photo in photos]
    print(f"{len(calibration)} photos to calibrate, {len(photos)} held back")

    with tempfile.TemporaryDirectory() as folder:
        quantized = Path(folder) / "quantized.onnx"
        onnxruntime_int8.quantize(EFFICIENTNET_LITE0, quantized, [preprocess(photo) for photo in calibration])
        answers = {}
        for name, network, exact in [("float", EFFICIENTNET_LITE0, False), ("exact", quantized, True), ("fast", quantized, False)]:
            session = onnxruntime_int8.session(network, exact=exact)
            answers[name] = np.concatenate([session.run(None, {"input": value})[0] for value in inputs])
        reached = report("ONNX Runtime, int8, evaluated exactly", answers["float"], answers["exact"])
        report("ONNX Runtime, int8, its integer kernels", answers["float"], answers["fast"])
        if fovea is None:
            return
        model = Path(folder) / "efficientnet_lite0.fovea"
        fovea.convert_int8(EFFICIENTNET_LITE0, model, arguments.calibration)
        failures = check(fovea, model, photos, inputs, answers["float"], reached + arguments.lead)
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
