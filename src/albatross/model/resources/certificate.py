"""AWS::ACM::Certificate."""

from dataclasses import dataclass

from albatross.model.resources.ref import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that we request: `type` is AMAZON_ISSUED or PRIVATE."""

    id: str
    type: str
    domain_name: str
    subject_alternative_names: tuple[str, ...] = ()
    validation_method: str = "DNS"
    certificate_authority_arn: str | None = None
    tags: Pairs = ()
