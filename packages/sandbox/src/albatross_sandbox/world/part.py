"""The parts of a world: what each is started with, and what the others need of its ready line."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from albatross_sandbox import module

REGION, CLUSTER, ACCOUNT, DOMAIN = "ap-northeast-2", "sandbox", "123456789012", "example.com"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}

Facts = dict[str, Any]
"""The settings of the world, and the ready line of each part that runs, under its name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One child process; `config` picks its settings from the facts known when it starts.

    A part that `holds` the world's state cannot be replaced: the world ends with it.
    """

    name: str
    text: str
    argv: tuple[str, ...]
    config: Callable[[Facts], dict[str, Any]]
    holds: bool = False

    def command(self, state: Path, facts: Facts, port: int = 0) -> list[str]:
        """The argv, its configuration written to a file."""
        file = state / "config" / f"{self.name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"state": str(state), **self.config(facts), "port": port}, indent=2) + "\n")
        return [*self.argv, "--config", str(file)]


def _aws(facts: Facts) -> dict[str, Any]:
    return {key: facts[key] for key in ("region", "cluster_name", "account", "cidr", "domain")}


def _kube(facts: Facts) -> dict[str, Any]:
    own = {key: facts[key] for key in ("region", "cluster_name", "cidr")}
    aws = facts["aws"]
    pods = {"images": facts.get("images") or {}, **{key: aws[key] for key in ("pod_identity", "metadata") if key in aws}}
    return {**own, "nodes": aws["nodes"], "aws_endpoint": aws["endpoint"], **pods}


def _envoy(facts: Facts) -> dict[str, Any]:
    aws = facts["aws"]
    return {"region": facts["region"], "cidr": facts["cidr"], "aws_endpoint": aws["endpoint"], "vpc_id": aws["vpc_id"]}


PARTS = (
    Part("aws", "emulated AWS account", module.argv("albatross_sandbox.aws"), _aws, holds=True),
    Part("kube", "Kubernetes API, nodes and pods", module.argv("albatross_sandbox.kube"), _kube),
    Part("envoy", "Envoy, the load balancers' data plane", module.argv("albatross_sandbox.envoy"), _envoy),
)


def clean(given: Mapping[str, str]) -> dict[str, str]:
    """The variables of whoever starts a world without those that would lead its parts elsewhere: AWS's, KUBECONFIG, proxies."""

    def foreign(name: str) -> bool:
        return name.startswith("AWS_") or name == "KUBECONFIG" or name.lower().endswith("_proxy")

    return {name: value for name, value in given.items() if not foreign(name)}


def environment(facts: Facts) -> dict[str, str]:
    """The variables under which AWS clients, ours and the user's, see this world; its metadata is what a pod of the first node sees."""
    region = {"AWS_REGION": facts["region"], "AWS_DEFAULT_REGION": facts["region"]}
    first = next(iter((facts["aws"].get("metadata") or {}).values()), None)
    metadata = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": first["pod"]} if first else {}
    resolver = (facts.get("envoy") or {}).get("dns")
    names = {"ALBATROSS_SANDBOX_DNS": resolver} if resolver else {}
    return {"AWS_ENDPOINT_URL": facts["aws"]["endpoint"], **CREDENTIALS, **region, **metadata, **names}


def description(facts: Facts, state: Path) -> dict[str, Any]:
    """What world.json says, but for the processes."""
    aws, kube = facts["aws"], facts["kube"]
    kept = ("subnets", "nodes", "certificates", "security_groups", "hosted_zone_id", "oidc_issuer", "pod_identity", "metadata")
    return {
        "kubeconfig": kube["kubeconfig"],
        "server": kube["server"],
        "aws_endpoint": aws["endpoint"],
        "region": facts["region"],
        "cluster_name": facts["cluster_name"],
        "vpc_id": aws["vpc_id"],
        "account": facts["account"],
        "cidr": facts["cidr"],
        "domain": facts["domain"],
        "ca": kube.get("ca"),
        "trust": aws.get("ca"),
        "envoy_status": facts["envoy"].get("status_url"),
        "dns": facts["envoy"].get("dns"),
        "state": str(state),
        **{key: aws[key] for key in kept if key in aws},
    }
