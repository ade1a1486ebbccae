"""Generated names. The formulas must not change, so that an existing load balancer keeps its name."""

import hashlib
import re

from albatross.model.resources.stack import StackId

_OTHER = re.compile(r"[^A-Za-z0-9]")


def digest(*parts: str) -> str:
    """Lower-case hex SHA-256 of the concatenated parts."""
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def alnum(text: str) -> str:
    """The text without characters that are not ASCII letters or digits."""
    return _OTHER.sub("", text)


def _of_stack(stack: StackId, unique: str) -> str:
    if stack.explicit:
        return f"k8s-{alnum(stack.name)[:17]}-{unique[:10]}"
    return f"k8s-{alnum(stack.namespace)[:8]}-{alnum(stack.name)[:8]}-{unique[:10]}"


def load_balancer(stack: StackId, *parts: str) -> str:
    """The name of a load balancer without a given name; `parts` are its facts in the order of `catalog.naming`."""
    return _of_stack(stack, digest(*parts))


def security_group(stack: StackId, *parts: str) -> str:
    """The name of a managed security group; `parts` are its facts in the order of `catalog.naming`."""
    return _of_stack(stack, digest(*parts))


def target_group(namespace: str, service: str, *parts: str) -> str:
    """The name of a target group; a change in `parts` gives another name, and so a new target group."""
    return f"k8s-{alnum(namespace)[:8]}-{alnum(service)[:8]}-{digest(*parts)[:10]}"


def frontend(application: str, cluster: str, stack: StackId, scheme: str) -> str:
    """The name of a network load balancer in front of the application load balancer with this name (cut at 28 bytes)."""
    if application:
        return application.encode()[:28].decode(errors="ignore") + "-nlb"
    unique = digest(cluster, str(stack), scheme)
    if stack.explicit:
        return f"k8s-{alnum(stack.name)[:16]}-{unique[:8]}-nlb"
    return f"k8s-{alnum(stack.namespace)[:8]}-{alnum(stack.name)[:8]}-{unique[:6]}-nlb"


def frontend_target_group(cluster: str, stack: StackId, *parts: str) -> str:
    """The name of the target group that contains the application load balancer."""
    return _of_stack(stack, digest(cluster, str(stack), *parts))
