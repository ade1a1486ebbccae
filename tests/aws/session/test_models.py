"""The descriptions of services are botocore's own, also when only parts are read."""

from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

from albatross.aws.session.models import Description, DescriptionLoader


def described(reader: JSONFileLoader, service: str) -> Any:
    return Loader(file_loader=reader, include_default_search_paths=True).load_service_model(service, "service-2")


def whole(found: Any) -> Any:
    return {name: dict(part) if isinstance(part, Description) else part for name, part in found.items()}


@pytest.mark.parametrize("service", ["elbv2", "sts", "route53"])
def test_a_service_is_described_as_botocore_reads_it(service: str) -> None:
    ours, theirs = described(DescriptionLoader(), service), described(JSONFileLoader(), service)
    assert whole(ours) == theirs
    assert [len(ours[name]) for name in ("operations", "shapes")] == [len(theirs[name]) for name in ("operations", "shapes")]
    model = ServiceModel(ours, service)
    assert model.operation_names == ServiceModel(theirs, service).operation_names


def test_a_member_is_decoded_once() -> None:
    found = described(DescriptionLoader(), "sts")["operations"]
    assert found["AssumeRole"] is found["AssumeRole"]
    with pytest.raises(KeyError):
        found["AssumeRoles"]


def test_files_of_the_user(tmp_path: Path) -> None:
    """Plain files come before packed ones, and a missing one is none."""
    (tmp_path / "endpoints.json").write_text('{"partitions": []}')
    assert DescriptionLoader().load_file(str(tmp_path / "endpoints")) == {"partitions": []}
    assert DescriptionLoader().load_file(str(tmp_path / "none")) is None
