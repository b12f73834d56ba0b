"""ncnn's quantizer, the programs ncnn2table and ncnn2int8, built once from source: ncnn's own packages have neither.

    programs = built(Path("build/compare/ncnn-tools"))
    quantize(programs, Path("net"), Path("net-int8"), [preprocess(photo) for photo in photos])

ncnn's source package leaves its tools out. SOURCE, another project's, has ncnn's whole tree in it, whose library is that of
ncnn 1.0.20260526, so that is what pip fetches and CMake builds. It only quantizes: the wheel runs what it writes.
"""
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from commands import command

SOURCE, TREE = "sr-vulkan==2.1.0", "sr-vulkan-2.1.0/src/ncnn"
PROGRAMS = ["ncnn2table", "ncnn2int8"]
# Quantizing is not timed, so one set of kernels will do, which every processor of the architecture runs: it builds sooner.
OPTIONS = {"CMAKE_BUILD_TYPE": "Release", "NCNN_RUNTIME_CPU": "OFF", "NCNN_AVX": "OFF", "NCNN_ARM82": "OFF", "NCNN_VULKAN": "OFF",
           "NCNN_BUILD_TOOLS": "ON", "NCNN_BUILD_EXAMPLES": "OFF", "NCNN_BUILD_BENCHMARK": "OFF"}


def built(folder: Path) -> list[Path]:
    """The programs, in a folder of this SOURCE's own."""
    folder = folder / SOURCE.replace("==", "-")
    programs = [folder / name for name in PROGRAMS]
    if not all(program.exists() for program in programs):
        print(f"building {' and '.join(PROGRAMS)}: some minutes", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            build(Path(scratch))
            for program in programs:
                shutil.copy(Path(scratch) / "build" / "tools" / "quantize" / program.name, program)
    return programs


def build(scratch: Path) -> None:
    package = SOURCE.partition("==")[0]
    command(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package, "--dest", scratch, SOURCE)
    (downloaded,) = scratch.glob("*.tar.gz")
    with tarfile.open(downloaded) as archive:
        tree = [member for member in archive if member.name.startswith(f"{TREE}/")]
        archive.extractall(scratch, tree, filter="data")
    binaries = Path(sys.executable).parent  # CMake and Ninja are packages of the same environment
    options = OPTIONS | {"CMAKE_MAKE_PROGRAM": str((binaries / "ninja").absolute())}
    command(binaries / "cmake", "-G", "Ninja", "-S", scratch / TREE, "-B", scratch / "build",
            *(f"-D{name}={value}" for name, value in options.items()))
    command(binaries / "cmake", "--build", scratch / "build", "--target", *PROGRAMS)


def quantize(programs: list[Path], source: Path, target: Path, pixels: list[np.ndarray]) -> None:
    """By its documentation's example, with the arrays that everyone gets; a model is `source`.param and `source`.bin."""
    ncnn2table, ncnn2int8 = programs
    model, table = [f"{source}.param", f"{source}.bin"], f"{target}.table"
    with tempfile.TemporaryDirectory() as scratch:
        arrays = [Path(scratch) / f"{number}.npy" for number in range(len(pixels))]
        for path, array in zip(arrays, pixels):
            np.save(path, array[0])
        listed = Path(scratch) / "list.txt"
        listed.write_text("".join(f"{path}\n" for path in arrays))
        channels, height, width = pixels[0].shape[1:]
        command(ncnn2table, *model, listed, table, f"shape=[{width},{height},{channels}]", "type=1", "method=kl")
    command(ncnn2int8, *model, f"{target}.param", f"{target}.bin", table)
