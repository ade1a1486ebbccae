"""doctor.md: what `why` and `doctor` check, the reasons of AWS for the health of targets, and the error texts that lead to each cause."""

from collections.abc import Iterator

from docs.markdown import cell, code, table

from albatross.catalog.health import REASONS, SOURCE
from albatross.catalog.symptoms import SYMPTOMS
from albatross.diagnose.chain import CHAIN, FILES
from albatross.diagnose.evidence import PARTS
from albatross.diagnose.subject import CHECKS


def page() -> Iterator[str]:
    """The page."""
    yield from _intro()
    yield from ("", "## What `why` checks", "", "In this order; the first cause often explains the others.", "")
    yield from table(("Check", "What it checks", "It needs"), ((each.name, cell(each.about), _parts(each.needs)) for each in CHECKS))
    yield from ("", "## What `doctor` checks", "", f"With `-f`, only {', '.join(each.name for each in FILES)}.", "")
    yield from table(("Link", "What it checks", "It needs"), ((each.name, cell(each.about), _parts(each.needs)) for each in CHAIN))
    yield from ("", "## Why a target is not healthy", "", f"The reasons that AWS gives ([source]({SOURCE})).", "")
    yield from table(
        ("Reason", "Meaning", "Problem", "What to look at"),
        ((code(name), cell(each.means), each.problem, "<br>".join(map(cell, each.look))) for name, each in REASONS.items()),
    )
    yield from ("", "## Error texts and their causes", "")
    yield "The texts are those of the AWS Load Balancer Controller, of Kubernetes and of AWS; `…` is any text. [problems.md](problems.md)"
    yield "and `albatross explain CODE` say more about a cause."
    yield ""
    yield from table(
        ("Text", "Cause", "Found by", "Fix"),
        ((code(each.text), each.code, ", ".join(each.checks), cell(each.fix)) for each in SYMPTOMS),
    )


def _intro() -> Iterator[str]:
    yield "# Why there is no load balancer"
    yield ""
    yield "```"
    yield "albatross why ingress shop/web     # or: service shop/web"
    yield "albatross doctor"
    yield "albatross doctor -f manifests/ --facts FACTS.json --output sarif"
    yield "```"
    yield ""
    yield "`why` names the first cause that an object does not work, then the others. It ends with the command that corrects the first one."
    yield "`doctor` checks the cluster and its account: everything between your kubeconfig and the client. Both only read, with your own"
    yield "credentials. They use the settings of the controller that runs. They find the name of the cluster, its region and its VPC"
    yield "themselves."
    yield ""
    yield "Exit code 0: healthy, 1: a cause was found, 3: no cause was found, but not everything could be read. A part that cannot be"
    yield "read, for example because your credentials may not read IAM roles, is named with the reason; the rest is still checked."


def _parts(names: tuple[str, ...]) -> str:
    return "; ".join(text for name, text in PARTS.items() if name in names)
