"""The pods of the controller, and how many of them may be missing at a time."""

from collections.abc import Iterator

from albatross.install.installation import ACCOUNT, NAME, Body, Installation, Item, labels, metadata, selector

CONTAINER = "controller"
USER = 65532
"""A user without rights; the Containerfile has the same (the number is that of other images without a shell: "nonroot")."""
# Chosen by us. benchmarks/start.py measures an idle controller, benchmarks/edit.py one with 10,000 Ingresses (166 MiB).
RESOURCES = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}}
GRACE_SECONDS = 15
"""Chosen by us: running passes get 6 seconds to finish, and the lease and the events some more."""


def deployment(given: Installation) -> Iterator[Item]:
    """The Deployment."""
    spec = {
        "replicas": given.replicas,
        "revisionHistoryLimit": 10,
        "selector": {"matchLabels": selector()},
        # A new pod is ready before an old one ends, so that another replica can always take over.
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": labels(), "annotations": _scraped(given)}, "spec": _pod(given)},
    }
    why = (
        "The controller. One replica works, the others are ready to take over and answer admission requests; they prefer different nodes "
        "and zones. The pods run without root, without capabilities, and can write to /tmp only."
    )
    yield Item(why, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(NAME, given.namespace), "spec": spec})


def _scraped(given: Installation) -> dict[str, str]:
    port = given.port("metrics-bind-addr")
    return {"prometheus.io/scrape": "true", "prometheus.io/port": str(port)} if port else {}


def _pod(given: Installation) -> Body:
    return {
        "serviceAccountName": ACCOUNT,
        "automountServiceAccountToken": True,
        "priorityClassName": "system-cluster-critical",
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [_apart()]}},
        "topologySpreadConstraints": [_spread("topology.kubernetes.io/zone"), _spread("kubernetes.io/hostname")],
        "containers": [_container(given)],
        # The only place to write: the TLS library reads certificates from files only. It is memory, so no key gets onto a disk.
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}],
    }


def _apart() -> Body:
    term = {"labelSelector": {"matchLabels": selector()}, "topologyKey": "kubernetes.io/hostname"}
    return {"weight": 100, "podAffinityTerm": term}


def _spread(key: str) -> Body:
    return {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": selector()}}


def _container(given: Installation) -> Body:
    health = given.port("health-probe-bind-addr")
    return {
        "name": CONTAINER,
        "image": given.image,
        "imagePullPolicy": "IfNotPresent",
        "args": given.arguments,
        "env": [_field(name, path) for name, path in FIELDS.items()],
        "ports": [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports(given).items()],
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        "resources": RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        **(_probes() if health else {}),
        # What the process says at its end, such as a missing permission, is then in the status of the pod too.
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


FIELDS = {"NODENAME": "spec.nodeName", "POD_IP": "status.podIP", "POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"}
"""Environment variables of the container, and the fields of its pod."""


def _field(name: str, path: str) -> Body:
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def ports(given: Installation) -> dict[str, int]:
    """The ports of the container that are in use, by name."""
    found = {
        "webhook-server": int(given.setting("webhook-bind-port")),
        "metrics-server": given.port("metrics-bind-addr"),
        "health": given.port("health-probe-bind-addr"),
    }
    return {name: port for name, port in found.items() if port}


def _probes() -> Body:
    def ask(path: str) -> Body:
        return {"httpGet": {"path": path, "port": "health", "scheme": "HTTP"}}

    return {
        "livenessProbe": {**ask("/healthz"), "initialDelaySeconds": 15, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
        "readinessProbe": {**ask("/readyz"), "periodSeconds": 2, "timeoutSeconds": 2, "failureThreshold": 3},
    }


def budget(given: Installation) -> Iterator[Item]:
    """The PodDisruptionBudget. One replica has none: it would block the draining of its node."""
    if given.replicas > 1:
        yield Item(
            "Draining nodes removes at most one replica at a time, so that one is always ready.",
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": metadata(NAME, given.namespace),
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector()}},
            },
        )
