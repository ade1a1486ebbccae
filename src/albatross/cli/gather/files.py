"""The evidence in files: manifests, and a recording of the account."""

from dataclasses import replace

from albatross import pipeline
from albatross.aws.read.recorded import Recording
from albatross.cli import decision
from albatross.cli.gather.account import NETWORK
from albatross.clock import Clock
from albatross.diagnose.evidence import AwsEvidence, Evidence, Part, grouped
from albatross.manifests import Loaded
from albatross.model.config import Config

VPCS, CERTIFICATES = "ec2.DescribeVpcs", "acm.DescribeCertificate"
"""Keys of a recording."""
ASKED: tuple[Part, ...] = ("network", "certificates")
"""The parts that only a recording has."""


def read(config: Config, loaded: Loaded, recording: str) -> Evidence:
    """The evidence of files. `recording` is the path of a recording, or empty. Errors: Unusable."""
    recorded = decision.recording(recording) if recording else None
    account = recorded.items if recorded else {}
    vpcs = [str(each["VpcId"]) for each in account.get(VPCS, ())]
    config = replace(config, vpc_id=config.vpc_id or vpcs[0]) if len(vpcs) == 1 else config
    unseen = {} if recorded else dict.fromkeys(ASKED, "pass --facts FACTS.json, which `albatross record` writes")
    return Evidence(
        config=config,
        now=Clock().utc().timestamp(),
        snapshot=loaded.snapshot,
        objects=grouped((str(each["kind"]), each) for each in loaded.objects),
        aws=_aws(config, loaded, recorded),
        unseen=unseen,
    )


def _aws(config: Config, loaded: Loaded, recorded: Recording | None) -> AwsEvidence:
    if recorded is None:
        return AwsEvidence()
    survey = pipeline.survey(loaded.snapshot, config)
    asked = set(NETWORK)
    for prepared in decision.prepare(loaded.snapshot, config, survey):
        asked |= prepared.questions | prepared.extra
    return AwsEvidence(facts=recorded.answer(asked, config), certificates=tuple(recorded.items.get(CERTIFICATES, ())))
