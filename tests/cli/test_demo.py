"""The demo, whole: from nothing to requests that are answered, and no world left behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("demo")]

DEMO = (sys.executable, "-m", "albatross", "demo")
CODE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from albatross.cli import main
sys.exit(main(["demo"]))
"""
HEARING = (sys.executable, "-c", CODE)
"""A shell lets what it starts in the background ignore SIGINT, and these tests can be such a process."""
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1"}
ACTS = (
    "── Starting a sandbox",
    "── Permissions",
    "$ albatross iam role",
    "actions in",
    "── Installing the controller",
    "$ albatross install",
    "+ Deployment kube-system/albatross",
    "the controller is ready: 2 pods",
    "warning[LB143]",
    "Plan for default/api",
    "Plan for service:default/tcp",
    "$ kubectl apply",
    "✓   + load balancer k8s-default-",
    "✓   + load balancer k8s-default-",
    "$ kubectl get ingress",
    "$ albatross status",
    "● healthy",
    "└─ TCP:9000",
    "✓ api.example.com is 127.",
    "✓ https://api.example.com",
    "✓ http://api.example.com",
    "404: no rule matches this host",
    "✓ TCP connection to 127.",
    "gets no more requests",
    "── Everything in",
    "Next, type:",
    "  albatross sandbox up",
)
WIDTH = 100
PATHS = re.compile(r"\S*/albatross-\w+(?=/api.yaml)")
"""The folder of the sandbox, in the commands that the demo shows."""


def test_every_act_plays_in_its_order() -> None:
    done = subprocess.run(DEMO, check=False, capture_output=True, text=True, env=ENVIRONMENT, timeout=150)
    assert (done.returncode, done.stderr) == (0, "")
    place = 0
    for act in ACTS:
        place = done.stdout.find(act, place)
        assert place >= 0, act
    (world,) = set(PATHS.findall(done.stdout))
    assert not Path(world).exists()
    plan = done.stdout[done.stdout.index("Plan for default/api") : done.stdout.index("$ kubectl apply")]
    tree = done.stdout[done.stdout.index("$ albatross status") :]
    assert [line for line in (plan + tree).splitlines() if len(line) > WIDTH] == []


def test_ctrl_c_half_way_leaves_nothing() -> None:
    pipe = subprocess.PIPE
    process = subprocess.Popen(HEARING, stdout=pipe, stderr=pipe, text=True, env=ENVIRONMENT)
    assert process.stdout
    said = ""
    while "  waiting for pod" not in said:  # the sandbox runs, and the controller starts in it
        line = process.stdout.readline()
        assert line, said
        said += line
    (world,) = set(PATHS.findall(said))
    running = _living(world)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()  # the mark of this file limits the time
    assert (process.returncode, err.strip()) == (130, "")
    assert {"albatross_sandbox.aws", "albatross_sandbox.kube", "albatross_sandbox.envoy"} <= set(running.values())
    assert (Path(world).exists(), _living(world)) == (False, {})


def _living(world: str) -> dict[int, str]:
    """The processes of a sandbox with the names of their modules: its folder is in their command or in their environment."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv, environment = ((folder / name).read_text(errors="replace") for name in ("cmdline", "environ"))
        except OSError:  # it has ended
            continue
        if f"{world}/" in environment or world in argv:
            words = argv.split("\0")
            found[int(folder.name)] = words[words.index("-m") + 1] if "-m" in words else words[0]
    return found
