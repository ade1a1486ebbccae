"""TargetGroupBindings: the endpoints of a target group, and who may reach them."""

from albatross.catalog import tracking
from albatross.model.intent import Backend
from albatross.model.resources.binding import Binding
from albatross.model.resources.ref import Ref
from albatross.model.resources.target_group import TargetGroup
from albatross.planner.builders import merge, networking
from albatross.planner.builders.networking import Reach
from albatross.planner.builders.task import Task


def build(backend: Backend, group: TargetGroup, reach: Reach, task: Task) -> Binding:
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
        networking=networking.rules(reach, backend, group, task),
        node_selector=merge.values(backend.settings.node_labels) if group.target_type == "instance" else (),
        ip_address_type=group.ip_address_type,
        vpc_id=task.config.vpc_id,
        multi_cluster=backend.settings.multi_cluster,
        protocol=group.protocol,
    )
