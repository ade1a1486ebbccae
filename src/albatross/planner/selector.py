"""Label selectors; kubernetes.io/docs/concepts/overview/working-with-objects/labels."""

from collections.abc import Mapping

from albatross.model.snapshot import LabelRequirement, LabelSelector


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether the labels meet every part of the selector; an empty one matches all, an unknown operator nothing."""
    return all(labels.get(k) == v for k, v in selector.match_labels.items()) and all(_meets(r, labels) for r in selector.match_expressions)


def _meets(requirement: LabelRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False
