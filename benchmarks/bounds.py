"""The cost of huge input: seconds and memory of `lint`, `plan` and `model` for one object of n, 2n and 4n parts.

    .venv/bin/python benchmarks/bounds.py

Twice the parts may cost twice the time and a little more (n·log n), not four times.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

PREFIX = "alb.ingress.kubernetes.io/"


def ingress(annotations: Mapping[str, str], hosts: int = 1) -> str:
    """An Ingress with these annotations and this number of hosts."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    http = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
    spec = {"ingressClassName": "alb", "rules": [{"host": f"h{index}.example.com", "http": http} for index in range(hosts)]}
    metadata = {"namespace": "shop", "name": "web", "annotations": dict(annotations)}
    return json.dumps({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec})


CASES: Mapping[str, tuple[int, Callable[[int], str]]] = {
    "annotations that nobody knows": (1000, lambda n: ingress({f"{PREFIX}k{index}": "x" for index in range(n)})),
    "ports": (250, lambda n: ingress({f"{PREFIX}listen-ports": json.dumps([{"HTTP": port} for port in range(1, n + 1)])})),
    "hosts": (500, lambda n: ingress({}, hosts=n)),
    "a list of values": (5000, lambda n: ingress({f"{PREFIX}inbound-cidrs": ",".join(f"10.{i % 250}.{i // 250}.0/24" for i in range(n))})),
}


def measured(command: str, text: str) -> tuple[float, int]:
    """Seconds of CPU and the highest memory in MiB of one command for one file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "input.yaml"
        file.write_text(text)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        child = [sys.executable, "-m", "albatross", command, "-f", str(file)]
        peak = f"import resource, subprocess; subprocess.run({child!r}, stdout=-3, stderr=-3)"
        peak += "; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        said = subprocess.run([sys.executable, "-c", peak], capture_output=True, text=True, check=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return min(after.ru_utime - before.ru_utime, time.monotonic() - began), int(said) // 1024


def main() -> None:
    """Measure every case with every command."""
    print(f"{'one object with':32}{'n':>7}  " + "".join(f"{name:>22}" for name in ("lint", "plan", "model")))
    for name, (start, text) in CASES.items():
        for n in (start, 2 * start, 4 * start):
            found = [measured(command, text(n)) for command in ("lint", "plan", "model")]
            print(f"{name:32}{n:>7}  " + "".join(f"{seconds:>10.1f} s{memory:>6} MiB" for seconds, memory in found), flush=True)


if __name__ == "__main__":
    main()
