"""AWS::ElasticLoadBalancingV2::Listener."""

from dataclasses import dataclass, field

from albatross.model.resources.action import Action
from albatross.model.resources.ref import Pairs, Ref, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualAuthentication:
    """`MutualAuthentication`; None if not written."""

    mode: str
    trust_store_arn: str | None = None
    ignore_client_certificate_expiry: bool | None = None
    advertise_trust_store_ca_names: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A listener; the first of `certificates` is its default, the others are for SNI."""

    id: str
    load_balancer: Ref = field(metadata={"diff": "ignore"})
    port: int
    protocol: str
    default_actions: tuple[Action, ...] = ()
    certificates: tuple[Token, ...] = ()
    ssl_policy: str | None = None
    alpn_policy: tuple[str, ...] = ()
    mutual_authentication: MutualAuthentication | None = None
    tags: Pairs = ()
    attributes: Pairs = ()
