"""The features that manifests use, and where. The IAM policy must allow these features."""

from collections.abc import Iterable, Iterator, Mapping

from albatross.catalog import tracking
from albatross.catalog.permissions import Feature
from albatross.install.policy import ALWAYS
from albatross.model.intent import Intent, Route, Share
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito
from albatross.model.snapshot import TargetGroupBinding


def used(intents: Iterable[Intent], bindings: Iterable[TargetGroupBinding]) -> Mapping[Feature, Origin | None]:
    """Each feature in use, with the first place that uses it. None: the feature is always needed."""
    found: dict[Feature, Origin | None] = dict.fromkeys(ALWAYS)
    shares = (share for intent in intents for share in intent.shares)
    for feature, at in (*(pair for share in shares for pair in asked(share)), *(pair for each in bindings for pair in _binding(each))):
        found.setdefault(feature, at)
    return found


def roles(bindings: Iterable[TargetGroupBinding]) -> tuple[str, ...]:
    """The ARNs of the roles that bindings name, in order."""
    return tuple(sorted({each.iam_role_arn for each in bindings if each.iam_role_arn}))


def asked(share: Share) -> Iterator[tuple[Feature, Origin]]:
    """Each feature that the settings of a share ask for, and the place of the setting."""
    settings = share.settings
    if web_acl := settings.web_acl_arn or settings.web_acl_name:
        yield "wafv2", web_acl.origin
    if settings.web_acl_classic:
        yield "waf-regional", settings.web_acl_classic.origin
    if settings.shield:
        yield "shield", settings.shield.origin
    if share.names:
        yield "dns", share.names[0].origin
    for listen in share.listens:
        if listen.hosts:
            yield "certificates", listen.origin
        if listen.certificate_request:
            yield "certificate-creation", listen.origin
    yield from (("cognito", route.origin) for route in share.routes if _cognito(route))


def _cognito(route: Route) -> bool:
    return isinstance(route.guard, AuthenticateCognito)


def _binding(binding: TargetGroupBinding) -> Iterator[tuple[Feature, Origin]]:
    if tracking.labelled(binding.metadata.labels):
        return  # the controller created it, for a target group of its own
    at = Origin("TargetGroupBinding", *binding.metadata.key)
    yield "given-target-groups", at.at("spec.targetGroupARN")
    if binding.iam_role_arn:
        yield "cross-account", at.at("spec.iamRoleArnToAssume")
