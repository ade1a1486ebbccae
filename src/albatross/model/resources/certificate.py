"""AWS::ACM::Certificate."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that we request: `type` is AMAZON_ISSUED or PRIVATE. Later only the names are compared: ACM cannot change it."""

    id: str
    type: str = field(metadata={"diff": "ignore"})
    domain_name: str = field(metadata={"diff": "ignore"})
    subject_alternative_names: tuple[str, ...] = field(default=(), metadata={"diff": "replace"})
    validation_method: str = field(default="DNS", metadata={"diff": "ignore"})
    certificate_authority_arn: str | None = field(default=None, metadata={"diff": "ignore"})
    tags: Pairs = ()
