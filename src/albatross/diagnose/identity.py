"""Who the controller is in AWS: its ServiceAccount, the role that this names, and the role that its pods really have."""

from collections.abc import Iterator
from dataclasses import replace

from albatross.catalog.identity import ROLE
from albatross.checks import account as checks
from albatross.diagnose.cause import Cause, Remedy, cause
from albatross.diagnose.controllers import Running, main, restart
from albatross.diagnose.evidence import Body, Evidence, Origin, key
from albatross.diagnose.manifest import mended
from albatross.model.problem import Problem
from albatross.model.snapshot import ServiceAccount

VARIABLES = ("AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
"""The variables that EKS sets in pods with a role: by IRSA, by Pod Identity."""


def annotation(evidence: Evidence) -> str:
    """The role in the annotation of the ServiceAccount; empty if it names none."""
    return named(_account(evidence))


def named(account: ServiceAccount | None) -> str:
    """The role in the annotation of this ServiceAccount; empty if it names none."""
    return account.metadata.annotations.get(ROLE, "") if account else ""


def _account(evidence: Evidence) -> ServiceAccount | None:
    """The ServiceAccount of the controller; None if it does not exist."""
    found = main(evidence)
    return evidence.snapshot.service_accounts.get(found.account) if found else None


def check(evidence: Evidence) -> Iterator[Cause]:
    """A ServiceAccount that does not exist, and annotations that EKS does not read."""
    found = main(evidence)
    if found is None:
        return
    namespace, name = found.account
    if _account(evidence) is None:
        command = f"kubectl create serviceaccount -n {namespace} {name}"
        words = {"account": f"{namespace}/{name}", "deployment": found.name, "namespace": namespace, "name": name}
        yield cause("LB640", found.at.at("spec.template.spec.serviceAccountName"), command, **words)
        return
    for problem in _annotated(evidence):
        # without another role, the pods have no credentials
        worse = replace(problem, severity="error") if _roleless(evidence) else problem
        yield Cause(problem=worse, remedy=_restarted(mended(evidence, problem), found))


def _annotated(evidence: Evidence) -> tuple[Problem, ...]:
    account = _account(evidence)
    return checks.annotated(account) if account else ()


def _roleless(evidence: Evidence) -> bool:
    """Whether it is known that the ServiceAccount has no role."""
    return not annotation(evidence) and not evidence.aws.associations and "association" not in evidence.unseen


def _restarted(remedy: Remedy, found: Running) -> Remedy:
    return Remedy(commands=(*remedy.commands, restart(found)))


def remark(evidence: Evidence) -> str:
    """The ServiceAccount and its annotation."""
    found = main(evidence)
    return f"ServiceAccount {'/'.join(found.account)}: {annotation(evidence) or 'no role in an annotation'}" if found else ""


def role(evidence: Evidence) -> Iterator[Cause]:
    """No role at all: neither in the annotation nor in an association, and no annotation that was meant to name one."""
    found = main(evidence)
    if found and _roleless(evidence) and not _annotated(evidence):
        namespace, name = found.account
        cluster = evidence.config.cluster_name
        make = f"albatross iam role --cluster-name {cluster} --service-account {namespace}/{name} --output terraform"
        give = (
            f"aws eks create-pod-identity-association --cluster-name {cluster} --namespace {namespace} --service-account {name} "
            "--role-arn ROLE_ARN"
        )
        at = Origin("ServiceAccount", namespace, name)
        yield cause("LB645", at, make, give, restart(found), account=f"{namespace}/{name}", command=make)


def pods(evidence: Evidence) -> Iterator[Cause]:
    """Another identity than the ServiceAccount names; pods that are older than their role."""
    found = main(evidence)
    if found is None:
        return
    if evidence.leader:
        account = _account(evidence)
        for problem in checks.intended(account, evidence.leader) if account and evidence.leader.arn else ():
            yield Cause(problem=problem, remedy=Remedy(commands=(restart(found),)))
        return
    given = VARIABLES[0] if annotation(evidence) else VARIABLES[1] if evidence.aws.associations else ""
    for pod in found.pods:
        if given and given not in _variables(pod):
            yield cause("LB647", Origin("Pod", *key(pod)), restart(found), pod="/".join(key(pod)), variable=given, command=restart(found))


def _variables(pod: Body) -> set[str]:
    return {str(each["name"]) for container in pod["spec"].get("containers") or () for each in container.get("env") or ()}


def said(evidence: Evidence) -> str:
    """Who leads, and who that is in AWS."""
    return f"the leader is {evidence.leader.words}" if evidence.leader else ""
