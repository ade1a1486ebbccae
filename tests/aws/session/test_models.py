"""The descriptions of services are botocore's own, also when only parts are read."""

from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver

from albatross.aws.session.models import Description, DescriptionLoader
from albatross.catalog.permissions import OPERATIONS


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


def test_of_the_largest_service_only_what_is_called_is_kept() -> None:
    ours, theirs = described(DescriptionLoader(), "ec2"), described(JSONFileLoader(), "ec2")
    assert set(ours["operations"]) == {operation for service, operation in OPERATIONS if service == "ec2"}
    for part in ("operations", "shapes"):
        assert all(found == theirs[part][name] for name, found in ours[part].items())
    mine, whole = ServiceModel(ours, "ec2"), ServiceModel(theirs, "ec2")
    for name in mine.operation_names:
        operation = mine.operation_model(name)
        assert all(shape.type_name for shape in flat(operation.input_shape)), "a shape is missing"
        answer = whole.operation_model(name).output_shape
        assert [each.name for each in flat(operation.output_shape)] == [each.name for each in flat(answer)]


def flat(shape: Any, above: frozenset[str] = frozenset()) -> list[Any]:
    """A shape with all shapes inside of it."""
    if shape is None or shape.name in above:
        return []
    inner = list(getattr(shape, "members", {}).values()) if shape.type_name == "structure" else []
    inner += [shape.member] if shape.type_name == "list" else []
    return [shape, *(each for part in inner for each in flat(part, above | {shape.name}))]


def test_endpoints_are_those_of_botocore() -> None:
    ours, theirs = (Loader(file_loader=reader, include_default_search_paths=True) for reader in (DescriptionLoader(), JSONFileLoader()))
    mine, given = ours.load_data("endpoints"), theirs.load_data("endpoints")
    assert [{**each, "services": dict(each["services"])} for each in mine["partitions"]] == given["partitions"]
    assert {**mine, "partitions": given["partitions"]} == given
    for service, place in (("elbv2", "eu-west-1"), ("route53", "cn-north-1"), ("acm", "us-gov-west-1"), ("iam", "eu-central-1")):
        one, other = (EndpointResolver(found).construct_endpoint(service, place) for found in (mine, given))
        assert one == other
