"""TargetGroupBindings: the endpoints of a target group, and who may reach them."""

from albatross.catalog import tracking
from albatross.model.intent import Backend
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.target_group import TargetGroup
from albatross.planner.builders import merge
from albatross.planner.builders.task import Task


def build(backend: Backend, group: TargetGroup, source: Token | None, task: Task) -> Binding:
    """The binding of one target group; its port is the port as the user wrote it."""
    return Binding(
        id=group.id,
        namespace=backend.source.namespace,
        name=group.name,
        labels=tracking.labels(task.intent.id),
        target_group=Ref("TargetGroup", group.id, "arn"),
        target_type=group.target_type,
        service=backend.source.name,
        port=backend.port,
        networking=_networking(backend, group, source, task),
        node_selector=merge.values(backend.settings.node_labels) if group.target_type == "instance" else (),
        ip_address_type=group.ip_address_type,
        vpc_id=task.config.vpc_id,
        multi_cluster=backend.settings.multi_cluster,
        protocol=group.protocol,
    )


def _networking(backend: Backend, group: TargetGroup, source: Token | None, task: Task) -> tuple[NetworkingRule, ...] | None:
    """One rule per port, in this order, with duplicates: target, health check, control."""
    if source is None:
        return None
    if task.config.disable_restricted_sg_rules:
        return (NetworkingRule(source_group=source),)
    ports: list[int | str] = [backend.serves.instance if group.target_type == "instance" else backend.serves.ip]
    if group.health_check.port != "traffic-port":
        ports.append(group.health_check.port)
    if group.control_port is not None:
        ports.append(group.control_port)
    return tuple(NetworkingRule(source_group=source, port=port) for port in ports)
