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
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1"}
ACTS = (
    "── Starting a sandbox",
    "warning[LB143]",
    "Plan for default/api",
    "$ kubectl apply",
    "✓   + load balancer k8s-default-api-",
    "DNS records in hosted zone",
    "$ kubectl get ingress",
    "$ albatross status",
    "● healthy",
    "✓ api.example.com is 127.",
    "✓ https://api.example.com",
    "✓ http://api.example.com",
    "404: no rule matches this host",
    "gets no more requests",
    "── Everything in",
)


def test_every_act_plays_in_its_order() -> None:
    done = subprocess.run(DEMO, check=False, capture_output=True, text=True, env=ENVIRONMENT, timeout=150)
    assert (done.returncode, done.stderr) == (0, "")
    place = 0
    for act in ACTS:
        place = done.stdout.find(act, place)
        assert place >= 0, act
    (world,) = set(re.findall(r"\S*/albatross-\w+(?=/api.yaml)", done.stdout))
    assert not Path(world).exists()


def test_ctrl_c_half_way_ends_at_once() -> None:
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert process.stdout
    while not re.search("✓ aws", process.stdout.readline()):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=40)
    assert (process.returncode, err.strip()) == (130, "")
