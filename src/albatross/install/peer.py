"""The AWS Load Balancer Controller as a cluster runs it: what its Deployment and its chart values say, and what of it carries over."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from albatross.catalog.settings import SETTINGS, Flag, read
from albatross.install import issuer, values
from albatross.install.account import ROLE
from albatross.install.installation import LEASE, NAMESPACE
from albatross.install.webhooks import INJECT
from albatross.model.config import GATES

Fate = Literal["same", "renamed", "no effect", "not supported", "unknown"]

IMAGE = "aws-load-balancer-controller"
"""A part of the name of the image, in every registry."""
NEEDLESS = frozenset(("enable-endpoint-slices", "aws-vpc-tag-key", "lb-stabilization-monitor-interval", "kube-ca-pem-filepath"))
"""Flags that need no feature: whatever their value is, nothing is missing without them."""
INERT = frozenset(("EnableIPTargetType", "EnableRGTAPI"))
"""Gates of the other controller that change how it works inside, and not what it makes."""
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
OWN = frozenset(
    (*REGION, "AWS_STS_REGIONAL_ENDPOINTS", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
)
"""Environment variables with the same meaning for both."""

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What happens to one setting: `name` is what it is there, `to` what it is here (empty: nothing), `why` explains it."""

    name: str
    value: str
    fate: Fate
    to: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A Deployment of the other controller. `settings` are texts by flag, `env` the variables with a value, `role` is for IRSA.

    `certified`: cert-manager makes the certificate of its webhooks.
    """

    namespace: str
    name: str
    image: str
    replicas: int
    account: str
    role: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    certified: bool = False

    @property
    def title(self) -> str:
        """Its name for people."""
        return f"Deployment {self.namespace}/{self.name}"


def runs(deployment: Body) -> bool:
    """Whether a Deployment runs the other controller."""
    return deployment.get("kind", "Deployment") == "Deployment" and _container(deployment) is not None


def peer(deployment: Body, account: Body | None = None, hooks: Iterable[Body] = ()) -> Peer:
    """The controller of a Deployment, with the annotations of its ServiceAccount and of its webhook configurations if they are known."""
    pod, head = deployment["spec"]["template"]["spec"], deployment["metadata"]
    container = _container(deployment) or pod["containers"][0]
    env = {each["name"]: str(each["value"]) for each in container.get("env") or () if each.get("value") is not None}
    arguments = [_REFERENCE.sub(lambda found: env.get(found[1], found[0]), each) for each in container.get("args") or ()]
    replicas = deployment["spec"].get("replicas")
    return Peer(
        namespace=head.get("namespace") or "default",
        name=head["name"],
        image=container.get("image", ""),
        replicas=1 if replicas is None else int(replicas),
        account=pod.get("serviceAccountName") or "default",
        role=((account or {}).get("metadata", {}).get("annotations") or {}).get(ROLE, ""),
        settings=parse(arguments),
        env=env,
        certified=any(INJECT in (each["metadata"].get("annotations") or {}) for each in hooks),
    )


def _container(deployment: Body) -> Body | None:
    pod = deployment["spec"]["template"]["spec"]
    found = [each for each in pod["containers"] if IMAGE in each.get("image", "")]
    return found[0] if found else None


def parse(arguments: Sequence[str]) -> Mapping[str, str]:
    """Texts by flag, as Go's pflag reads them: `--flag=value`, `--flag value`, and `--flag` for true."""
    switches = {row.flag for row in SETTINGS if row.kind == "flag"}
    found: dict[str, str] = {}
    waiting = ""
    for argument in arguments:
        if waiting and not argument.startswith("--"):
            found[waiting] = argument
        if not argument.startswith("--"):
            waiting = ""
            continue
        flag, sign, value = argument[2:].partition("=")
        found[flag] = value if sign else "true"
        waiting = "" if sign or flag in switches else flag
    return found


def needed(settings: Mapping[str, str]) -> Mapping[str, str]:
    """The settings that this controller needs so that it decides the same: those with a meaning here and not the default value."""
    rows = {row.flag: row for row in SETTINGS}
    found = {flag: text for flag, text in settings.items() if (row := rows.get(flag)) and row.field and text != row.default}
    return {row.flag: found[row.flag] for row in SETTINGS if row.flag in found}


def carried(found: Peer) -> Iterator[Carried]:
    """What happens to the flags, to the variables and to the role of the Deployment."""
    yield from _settings(found.settings)
    for name, value in found.env.items():
        if name in OWN:
            yield Carried(name=name, value=value, fate="same", to=name, why="the AWS SDK of both reads it")
        else:
            yield Carried(name=name, value=value, fate="not supported", why="`albatross install` sets no variables; the chart does (env)")
    if found.certified:
        yield Carried(name=INJECT, value="the CA of the webhooks", fate="renamed", to="--cert-manager", why="cert-manager makes both")
    if found.role:
        yield Carried(name=ROLE, value=found.role, fate="same", to="--role-arn", why="check its policy: albatross iam diff")


def _settings(settings: Mapping[str, str]) -> Iterator[Carried]:
    rows = {row.flag: row for row in SETTINGS}
    for flag, text in settings.items():
        if flag not in rows:
            yield Carried(name=f"--{flag}", value=text, fate="unknown", why="neither this controller nor version 3.5.0 of the other has it")
        elif flag == "feature-gates":
            yield from _gates(text)
        else:
            yield _setting(f"--{flag}", text, rows[flag])


def _setting(name: str, text: str, row: Flag) -> Carried:
    to = f"--{row.flag}"
    if row.field:
        return Carried(name=name, value=text, fate="same" if name == to else "renamed", to=to)
    if text == row.default or row.flag in NEEDLESS:
        return Carried(name=name, value=text, fate="no effect", to=to, why=row.help)
    return Carried(name=name, value=text, fate="not supported", to=to, why=row.help)


def _gates(text: str) -> Iterator[Carried]:
    for pair in filter(None, text.split(",")):
        gate, _, value = pair.partition("=")
        name = f"--feature-gates={gate}"
        if gate not in GATES:
            yield Carried(name=name, value=value, fate="unknown", why="no such feature gate")
        elif gate in INERT:
            yield Carried(name=name, value=value, fate="no effect", to=name, why="it changes how the other controller works inside")
        else:
            yield Carried(name=name, value=value, fate="same", to=name)


# Chart values --------------------------------------------------------------------------------------------------------


def of_values(given: Body) -> tuple[Mapping[str, str], tuple[Carried, ...]]:
    """The settings in a values file as texts by flag, and what happens to each value of the file."""
    named, objects = values.flags(), {row.name: row for row in values.OBJECTS}
    settings: dict[str, str] = {}
    table: list[Carried] = []
    for name, value in values.leaves(given):
        text, known = values.text(value), values.MISSPELT.get(name, name)
        if known in named:
            settings[named[known].flag] = text
            table += _gates(text) if known == "controllerConfig.featureGates" else [_setting(name, text, named[known])]
        elif known not in objects:
            table.append(Carried(name=name, value=text, fate="unknown", why="neither chart has it"))
        elif objects[known].unserved:
            table.append(Carried(name=name, value=text, fate="not supported", to=known, why=objects[known].unserved))
        elif known == CERTIFICATES:
            settings |= {issuer.SETTING: issuer.MODE} if text == "true" else {}
            table.append(Carried(name=name, value=text, fate="renamed", to="--cert-manager"))
        else:
            table.append(Carried(name=name, value=text, fate="same", to=known, why="in the chart; " + _beyond(known)))
    return settings, tuple(table)


def _beyond(name: str) -> str:
    return "also an option of `albatross install`" if name in INSTALLED else "`albatross install` has its own"


INSTALLED = frozenset(("replicaCount", "image.repository", "image.tag", "serviceAccount.annotations", "ingressClassConfig.default"))
"""Values that `albatross install` also has as options."""
CERTIFICATES = "enableCertManager"
"""The value with which cert-manager makes the certificate of the webhooks, in both charts."""


def chosen(found: Peer) -> Mapping[str, str]:
    """The settings of a Deployment, with the one that has cert-manager make the certificate, which is an object there and no flag."""
    return {**found.settings, issuer.SETTING: issuer.MODE} if found.certified else found.settings


def command(settings: Mapping[str, str], role: str = "", namespace: str = NAMESPACE) -> Iterable[str]:
    """The command that installs this controller with the same settings."""
    yield "albatross install"
    if namespace != NAMESPACE:
        yield f"--namespace {namespace}"
    if role:
        yield f"--role-arn {role}"
    for flag, text in needed(settings).items():
        yield "--cert-manager" if (flag, text) == (issuer.SETTING, issuer.MODE) else f"--{flag}={text}"


def unequal(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """The flags that decide what is made in AWS, and that differ between two sets of settings."""
    here, there = (read({flag: each[flag] for flag in each if flag in KNOWN}).config for each in (ours, theirs))
    fields = [(row.flag, row.field) for row in SETTINGS if hasattr(here, row.field) and row.flag not in FREE]
    return tuple(flag for flag, name in fields if getattr(here, name) != getattr(there, name))


def lease(settings: Mapping[str, str], namespace: str) -> str:
    """The Lease of a controller with these settings in a namespace."""
    return f"{settings.get('leader-election-namespace') or namespace}/{settings.get('leader-election-id', LEASE)}"


KNOWN = frozenset(row.flag for row in SETTINGS)
FREE = frozenset(("aws-region", "aws-vpc-id", "allow-deletions", "strict-groups", "strict-paths"))
"""Settings that may differ: one controller may find the place itself, and the other ones exist only here."""
