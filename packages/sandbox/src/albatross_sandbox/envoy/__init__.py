"""Data plane of the emulated load balancers: the real Envoy, told only what the public Describe calls say.

Way of a change: `account` asks → `read` makes a `state` of the answers → `config` (with `listener`, `route`, `match`, `cluster`, `tls`,
`sticky`, `jwt`) renders Envoy's files → `process` moves them into place; `loop` does it on every change the journal shows, `status` tells.

Not as in AWS, and said in a load balancer's warnings where it concerns one: nobody can log in (authenticate actions treat every request
as unauthenticated), Lambda targets and gateway load balancers carry nothing, QUIC and GENEVE listeners do not listen, datagrams go to the
first target group only and without a PROXY protocol header, a rule has one rewrite of a kind, a regular expression that RE2 lacks matches
nothing. Not as in AWS without a warning: web ACLs let everything pass; what security groups keep out is closed at once, and not
after a timeout; a load balancer's health checks of another one are always let in; targets see the load
balancer as their peer (no client address preservation: the PROXY protocol tells the client); an Elastic IP is shown and not listened on;
application load balancers have one address, and their target groups cross zones always; a connection to a target that drains lasts until
one side ends it, also after the deregistration delay; connections stay when a target becomes unhealthy.
"""
