"""Files out of Debian packages, which are freely licensed and come from wherever apt gets them.

    root, version = unpack("fonts-lato", Path("build/downloads"))
"""
import subprocess
from pathlib import Path


def unpack(package: str, downloads: Path) -> tuple[Path, str]:
    """The folder with the package's files, and its version. Downloaded and unpacked unless that was done before."""
    downloads.mkdir(parents=True, exist_ok=True)
    if not list(downloads.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "-qq", "download", package], cwd=downloads, check=True, stderr=subprocess.DEVNULL)
    archive = max(downloads.glob(f"{package}_*.deb"))
    root = downloads / archive.stem
    if not root.exists():
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    version = subprocess.run(["dpkg-deb", "-f", archive, "Version"], check=True, capture_output=True, text=True).stdout.strip()
    return root, version
