"""QUIC server ids of pods: the containers get one in an environment variable, and their targets are registered with it.

Rules of kubernetes-sigs/aws-load-balancer-controller: `pkg/inject/quic`, `pkg/k8s/pod_info.go`.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator

from albatross.model.snapshot import ServerId

ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer-quic-enabled-containers"
"""On a pod: the names of the containers that use QUIC, separated by commas."""
BYTES = 8
"""The length of a server id; elbv2 `TargetDescription.QuicServerId` has two hexadecimal characters for each byte."""

Container = tuple[Iterable[tuple[str, str]], tuple[int, ...]]
"""The environment of a container, as names and values, and its ports."""


def server_ids(containers: Iterable[Container]) -> tuple[ServerId, ...]:
    """What can be a server id in the environments of these containers; the name of the variable is a setting."""
    return tuple(found for each in containers for found in _of(each))


def _of(container: Container) -> Iterator[ServerId]:
    environment, ports = container
    for name, value in environment:
        if text := written(value):
            yield ServerId(variable=name, id=text, ports=ports)


def written(value: str) -> str:
    """A server id in base64, as AWS writes it (`0x` and 16 hexadecimal characters); empty for anything else."""
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return f"0x{found.hex()}" if len(found) == BYTES else ""
