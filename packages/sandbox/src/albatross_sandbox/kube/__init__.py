"""The in-memory Kubernetes API server of the sandbox.

It answers as Kubernetes 1.37 does to kubectl, to controller-runtime and to any client of the JSON or protobuf API, for the
kinds that `resources` lists and for custom resources. Storing, watching, defaulting, validating, patching, server-side apply,
admission webhooks, RBAC, garbage collection and namespaces are real; nothing is kept on disk.

Not built: CEL but in `matchConditions` (`x-kubernetes-validations`, admission policies, the variable `authorizer`),
conversion webhooks (versions convert by name), exec, attach, port-forward and proxy, quotas and limits, aggregated APIs,
OpenAPI v2, exact reads of an old version (a list is always of now), answers in protobuf or YAML, event expiry. A pod's node
may be set by an ordinary update while it has none. Kinds that nothing here would bring to life (StatefulSets, Jobs, …) are
not served.
"""
