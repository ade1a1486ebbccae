"""Whether an Ingress is so large that its rules are not read."""

from albatross.catalog.bounds import HOSTS, RULES
from albatross.frontend.ingress.context import Subject
from albatross.frontend.notes import ReadingNotes


def excessive(subject: Subject, ports: int, notes: ReadingNotes) -> bool:
    """Whether its paths on all its ports, or its hosts, are more than what is read; then this is noted."""
    rules, found = subject.ingress.rules, notes.errors
    paths, hosts = sum(len(rule.paths or ()) for rule in rules), len(rules) + sum(len(each.hosts) for each in subject.ingress.tls)
    if paths * max(1, ports) > RULES:
        what = f"{paths} paths on {max(1, ports)} ports"
        notes.add("LB768", subject.origin.at("spec.rules"), what=what, count=str(paths * max(1, ports)), of="rules", most=str(RULES))
    if hosts > HOSTS:
        what = "spec.rules and spec.tls"
        notes.add("LB768", subject.origin.at("spec"), what=what, count=str(hosts), of="hosts", most=str(HOSTS))
    return notes.errors > found
