"""`albatross iam`: the policy and the role of the controller, generated from its AWS calls."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from albatross import pipeline
from albatross.aws.read.role import policies
from albatross.aws.session.client import Session
from albatross.catalog.permissions import Feature
from albatross.cli import decision, live, option
from albatross.install import cloudformation, policy, terraform, trust
from albatross.install.compare import differences
from albatross.install.features import roles, used
from albatross.install.policy import Document, Partition, Scope, Statement
from albatross.install.trust import Account, Way
from albatross.kube import config as access
from albatross.kube.client import Client
from albatross.model.config import Config
from albatross.model.problem import Origin
from albatross.model.snapshot import Snapshot

Function = TypeVar("Function", bound=Callable[..., Any])
Policies = tuple[tuple[Statement, ...], ...]

_OPTIONS = (
    click.option(
        "--features",
        default="",
        metavar="A,B",
        help=f"The features to allow: {', '.join(policy.FEATURES)}. Default: {', '.join(policy.USUAL)}.",
    ),
    option.files,
    click.option("--from-cluster", is_flag=True, help="Allow the features that the objects in the cluster use."),
    click.option(
        "--scope",
        type=click.Choice(["cluster", "account"]),
        default="cluster",
        show_default=True,
        help="cluster: allow writes only to resources with the tag of this cluster. account: with the tag of any cluster.",
    ),
    click.option("--partition", type=click.Choice(["aws", "aws-cn", "aws-us-gov"]), default="aws", show_default=True),
    click.option("--name", default="", help="The name of the policy and the role. Default: albatross-<cluster name>."),
    option.namespace,
    option.kubeconfig,
    option.context,
    option.settings,
)
_FORMS = ("json", "terraform", "cloudformation")


def _shared(*outputs: str) -> Callable[[Function], Function]:
    """The options of all commands; `outputs` are the output formats."""

    def wrap(function: Function) -> Function:
        for each in (*reversed(_OPTIONS), option.output(*outputs)):
            function = each(function)
        return function

    return wrap


@click.group()
def iam() -> None:
    """Print the IAM policy and the IAM role that the controller needs."""


@iam.command(name="policy")
@_shared(*_FORMS)
def policy_(config: Config, output: str, **given: Any) -> None:
    """Print the IAM policy. It allows only what the features in use need; every statement has its reason."""
    found = _policies(config, given)
    match output:
        case "terraform":
            click.echo(terraform.policies(found, _name(config, given)), nl=False)
        case "cloudformation":
            _json(cloudformation.template(found, _name(config, given)))
        case _:
            documents = [policy.document(each) for each in found]
            _json(documents[0] if len(documents) == 1 else documents)


@iam.command()
@click.option(
    "--way",
    type=click.Choice(["irsa", "pod-identity", "node"]),
    default="pod-identity",
    show_default=True,
    help="How the controller gets the role.",
)
@click.option("--oidc-provider", default="", metavar="ARN", help="The OIDC provider of the cluster, for --way irsa.")
@click.option(
    "--cluster-arn", default="", metavar="ARN", help="The cluster, for --way pod-identity. Only pods of this cluster get the role."
)
@click.option("--service-account", default="kube-system/aws-load-balancer-controller", show_default=True, metavar="NS/NAME")
@_shared(*_FORMS)
def role(config: Config, output: str, way: Way, oidc_provider: str, cluster_arn: str, service_account: str, **given: Any) -> None:
    """Print the IAM role: its trust policy, and its policies."""
    account = _account(service_account)
    document = _trust(way, (oidc_provider, cluster_arn), account, given["partition"])
    found, name = _policies(config, given), _name(config, given)
    if way == "node":
        click.echo(f"warning: {trust.NODE_WARNING}", err=True)
    match output:
        case "terraform":
            parts = [terraform.policies(found, name), terraform.role(document, name, len(found))]
            if way == "pod-identity":
                parts.append(terraform.association(config.cluster_name, account.namespace, account.name))
            click.echo("\n".join(parts), nl=False)
        case "cloudformation":
            _json(cloudformation.template(found, name, document))
        case _:
            _json({"trust": document, "policies": [policy.document(each) for each in found]})


@iam.command(name="diff")
@click.argument("role", default="")
@click.option(
    "--document", "documents", multiple=True, metavar="FILE", help="Compare a policy document instead of a role in AWS; repeatable."
)
@_shared("text", "json")
@click.pass_context
def diff_(ctx: click.Context, /, config: Config, role: str, documents: tuple[str, ...], output: str, **given: Any) -> None:
    """Compare the policies of ROLE with the permissions that the controller needs. Exit code 1 if a permission is missing."""
    if not (role or documents):
        raise click.UsageError("name a role, or policy documents with --document FILE")
    needed = _needed(config, given)
    held = [document for each in documents for document in _read(each)] or live.run(lambda: _held(config, role))
    found = differences(needed, held)
    lacking = sum(each.kind != "surplus" for each in found)
    if output == "json":
        _json([asdict(each) for each in found])
    else:
        for each in found:
            click.echo(f"{each.kind:<8}  {each.action}\n          {f'{each.sid}: ' if each.sid else ''}{each.why}")
        click.echo(f"{lacking} missing or limited, {len(found) - lacking} not needed")
    ctx.exit(1 if lacking else 0)


async def _held(config: Config, role: str) -> list[Document]:
    async with Session(config) as session:
        return list(await policies(session, role))


def _read(path: str) -> list[Document]:
    """The policy document in a file, or the list of documents that `albatross iam policy` prints if one would be too long."""
    try:
        read = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot read {path} as a policy document: {error}") from error
    found = read if isinstance(read, list) else [read]
    if not all(isinstance(each, dict) and "Statement" in each for each in found):
        raise click.ClickException(f"{path} has no Statement, so it is not a policy document")
    return found


def _json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def _name(config: Config, given: Mapping[str, Any]) -> str:
    return str(given["name"]) or f"albatross-{config.cluster_name}"


def _account(text: str) -> Account:
    namespace, slash, name = text.partition("/")
    if not (namespace and slash and name):
        raise click.BadParameter("write it as NAMESPACE/NAME", param_hint="--service-account")
    return Account(namespace=namespace, name=name)


def _trust(way: Way, arns: tuple[str, str], account: Account, partition: Partition) -> Document:
    provider, cluster = arns
    match way:
        case "irsa":
            if ":oidc-provider/" not in provider:
                hint = "list them with: aws iam list-open-id-connect-providers"
                raise click.UsageError(f"--way irsa needs --oidc-provider ARN, such as arn:aws:iam::…:oidc-provider/oidc.eks.…; {hint}")
            return trust.irsa(provider, account)
        case "node":
            return trust.node(partition)
        case _:
            return trust.pod_identity(cluster, account)


def _policies(config: Config, given: Mapping[str, Any]) -> Policies:
    """The policies for the features that are named, that the manifests or the cluster use, or that are the default."""
    return policy.split(_needed(config, given))


def _needed(config: Config, given: Mapping[str, Any]) -> tuple[Statement, ...]:
    scope = _scope(config, given)
    features, lent = _features(config, given)
    return policy.statements(features, config.cluster_name, scope, given["partition"], lent)


def _scope(config: Config, given: Mapping[str, Any]) -> Scope:
    scope: Scope = given["scope"]
    if scope == "cluster" and config.cluster_name == option.CLUSTER:
        raise click.UsageError("--scope cluster needs --cluster-name NAME; --scope account does not")
    return scope


def _features(config: Config, given: Mapping[str, Any]) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """The features, and the roles to assume that manifests or the cluster name."""
    names = tuple(each.strip() for each in given["features"].split(",") if each.strip())
    if unknown := [each for each in names if each not in policy.FEATURES]:
        raise click.BadParameter(
            f"unknown feature: {', '.join(unknown)}; the features are {', '.join(policy.FEATURES)}", param_hint="--features"
        )
    named: tuple[Feature, ...] = tuple(each for each in policy.FEATURES if each in names)
    if given["from_cluster"]:
        snapshot = live.run(lambda: _cluster(given["kubeconfig"], given["context"]))
    elif given["paths"]:
        snapshot = decision.load(given["paths"], given["namespace"]).snapshot
    else:
        return named or policy.USUAL, ()
    return (*named, *_said(_used(snapshot, config))), roles(snapshot.bindings.values())


async def _cluster(kubeconfig: str, context: str) -> Snapshot:
    async with Client(access.load(kubeconfig, context)) as client:
        return await live.snapshot(client)


def _used(snapshot: Snapshot, config: Config) -> Mapping[Feature, Origin | None]:
    survey = pipeline.survey(snapshot, config)
    intents = [prepared.intent for prepared in decision.prepare(snapshot, config, survey)]
    return used(intents, snapshot.bindings.values())


def _said(found: Mapping[Feature, Origin | None]) -> Iterable[Feature]:
    """The features. Prints on standard error what uses each of them."""
    for feature, at in found.items():
        click.echo(f"{feature}: {f'{at.object} {at.field}'.strip() if at else 'always needed'}", err=True)
    return found
