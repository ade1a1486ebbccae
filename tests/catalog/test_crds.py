"""The two custom kinds."""

from albatross.catalog.crds import definitions
from albatross.catalog.schema import Schema


def spec(version: Schema) -> Schema:
    found: Schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    return found


def test_names_and_columns_are_those_of_the_other_controller() -> None:
    binding, params = definitions()
    names = [column["name"] for column in binding["spec"]["versions"][1]["additionalPrinterColumns"]]
    assert names == ["SERVICE-NAME", "SERVICE-PORT", "TARGET-TYPE", "ARN", "NAME", "AGE"]
    assert [(each["name"], each["storage"]) for each in binding["spec"]["versions"]] == [("v1alpha1", False), ("v1beta1", True)]
    assert (params["spec"]["scope"], params["spec"]["names"]["singular"]) == ("Cluster", "ingressclassparams".removesuffix("s"))


def test_the_older_version_of_a_binding_is_the_smaller() -> None:
    older, newer = (spec(each) for each in definitions()[0]["spec"]["versions"])
    assert newer.keys() - older.keys() == {"ipAddressType", "nodeSelector", "targetGroupProtocol", "vpcID"}
    assert older.items() <= newer.items()
    assert newer["serviceRef"]["properties"]["port"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    assert newer["networking"]["properties"]["ingress"]["items"]["required"] == ["from", "ports"]
