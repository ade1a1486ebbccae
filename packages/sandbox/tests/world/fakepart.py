"""A part of a world that does nothing: it says that it is ready, and ends with its stdin or by TERM."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

name, config = sys.argv[1], Path(sys.argv[3])
settings = json.loads(config.read_text())
print(f"{name} begins", file=sys.stderr)
if name == "broken":
    print("the reason why", file=sys.stderr)
    sys.exit(3)
LINES: dict[str, dict[str, Any]] = {
    "aws": {"endpoint": "http://127.0.0.1:1", "vpc_id": "vpc-1", "nodes": [{"name": "node-0"}]},
    "kube": {"server": "https://127.0.0.1:2", "kubeconfig": "/nowhere"},
    "envoy": {"status_url": "http://127.0.0.1:3"},
}
if name == "silent":
    sys.stdin.read()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"ready": True, **LINES[name]}), flush=True)
sys.stdin.read()
