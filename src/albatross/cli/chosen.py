"""Options of `render`, `install` and `uninstall`, and the installation that they describe."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import click

from albatross.catalog.settings import SETTINGS, Flag, read
from albatross.cli.option import SHORT, SHOWN
from albatross.install import issuer
from albatross.install.installation import IMAGE, NAMESPACE, OWN, Installation

Function = TypeVar("Function", bound=Callable[..., Any])

ROWS = tuple(row for row in SETTINGS if row.flag not in ("kubeconfig", "context"))
"""Settings that become arguments of the controller."""

namespace = click.option("-n", "--namespace", default=NAMESPACE, show_default=True, help="The namespace of the controller.")

OPTIONS = (
    namespace,
    click.option("--image", default=IMAGE, show_default=True, help="The image of the controller, in a registry that the nodes can reach."),
    click.option("--replicas", type=click.IntRange(1), default=2, show_default=True, help="The number of pods. One of them works."),
    click.option("--role-arn", "role", default="", metavar="ARN", help="The IAM role, for IRSA. Not needed with EKS Pod Identity."),
    click.option("--default-class", is_flag=True, help="Use this IngressClass for Ingresses that name no class."),
    click.option("--cert-manager", is_flag=True, help="Let cert-manager make the certificate of the webhooks; it must be installed."),
    click.option("--no-crds", is_flag=True, help="Leave out the custom resource definitions, because they are installed separately."),
)


def options(function: Function) -> Function:
    """The options of an installation. The function gets them as `chosen`; settings of the controller are in it too."""

    @wraps(function)
    def wrapped(**given: Any) -> Any:
        settings = {row.flag: text for row in ROWS if (text := given.pop(_name(row))) is not None}
        settings |= _certificates(given.pop("cert_manager"), settings)
        names = ("namespace", "image", "replicas", "role", "default_class")
        values = {name: given.pop(name) for name in names} | {"crds": not given.pop("no_crds")}
        _check(settings, values["role"])
        return function(chosen=_installation(settings, values), **given)

    for each in (*reversed([_option(row) for row in ROWS]), *reversed(OPTIONS)):
        wrapped = each(wrapped)
    return wrapped  # type: ignore[return-value]  # click's own decorators keep the callable's type only loosely


def _installation(settings: Mapping[str, str], values: Mapping[str, Any]) -> Installation:
    others = {flag: text for flag, text in settings.items() if flag not in OWN}
    own: dict[str, Any] = {
        "cluster_name": settings.get("cluster-name", ""),
        "region": settings.get("aws-region", ""),
        "vpc_id": settings.get("aws-vpc-id", ""),
    }
    return Installation(**own, **values, settings=others)


def _certificates(wanted: bool, settings: Mapping[str, str]) -> dict[str, str]:
    """The setting of --cert-manager. Errors: UsageError if it is set to something else too."""
    if not wanted:
        return {}
    if settings.get(issuer.SETTING, issuer.MODE) != issuer.MODE:
        raise click.UsageError(f"--cert-manager and --{issuer.SETTING}={settings[issuer.SETTING]} contradict each other; pass one of them")
    return {issuer.SETTING: issuer.MODE}


def _check(settings: Mapping[str, str], role: str) -> None:
    """Refuse wrong values here, and not in a log of a pod."""
    complaints = list(read({"cluster-name": "unknown", **settings}).complaints)
    if role and ":role/" not in role:
        complaints.append(f"--role-arn={role}: expected the ARN of a role, such as arn:aws:iam::123456789012:role/albatross")
    if complaints:
        raise click.UsageError("\n".join(complaints))


def _name(row: Flag) -> str:
    return "setting_" + row.flag.replace("-", "_")


def _option(row: Flag) -> Callable[[Any], Any]:
    names = [f"--{row.flag}", *([SHORT[row.flag]] if row.flag in SHORT else [])]
    alone: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if row.kind == "flag" else {}
    return click.option(
        *names,
        _name(row),
        default=None,
        envvar=row.env,
        help=row.help.removesuffix(" Required."),
        metavar=row.kind.upper(),
        hidden=row.flag not in SHOWN,
        **alone,
    )
