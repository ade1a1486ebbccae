"""Data plane of the emulated load balancers: the real Envoy, told only what the public Describe calls say.

Way of a change: `account` asks → `read` makes a `state` of the answers → `config` (with `listener`, `route`, `match`, `cluster`, `tls`,
`sticky`, `jwt`) renders Envoy's files → `process` moves them into place; `loop` does it on every change the journal shows, `status` tells.
What Envoy cannot do without a privilege, small proxies do: `relay` connects to targets from the client's address, `datagram` is all of UDP.

Not as in AWS, and said in a load balancer's warnings where it concerns one: nobody can log in (authenticate actions treat every request
as unauthenticated), Lambda targets and gateway load balancers carry nothing, QUIC and GENEVE listeners do not listen, datagrams have no
PROXY protocol header, a rule has one rewrite of a kind, a regular expression that RE2 lacks matches nothing. Not as in AWS without a
warning: web ACLs let everything pass; what security groups keep out is closed at once, and not after a timeout; a load balancer's health
checks of another one are always let in; a client's port is not preserved with its address; an Elastic IP is shown and not listened on;
application load balancers have one address, and their target groups cross zones always; a connection to a target that drains lasts until
one side ends it, also after the deregistration delay; connections stay when a target becomes unhealthy.
"""
