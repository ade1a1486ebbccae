"""`albatross record`: the answers of AWS as one JSON file, for plans without access to AWS."""

import json
from dataclasses import replace
from typing import Any

import click

from albatross.cli import live, option
from albatross.model.config import Config


@click.command()
@option.settings
def record(config: Config) -> None:
    """Record the answers of an AWS account: albatross record > FACTS.json. The file has names, ids and tags, but no secrets."""
    from albatross.aws.read.record import record as take
    from albatross.aws.session.client import Session
    from albatross.aws.session.transport import region

    async def work() -> dict[str, Any]:
        async with Session(config) as session:
            account, _ = await session.identity()
            click.echo(f"recording account {account} in {region(config) or 'the region of the AWS profile'}", err=True)
            return await take(session, replace(config, account=account))

    print(json.dumps(live.run(work), indent=2, sort_keys=True))
