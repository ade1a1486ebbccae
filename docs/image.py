"""Runs the installation steps of the Containerfile without a container tool; `make image-check`.

Each `RUN` of the build stage runs here, with its paths in a temporary folder: the packages come from the lock files with their hashes, the
wheel is built without network, and the result must start. What is not checked: the base image, its Python, the user, and the layers.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTAINERFILE = ROOT / "Containerfile"
FOLDERS = ("app", "tools", "wheels", "build")
"""The folders at the root of the build stage."""


def steps() -> list[str]:
    """The commands of the build stage, in their order."""
    stage = CONTAINERFILE.read_text().split("AS build")[1].split("\nFROM ")[0].replace("\\\n", " ")
    return [line.removeprefix("RUN ") for line in stage.splitlines() if line.startswith("RUN ")]


def moved(step: str, folder: Path) -> str:
    """A command with its folders in another one, and with the Python that runs this."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    placed = re.sub(rf"(?<![\w./-])/({'|'.join(FOLDERS)})(?=[/\s]|$)", rf"{folder}/\1", step)
    return placed.replace("python -m venv", f"{sys.executable} -m venv").replace("python3.11", version)


def main() -> None:
    """Run every step, then the program without its source, and name every package."""
    with tempfile.TemporaryDirectory(prefix="albatross-image-") as name:
        folder = Path(name)
        subprocess.run(("git", "-C", str(ROOT), "checkout-index", "-a", f"--prefix={folder}/build/"), check=True)
        for step in steps():
            print(f"$ {step}", flush=True)
            subprocess.run(("/bin/sh", "-ec", moved(step, folder)), check=True, cwd=folder / "build")
        python = folder / "app" / "bin" / "python"
        bare = {"PATH": os.defpath, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        for arguments in (("--version",), ("run", "--help")):
            subprocess.run((python, "-m", "albatross", *arguments), check=True, cwd=folder, env=bare, stdout=subprocess.DEVNULL)
        code = "from importlib.metadata import distributions as d; print(*sorted(e.name.lower().replace('_', '-') for e in d()))"
        found = set(subprocess.run((python, "-c", code), check=True, env=bare, capture_output=True, text=True).stdout.split())
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements-run.lock").read_text(), re.MULTILINE))
    wanted = locked | {"albatross-controller"}
    if found != wanted:
        sys.exit(f"not from the lock: {sorted(found - wanted)}; only in the lock: {sorted(wanted - found)}")
    print(f"{len(locked)} packages, each from the lock with its hash, and the controller; it starts. No image was built.")


if __name__ == "__main__":
    main()
