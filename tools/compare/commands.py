"""Running a peer's tool as a process."""
import subprocess
from pathlib import Path


def command(*arguments: str | Path, **options) -> None:
    process = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, **options)
    if process.returncode:
        lines = (process.stderr.strip() or process.stdout.strip()).splitlines()
        raise RuntimeError(f"{Path(arguments[0]).name}: exit status {process.returncode}: {lines[-1] if lines else ''}")
