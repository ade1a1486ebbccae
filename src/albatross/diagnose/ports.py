"""The port of the webhooks, which the control plane must reach."""

from collections.abc import Iterator

from albatross.diagnose import firewall
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.controllers import main
from albatross.diagnose.evidence import Body, Evidence, Origin
from albatross.diagnose.firewall import Side

WEBHOOK = 9443
"""The default port of the webhooks of both controllers."""


def check(evidence: Evidence) -> Iterator[Cause]:
    """The port of the webhooks, from the control plane to the nodes."""
    source, found = firewall.control(evidence), main(evidence)
    hooks = [*evidence.of("ValidatingWebhookConfiguration"), *evidence.of("MutatingWebhookConfiguration")]
    if not (source and found and any(_calls(each, found.namespace) for each in hooks)):
        return
    port = int(found.settings.get("webhook-bind-port") or WEBHOOK)
    for each in evidence.aws.instances:
        target = firewall.of_instance(evidence, str(each["InstanceId"]))
        if target and not firewall.allows(firewall.table(evidence), Side(groups=target), Side(groups=frozenset({source})), port):
            groups = sorted(target)
            command = firewall.opened(evidence, groups[0], port, source)
            words = {"port": str(port), "groups": ", ".join(groups), "source": source, "command": command}
            yield cause("LB656", Origin("SecurityGroup", "", groups[0]), command, **words)
            return


def _calls(configuration: Body, namespace: str) -> bool:
    """Whether a configuration has webhooks of a namespace."""
    services = [(hook.get("clientConfig") or {}).get("service") or {} for hook in configuration.get("webhooks") or ()]
    return any(each.get("namespace") == namespace for each in services)
