"""Resources that are attached to a load balancer: web ACLs and Shield protection."""

from dataclasses import dataclass

from albatross.model.resources.ref import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAclAssociation:
    """AWS::WAFv2::WebACLAssociation; an empty `web_acl_arn` removes the association."""

    id: str
    resource: Token
    web_acl_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalWebAclAssociation:
    """AWS::WAFRegional::WebACLAssociation; an empty `web_acl_id` removes the association."""

    id: str
    resource: Token
    web_acl_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """AWS::Shield::Protection."""

    id: str
    resource: Token
    enabled: bool
