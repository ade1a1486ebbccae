"""Writes the reference pages and the other generated files; `python -m docs.build --check` fails where one is not what it would write."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path

from docs import doctor, metrics, monitoring, permissions, shown
from docs.markdown import cell, code, table

from albatross.catalog.annotations import ANNOTATIONS, Merge, albatross, ingress, service
from albatross.catalog.fixes import FIXES
from albatross.catalog.parameters import PARAMETERS
from albatross.catalog.problems import PROBLEMS, ProblemRow
from albatross.catalog.schema import shape
from albatross.catalog.settings import SETTINGS
from albatross.install import chart, module, values

FOLDER = Path(__file__).parent
NOTE = "<!-- Written by `make docs` from the catalog; edits are lost. -->"
FAMILIES = {"1": "Input", "2": "Cluster", "3": "AWS facts", "4": "Limits", "5": "Apply", "6": "Diagnosis", "7": "Identity and install"}


def annotations() -> Iterator[str]:
    """annotations.md."""
    yield "# Annotations of Ingresses"
    yield ""
    yield f"Every key starts with `{ingress.PREFIX}`. *Merge* says how the values of the members of a group are combined."
    yield from _annotations(ingress.PREFIX)
    yield ""
    yield "## Annotations of Albatross itself"
    yield ""
    yield f"Every key starts with `{albatross.PREFIX}`. The AWS controller does not know them."
    yield from _annotations(albatross.PREFIX)


def services() -> Iterator[str]:
    """service-annotations.md."""
    yield "# Annotations of Services"
    yield ""
    yield f"For Services that become network load balancers. Every key starts with `{service.PREFIX}`."
    yield "The annotations of a Service also apply to the Services that its `actions.…` annotations name; their own are not read."
    yield from _annotations(service.PREFIX)


def _annotations(prefix: str) -> Iterator[str]:
    """All rows with a prefix. The two columns about groups are left out if every row says the same."""
    rows = [row for row in ANNOTATIONS.values() if row.prefix == prefix]
    grouped = any(row.merge is not Merge.OWN for row in rows)
    yield "A value that cannot be read, an unknown key and a setting without effect are problems with a place: `albatross lint -f FILE`."
    yield ""
    yield from table(
        ("Annotation", "Type", "Default", "Range", *(("On", "Merge") if grouped else ()), "What it does"),
        (
            (
                f"[`{r.name}`]({r.source})" if r.source else code(r.name),
                cell(r.type) + (f" ({r.unit})" if r.unit else ""),
                cell(r.default),
                cell(r.range),
                *((", ".join(r.kinds), cell(r.merge.value)) if grouped else ()),
                cell(r.about) + (f". Since {r.since}" if r.since else "") + (f". Deprecated: {cell(r.deprecated)}" if r.deprecated else ""),
            )
            for r in rows
        ),
    )
    yield ""
    yield "## Examples"
    yield ""
    yield from table(("Annotation", "Example"), ((code(r.name), code(r.example)) for r in rows if r.example))


def problems() -> Iterator[str]:
    """problems.md."""
    yield "# Problems"
    yield ""
    yield "All problems that `lint`, `plan` and the controller report. `albatross explain CODE` prints one. Codes are never reused."
    yield ""
    yield "Each example shows only the relevant part: it is a merge patch over an Ingress `app` of class `alb` (host `www.example.com`,"
    yield "path `/` with pathType Prefix → `web:80`) and a NodePort Service `web` (port 80 named `http`, targetPort 8080) in namespace"
    yield "`shop`."
    for family, group in groupby(sorted(PROBLEMS.values(), key=lambda r: r.code), key=lambda r: r.code[2]):
        yield ""
        yield f"## {FAMILIES[family]}"
        for row in group:
            yield from _problem(row)


def _problem(row: ProblemRow) -> Iterator[str]:
    yield ""
    yield f"### {row.code} {row.slug}"
    yield ""
    yield f"*{row.severity}*: {row.summary}"
    yield ""
    yield f"- why: {row.why}"
    yield f"- fix: {row.fix}"
    if row.code in FIXES:
        yield f"- `lint --fix` {FIXES[row.code].about}"
    if row.source:
        yield f"- source: <{row.source}>"
    if row.unshown:
        yield f"- no example: {row.unshown}"
    if row.example:
        yield from _block("Broken:", row.example.broken)
        yield from _block("Fixed:", row.example.fixed)
        if row.example.flags:
            yield from ("", "Both with " + ", ".join(code(flag) for flag in row.example.flags) + ".")
        if row.example.account:
            yield from _block("Both in an account with:", row.example.account)


def _block(label: str, text: str) -> Iterator[str]:
    yield from ("", label, "", "```yaml", text.strip(), "```")


def settings() -> Iterator[str]:
    """settings.md."""
    yield "# Settings of the controller"
    yield ""
    yield "A flag of `albatross run` overrides its environment variable. The names are those of the AWS Load Balancer Controller."
    yield "A setting marked *no effect yet* is accepted, so that you can keep the flags of a deployment. The start log names it."
    yield ""
    named = {row.flag: name for name, row in values.flags().items()}
    yield from table(
        ("Flag", "Environment", "Chart value", "Type", "Default", "Meaning"),
        (
            (
                code("--" + r.flag),
                code(r.env),
                code(named.get(r.flag, "")),
                r.kind + (": " + ", ".join(r.choices) if r.choices else ""),
                code(r.default),
                cell(r.help) + ("" if r.field else " *No effect yet.*"),
            )
            for r in SETTINGS
        ),
    )


def parameters() -> Iterator[str]:
    """class-parameters.md."""
    yield "# Class parameters"
    yield ""
    yield "An IngressClass refers to an IngressClassParams (`elbv2.k8s.aws/v1beta1`, cluster-scoped) in `spec.parameters`. The fields of"
    yield "its `spec` apply to every Ingress of the class. If a field is not set, the annotation is used."
    yield ""
    yield "*Class of which member*: the members of a group may have different classes. A group has one load balancer, so for some fields"
    yield "only the class of one member is used."
    yield ""
    yield from table(
        ("Field", "Type", "Range", "What it is for", "Overrides", "How", "Not set if", "Class of which member"),
        (
            (
                code(r.name),
                cell(shape(r.schema)),
                cell(" | ".join(r.schema.get("enum", ())) or r.range),
                cell(r.about),
                code(r.annotation),
                cell(r.wins.value),
                cell(r.empty),
                cell(r.scope.value),
            )
            for r in PARAMETERS.values()
        ),
    )
    yield from ("", "## Example", "", "Every field once, except the old spelling of `prefixListsIDs`:", "", "```yaml")
    yield from ("apiVersion: elbv2.k8s.aws/v1beta1", "kind: IngressClassParams", "metadata:", "  name: example", "spec:")
    yield from (f"  {r.name}: {r.example}" for r in PARAMETERS.values() if r.name != "PrefixListsIDs")
    yield "```"


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "annotations.md": annotations,
    "class-parameters.md": parameters,
    "doctor.md": doctor.page,
    "metrics.md": metrics.page,
    "permissions.md": permissions.page,
    "problems.md": problems,
    "service-annotations.md": services,
    "settings.md": settings,
}
ROOT = FOLDER.parent
FILES: dict[str, Callable[[], str]] = {
    "monitoring/README.md": monitoring.readme,
    "monitoring/alerts.yaml": monitoring.alerts,
    "monitoring/dashboard.json": monitoring.dashboard,
    "terraform/controller/policy.tf": module.policy_file,
    "terraform/controller/trust.tf": module.trust_file,
    "terraform/load-balancer/tags.tf": module.tag_file,
    "docs/page.svg": shown.drawing,
}
FILES |= {f"charts/albatross/{name}": partial(str, text) for name, text in chart.files().items()}
"""Generated files that are no pages, by their place in the repository."""


def texts() -> Iterator[tuple[Path, str]]:
    """Every generated file with its text."""
    for name, page in PAGES.items():
        yield FOLDER / name, "\n".join([NOTE, *page()]) + "\n"
    for name, text in FILES.items():
        yield ROOT / name, text()


def main(arguments: list[str]) -> int:
    """0, or with `--check` the number of files that are out of date."""
    stale = []
    for path, text in texts():
        if not path.exists() or path.read_text() != text:
            stale.append(path)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    for path in stale if "--check" in arguments else ():
        print(f"{path.relative_to(ROOT)} is not what the catalog says; run `make docs` to write it again", file=sys.stderr)
    return len(stale) if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
