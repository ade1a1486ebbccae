"""State and places → every file Envoy reads; pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross_sandbox.envoy import cluster, jwt, listener, route, way, zone
from albatross_sandbox.envoy.state import LoadBalancer, Place, State

Json = dict[str, Any]

LISTENERS = "lds.json"
ROUTES = listener.ROUTES
CLUSTERS = "cds.json"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Files by name, each a discovery response, and what each load balancer's configuration does not say."""

    files: Mapping[str, Json]
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def render(state: State, places: Mapping[str, Place], folder: str) -> Rendered:
    """All files for this state: `lds.json`, `rds.json` and `cds.json`."""
    listeners: list[Json] = []
    hosts: list[Json] = []
    warnings: dict[str, tuple[str, ...]] = {}
    fronts = listener.fronts(state.target_groups, places)
    for balancer in state.load_balancers:
        said = ["a gateway load balancer carries no traffic here"] if balancer.type == "gateway" else []
        for site in _sites(balancer, state):
            scenes = listener.scenes(listener.Scene(site, places[balancer.arn], state, folder, fronts.get(balancer.arn, ())))
            for index, scene in enumerate(scenes):
                built, lacks = listener.listener(scene)
                listeners += built
                said += lacks if not index else []  # every zone lacks the same
            if site.listener.http:
                host, untold = route.host(site)
                hosts.append(host)
                said += untold
        warnings[balancer.arn] = tuple(said)
    files = {
        LISTENERS: response(listeners),
        ROUTES: response([route.configuration(hosts)]),
        CLUSTERS: response(_clusters(state, places, folder)),
    }
    return Rendered(files, warnings)


def _sites(balancer: LoadBalancer, state: State) -> Iterable[route.Place]:
    if balancer.type == "gateway":
        return ()
    return (route.Place(balancer, each, state.target_groups) for each in balancer.listeners)


def _clusters(state: State, places: Mapping[str, Place], folder: str) -> list[Json]:
    zones = [*((group, "") for _, group in sorted(state.target_groups.items())), *zone.bound(state)]
    built = [cluster.cluster(group, places, each) for group, each in zones]
    built += [cluster.relayed(group, places, folder, each) for group, each in zones if way.used(group)]
    rules = [rule for balancer in state.load_balancers for each in balancer.listeners for rule in each.rules]
    keys = {jwt.cluster_name(step): jwt.cluster(step) for rule in rules if (step := jwt.step(rule))}
    return built + list(keys.values())


def response(resources: list[Json]) -> Json:
    """A discovery response; its version is a digest of what it says."""
    text = json.dumps(resources, sort_keys=True)
    return {"version_info": hashlib.sha256(text.encode()).hexdigest()[:16], "resources": resources}


def bootstrap(folder: str) -> Json:
    """What Envoy starts with: where the rest is found."""
    runtime = {
        # Long host and path lists make large programs; the default refuses those above 100.
        "re2.max_program_size.error_level": 1_000_000,
        "re2.max_program_size.warn_level": 1_000_000,
    }
    return {
        "node": {"id": "albatross-sandbox", "cluster": "albatross-sandbox"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
        "dynamic_resources": {
            "lds_config": cluster.source(f"{folder}/{LISTENERS}"),
            "cds_config": cluster.source(f"{folder}/{CLUSTERS}"),
        },
        "layered_runtime": {"layers": [{"name": "static", "static_layer": runtime}]},
    }
