"""What `install` and `uninstall` share: an open cluster, a screen, changes that are compared, shown, agreed and made."""

import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console

from albatross.cli.terminal import console, diagnostic, progress
from albatross.cli.terminal import objects as text
from albatross.install import change
from albatross.install.change import ObjectChange
from albatross.kube import apply, config
from albatross.kube.client import Client
from albatross.model.problem import Problem

CHANGES = 2
"""The exit code of a dry run that finds changes, as of `albatross plan`."""


@dataclass(frozen=True, slots=True)
class Work:
    """One command at work. `options` are those of the command line."""

    client: Client
    screen: Console
    options: Mapping[str, Any]

    def say(self, *lines: str) -> None:
        """Print lines."""
        for line in lines:
            self.screen.print(line)

    def show(self, changes: Sequence[ObjectChange]) -> None:
        """Print the changes."""
        for line in text.lines(changes):
            self.screen.print(line)

    def refuse(self, found: Iterable[Problem]) -> int:
        """Print problems; returns the exit code."""
        self.screen.print()
        diagnostic.show(self.screen, diagnostic.findings(found))
        return 1

    def accepted(self, found: Sequence[Problem]) -> bool:
        """Print problems; returns False if one of them is an error."""
        findings = diagnostic.findings(found)
        diagnostic.show(self.screen, findings)
        return all(each.severity != "error" for each in findings)

    def agreed(self) -> bool:
        """Whether the user agrees to the changes. Errors: UsageError if nobody can be asked."""
        if self.options["yes"]:
            return True
        if not sys.stdin.isatty():
            raise click.UsageError("nobody can be asked here; pass --yes to make the changes, or --dry-run to see them only")
        progress.clear()
        return click.confirm("Make these changes?")

    async def compare(self, body: dict[str, Any]) -> ObjectChange:
        """What applying an object would change; the server checks it and writes nothing."""
        trial = await apply.attempt(self.client, body, self.options["force"])
        if trial.conflicts:
            return ObjectChange("conflict", body, note="; ".join(trial.conflicts))
        if trial.before is None:
            return ObjectChange("create", body)
        fields = change.compare(trial.before, trial.after)
        return ObjectChange("change" if fields else "same", body, fields)

    async def present(self, bodies: Iterable[dict[str, Any]]) -> tuple[tuple[ObjectChange, ...], list[str]]:
        """Deletions of those objects that exist and are ours; and remarks about those that another tool manages."""
        changes, left = [], []
        for body in bodies:
            there = await self.read(body)
            if there is None:
                continue
            if manager := change.stranger(there):
                left.append(f"{body['kind']} {body['metadata']['name']}, which {manager} manages")
            else:
                changes.append(ObjectChange("delete", body))
        return tuple(changes), left

    async def read(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as it is in the cluster; None if it does not exist."""
        return await apply.read(self.client, dict(body))

    async def apply(self, body: dict[str, Any]) -> None:
        """Apply an object."""
        await apply.apply(self.client, body, self.options["force"])

    async def patch(self, body: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
        """Merge a change into an object; False if it does not exist any more."""
        return await apply.merge(self.client, dict(body), change)

    async def delete(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        """Delete objects, one after the other."""
        for body in bodies:
            await apply.remove(self.client, dict(body))


@asynccontextmanager
async def opened(options: Mapping[str, Any]) -> AsyncIterator[Work]:
    """Open the cluster of `kubeconfig` and `context`."""
    async with Client(config.load(options["kubeconfig"], options["context"])) as client:
        yield Work(client, console.out(), options)
