"""Label selectors; kubernetes.io/docs/concepts/overview/working-with-objects/labels."""

from collections.abc import Mapping

from albatross.model.snapshot import LabelRequirement, LabelSelector


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels match every part of a selector. An empty selector matches all; an invalid selector matches nothing."""
    pairs = all(labels.get(key) == value for key, value in selector.match_labels.items())
    return pairs and all(_meets(requirement, labels) for requirement in selector.match_expressions)


def _meets(requirement: LabelRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return bool(requirement.values) and value not in requirement.values
        case "Exists":
            return value is not None and not requirement.values
        case "DoesNotExist":
            return value is None and not requirement.values
    return False
