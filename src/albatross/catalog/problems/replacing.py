"""LB446 to LB449: load balancers that others replace, and for how long."""

from albatross.catalog.problems.row import ProblemRow

_EXISTING = "it depends on the resources that are already in AWS, which are not in a manifest"

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB446",
        slug="replaced-without-outage",
        severity="note",
        summary="the successor of load balancer {name} is created next to it; when its targets are healthy, the address in the status and "
        "the DNS records move to it, and {grace} s later {name} is deleted",
        why="clients that still use the old DNS name are answered until then; changes made meanwhile apply to the new load balancer only",
        fix="nothing; --replace-grace or the annotation albatross.dev/replace-grace-seconds sets how long the old one stays",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB447",
        slug="replaced-with-outage",
        severity="warning",
        summary="traffic through load balancer {name} stops for about {time}, because {reason}, so it is deleted before its successor is "
        "created",
        why="AWS needs minutes until a new load balancer answers",
        fix="remove the reason, for example with another load-balancer-name in the same edit; or create a second object with the new "
        "settings, move the traffic to it, and then delete this one",
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB448",
        slug="replacement-waits",
        severity="warning",
        summary="load balancer {name} keeps the address until its successor is ready: {waits}",
        why="an address moves only to a load balancer with targets that are as healthy as before; the old one answers until then",
        fix="wait some minutes; if it lasts, look for the reason with `albatross status` and `albatross why`, or undo the edit; "
        'albatross.dev/replace-grace-seconds: "0" moves the address at once',
        unshown=_EXISTING,
    ),
    ProblemRow(
        code="LB449",
        slug="replaced-load-balancer-drains",
        severity="note",
        summary="load balancer {name} is replaced; it answers clients of its DNS name {dns} until {until}, and is then deleted",
        why="clients and resolvers keep a DNS answer for some time; no edit changes the old load balancer any more",
        fix="nothing; undo the edit before that time to use it again",
        unshown=_EXISTING,
    ),
)
