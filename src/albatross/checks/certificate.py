"""Certificates given by ARN that ACM does not have, where it was asked."""

from albatross.catalog.notes import Notes
from albatross.model.facts import Certificate, Certificates, Facts
from albatross.model.intent import Intent


def check(intent: Intent, facts: Facts, notes: Notes) -> None:
    """Note ARNs of ACM certificates that are not among the issued ones."""
    answer = facts.answers.get(Certificates())
    if not isinstance(answer, tuple):
        return
    known = {found.arn for found in answer if isinstance(found, Certificate)}
    for member in intent.members:
        for listen in member.listens:
            given = listen.certificates
            for arn in given.value if given else ():
                if given and ":acm:" in arn and arn not in known:
                    notes.add("LB319", given.origin, arn=arn)
