"""The plugin manifest for krew, and the archive that it names.

`python -m docs.krew URL FOLDER` writes FOLDER/albatross.tar.gz, to be served at URL, and FOLDER/albatross.yaml, which has its checksum.
The archive has a launcher: the program itself is a Python package. The same version always gives the same bytes.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME, BIN = "albatross", "kubectl-albatross"
SYSTEMS = (("linux", "amd64"), ("linux", "arm64"), ("darwin", "amd64"), ("darwin", "arm64"))
LAUNCHER = f"""#!/bin/sh
# Starts the command line of Albatross, which is a Python package.
if command -v {NAME} > /dev/null; then
  exec {NAME} "$@"
fi
if command -v uvx > /dev/null; then
  exec uvx --from {PROJECT["name"]}=={PROJECT["version"]} {NAME} "$@"
fi
echo "{NAME} is not installed; install it with: pipx install {PROJECT["name"]}=={PROJECT["version"]}" >&2
exit 1
"""


def archive() -> bytes:
    """The archive: the launcher and the license, without times and owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content, mode in ((BIN, LAUNCHER.encode(), 0o755), ("LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def manifest(url: str, content: bytes) -> dict[str, Any]:
    """The manifest, krew.googlecontainertools.github.com/v1alpha2. Source: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/"""
    sha256 = hashlib.sha256(content).hexdigest()
    files = [{"from": name, "to": "."} for name in (BIN, "LICENSE")]
    platforms = [
        {"selector": {"matchLabels": {"os": os, "arch": arch}}, "uri": url, "sha256": sha256, "files": files, "bin": BIN}
        for os, arch in SYSTEMS
    ]
    spec = {
        "version": f"v{PROJECT['version']}",
        "homepage": url.partition("/releases/")[0],
        "shortDescription": "Plan and explain AWS load balancers",
        "description": "Shows what Ingresses and Services become in AWS before it happens, and why a load balancer does not work.\n",
        "caveats": f"It needs the Python package {PROJECT['name']}, or uv, which runs it without an installation.\n",
        "platforms": platforms,
    }
    return {"apiVersion": "krew.googlecontainertools.github.com/v1alpha2", "kind": "Plugin", "metadata": {"name": NAME}, "spec": spec}


def main(arguments: list[str]) -> int:
    """0, or 2 for wrong usage."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    url, folder = arguments[0], Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    content = archive()
    (folder / f"{NAME}.tar.gz").write_bytes(content)
    (folder / f"{NAME}.yaml").write_text(json.dumps(manifest(url, content), indent=2) + "\n")  # JSON is YAML
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
