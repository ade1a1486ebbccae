"""Certificates and target groups given by ARN that AWS does not have, where it was asked."""

from albatross.catalog.notes import Notes
from albatross.model.facts import CertificateFact, Certificates, Facts, TargetGroupByArn
from albatross.model.intent import Intent


def check(intent: Intent, facts: Facts, notes: Notes) -> None:
    """Note ARNs that name nothing."""
    _certificates(intent, facts, notes)
    for share in intent.shares:
        for forward in share.forwards:
            for target in forward.targets:
                if target.arn and facts.answers.get(TargetGroupByArn(target.arn)) == ():
                    notes.add("LB321", target.origin, arn=target.arn)


def _certificates(intent: Intent, facts: Facts, notes: Notes) -> None:
    """ACM certificates that are not among the issued ones."""
    answer = facts.answers.get(Certificates())
    if not isinstance(answer, tuple):
        return
    known = {found.arn for found in answer if isinstance(found, CertificateFact)}
    for share in intent.shares:
        for listen in share.listens:
            given = listen.certificates
            for arn in given.value if given else ():
                if given and ":acm:" in arn and arn not in known:
                    notes.add("LB319", given.origin, arn=arn)
