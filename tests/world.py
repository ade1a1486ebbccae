"""A small cluster and a recorded account for tests of everything that decides: base objects, patches over them, and the result."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from albatross import pipeline
from albatross.aws.read.recorded import Recording
from albatross.catalog import kinds, settings
from albatross.catalog.problems import Example, severity
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.problem import Problem
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot

PREFIX = "alb.ingress.kubernetes.io/"
ACCOUNT = json.loads((Path(__file__).parent / "conformance" / "scenarios" / "_facts.json").read_text())
RECORDING = Recording(ACCOUNT)
CONFIG = Config(cluster_name="prod-eks", region="ap-northeast-2", vpc_id=ACCOUNT["ec2.DescribeVpcs"][0]["VpcId"])
VERSIONS = {
    "Deployment": "apps/v1",
    "TargetGroupBinding": "elbv2.k8s.aws/v1beta1",
    "Ingress": "networking.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1",
    "IngressClassParams": "elbv2.k8s.aws/v1beta1",
}
BASE = """
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
kind: Service
metadata: {name: web, namespace: shop, uid: 11111111-2222-3333-4444-555555555555}
spec:
  type: NodePort
  ports:
  - {name: http, port: 80, targetPort: 8080, nodePort: 30080}
---
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
---
kind: Ingress
metadata: {name: app, namespace: shop}
spec:
  ingressClassName: alb
  rules:
  - host: www.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service: {name: web, port: {number: 80}}
"""
"""The objects that examples of the problem table are patches over."""


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in _written(text)]


@lru_cache(4096)
def _written(text: str) -> tuple[str, ...]:
    """The documents as JSON. The base objects are read a thousand times, and to read YAML takes longer than all that is tested."""
    return tuple(json.dumps(each) for each in yaml.load_all(text, yaml.CSafeLoader) if each)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def objects(*patches: str) -> list[dict[str, Any]]:
    """The base objects with patches applied; an object that is not among them is added, an Ingress with the base's class."""
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents(BASE)}
    for patch in (each for text in patches for each in documents(text)):
        key = (patch["kind"], patch["metadata"]["name"])
        fresh = {"spec": {"ingressClassName": "alb"}} if patch["kind"] == "Ingress" else {}
        found[key] = merged(found.get(key, fresh), patch)
    for (kind, _), each in found.items():
        each["apiVersion"] = VERSIONS.get(kind, "v1")
        if kind not in ("Namespace", "IngressClass", "IngressClassParams"):
            each["metadata"].setdefault("namespace", "shop")
    return list(found.values())


def snapshot(*patches: str) -> Snapshot:
    return kinds.snapshot(deepcopy(objects(*patches)))


class Result:
    """What a cluster comes to: stacks by group, and every problem."""

    def __init__(self, cluster: Snapshot, config: Config = CONFIG, facts: Facts | None = None, recording: Recording = RECORDING) -> None:
        self.survey = pipeline.survey(cluster, config)
        self.stacks: dict[str, Stack | None] = {}
        self.problems: list[Problem] = [problem for wrong in self.survey.problems.values() for problem in wrong]
        self.problems.extend(pipeline.single(cluster))
        for stack_id, group in sorted(self.survey.groups.items()):
            prepared = pipeline.prepare(cluster, config, group)
            known = recording.answer(prepared.questions | prepared.extra, config) if facts is None else facts
            built = pipeline.build(prepared, known, config)
            self.stacks[str(stack_id)] = built.stack
            self.problems.extend(built.problems)

    @property
    def stack(self) -> Stack:
        """The stack of the base Ingress."""
        found = self.stacks["shop/app"]
        assert found is not None, self.codes
        return found

    @property
    def codes(self) -> list[str]:
        return sorted({problem.code for problem in self.problems})

    @property
    def errors(self) -> list[str]:
        return sorted({problem.code for problem in self.problems if severity(problem) == "error"})

    def at(self, code: str) -> list[str]:
        """Where a problem was found: field and pointer."""
        return sorted(f"{each.origin.field} {each.origin.pointer}".strip() for each in self.problems if each.code == code)


def prepared(cluster: Snapshot, stack: StackId, config: Config = CONFIG) -> pipeline.Prepared:
    """One group of a cluster, understood; it may be empty."""
    return pipeline.prepare(cluster, config, pipeline.survey(cluster, config).group(stack))


def compiled(*patches: str, config: Config = CONFIG, facts: Facts | None = None, recording: Recording = RECORDING) -> Result:
    return Result(snapshot(*patches), config, facts, recording)


def configured(*flags: str) -> Config:
    """The tests' settings with some of the controller's flags, as `--name=value`."""
    own = {"cluster-name": CONFIG.cluster_name, "aws-region": CONFIG.region, "aws-vpc-id": CONFIG.vpc_id}
    given = settings.read(own | dict(flag.removeprefix("--").split("=", 1) for flag in flags))
    assert not given.complaints
    return given.config


def recorded(patch: str) -> Recording:
    """The recorded account with a merge patch applied."""
    return Recording(merged(ACCOUNT, yaml.safe_load(patch)))


def shown(example: Example, text: str) -> Result:
    """What one of an example's two manifests comes to."""
    recording = recorded(example.account) if example.account else RECORDING
    cluster = replace(snapshot(text), complete=not example.partial)
    return Result(cluster, configured(*example.flags), recording=recording)


PAIR = re.compile(r"\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")


def annotated(annotations: Mapping[str, str], name: str = "app", kind: str = "Ingress", **rest: Any) -> str:
    """A patch with annotations (without their prefix)."""
    meta: dict[str, Any] = {"name": name, "annotations": {PREFIX + key: value for key, value in annotations.items()}}
    return PAIR.sub(_character, json.dumps({"kind": kind, "metadata": meta, **rest}))


def _character(found: re.Match[str]) -> str:
    """YAML has no pairs of surrogates, which JSON writes for a character such as 𐀀; an escaped backslash stays."""
    if found[0].startswith(r"\\"):
        return found[0]
    character = json.loads(f'"{found[0]}"')
    return f"\\U{ord(character):08x}"


def paths(*given: tuple[str, str, str], host: str = "www.example.com") -> dict[str, Any]:
    """A spec from (path, type, `service:port`)."""
    return {"rules": [{"host": host, "http": {"paths": [_path(*each) for each in given]}}]}


def _path(path: str, kind: str, backend: str) -> dict[str, Any]:
    service, _, port = backend.partition(":")
    written = {"number": int(port)} if port.isdigit() else {"name": port}
    return {"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": written}}}
