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


def silent(found: Any) -> Any:
    """What a program reads of a description: all but the sentences about operations and shapes."""
    return {name: unexplained(part) if name in ("operations", "shapes") else part for name, part in found.items()}


def unexplained(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: unexplained(each) for name, each in part.items() if name != "documentation" or not isinstance(each, str)}
    return [unexplained(each) for each in part] if isinstance(part, list) else part


@pytest.mark.parametrize("service", ["acm", "iam", "sts", "route53"])
def test_a_service_is_described_as_botocore_reads_it(service: str) -> None:
    ours, theirs = described(DescriptionLoader(), service), silent(described(JSONFileLoader(), service))
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


def test_a_member_with_the_name_of_the_sentences_is_kept(tmp_path: Path) -> None:
    """API Gateway has one."""
    file = tmp_path / "apigateway" / "2015-07-09" / "service-2.json"
    file.parent.mkdir(parents=True)
    members = '{"documentation": {"shape": "String", "documentation": "A sentence."}}'
    file.write_text(f'{{"operations": {{}}, "shapes": {{"Export": {{"members": {members}, "documentation": "Another."}}}}}}')
    found = DescriptionLoader().load_file(str(file.with_suffix("")))
    assert found["shapes"]["Export"] == {"members": {"documentation": {"shape": "String"}}}


@pytest.mark.parametrize("service", ["ec2", "elbv2"])
def test_of_a_service_that_only_we_call_the_called_operations_are_kept(service: str) -> None:
    ours, theirs = described(DescriptionLoader(), service), silent(described(JSONFileLoader(), service))
    assert set(ours["operations"]) == {operation for name, operation in OPERATIONS if name == service}
    for part in ("operations", "shapes"):
        assert all(found == theirs[part][name] for name, found in ours[part].items())
    mine, whole = ServiceModel(ours, service), ServiceModel(theirs, service)
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
