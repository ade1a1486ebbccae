"""Real clients come by credentials in the three ways of AWS."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.utils import InstanceMetadataFetcher

Account = Any
People = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all

PODS = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}

Called = Callable[..., str]


@pytest.fixture
def called(account: Account, monkeypatch: pytest.MonkeyPatch) -> Called:
    """Who a client is that finds its credentials by the environment alone."""

    def call(**environment: str) -> str:
        place = {"AWS_ENDPOINT_URL": account.ready["endpoint"], "AWS_REGION": "ap-northeast-2", "AWS_DEFAULT_REGION": "ap-northeast-2"}
        nothing = {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}
        for name, value in {**place, **nothing, **environment}.items():
            monkeypatch.setenv(name, value)
        with client("ec2") as ec2, client("sts") as sts:
            ec2.describe_vpcs()
            return str(sts.get_caller_identity()["Arn"])

    return call


@contextmanager
def client(service: str) -> Iterator[Any]:
    made = boto3.Session().client(service, config=Config(retries={"total_max_attempts": 1}))
    try:
        yield made
    finally:
        made.close()


def token(account: Account, **more: Any) -> str:
    given = {"namespace": "kube-system", "service_account": "controller", **more}
    return str(account.control("token", given)["token"])


def provider(account: Account, *audiences: str) -> str:
    """The ARN of the issuer as a provider of the account, which accepts these audiences."""
    iam, url = account.client("iam"), account.ready["oidc_issuer"]
    arn = f"arn:aws:iam::123456789012:oidc-provider/{url.partition('://')[2]}"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    iam.create_open_id_connect_provider(Url=url, ClientIDList=list(audiences), ThumbprintList=["0" * 40])
    return arn


def web_trust(account: Account, arn: str, subject: str = "system:serviceaccount:kube-system:controller") -> dict[str, Any]:
    host = account.ready["oidc_issuer"].partition("://")[2]
    wanted = {"StringEquals": {f"{host}:sub": subject, f"{host}:aud": "sts.amazonaws.com"}}
    return {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": wanted}


def test_web_identity(account: Account, people: People, called: Called, tmp_path: Path) -> None:
    role = people.role(READ, trust=web_trust(account, provider(account, "sts.amazonaws.com")))
    file = tmp_path / "token"
    file.write_text(token(account))
    arn = called(AWS_WEB_IDENTITY_TOKEN_FILE=str(file), AWS_ROLE_ARN=role, AWS_ROLE_SESSION_NAME="web")
    assert arn == f"arn:aws:sts::123456789012:assumed-role/{role.rpartition('/')[2]}/web"


def test_web_identities_that_are_refused(account: Account, people: People) -> None:
    sts, arn = account.client("sts"), provider(account, "sts.amazonaws.com")
    role, other = people.role(trust=web_trust(account, arn)), people.role(trust=web_trust(account, arn, "system:serviceaccount:x:y"))

    def refused(text: str, role: str = role) -> tuple[str, str]:
        told = account.refusal(sts.assume_role_with_web_identity, RoleArn=role, RoleSessionName="web", WebIdentityToken=text)
        return told.get("Code", ""), told.get("Message", "")

    unable = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert refused(token(account)) == ("", "")
    assert refused(token(account), other) == unable
    assert refused(token(account), role + "-gone") == unable
    assert refused(token(account), people.role()) == unable
    assert refused(token(account, service_account="default")) == unable
    assert refused(token(account, audience="pods.eks.amazonaws.com")) == ("InvalidIdentityToken", "Incorrect token audience")
    code, said = refused(token(account, seconds=-1))
    assert code == "ExpiredTokenException"
    assert said.startswith("Token expired: current date/time ")
    assert refused("no.jw.t")[0] == refused("opaque")[0] == refused(token(account)[:-4] + "AAAA")[0] == "InvalidIdentityToken"
    account.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    nowhere = f"No OpenIDConnect provider found in your account for {account.ready['oidc_issuer']}"
    assert refused(token(account)) == ("InvalidIdentityToken", nowhere)


def test_the_issuer_publishes_its_keys(account: Account) -> None:
    context = ssl.create_default_context(cafile=account.ready["ca"])

    def fetch(url: str) -> Any:
        with urllib.request.urlopen(url, context=context) as answer:
            return json.load(answer)

    url = account.ready["oidc_issuer"]
    found = fetch(f"{url}/.well-known/openid-configuration")
    assert found["issuer"] == url == account.client("eks").describe_cluster(name="sandbox")["cluster"]["identity"]["oidc"]["issuer"]
    (key,) = fetch(found["jwks_uri"])["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def associate(account: Account, role: str) -> str:
    """The id of the association of a service account of its own name, which is the role's."""
    given = {"clusterName": "sandbox", "namespace": "kube-system", "serviceAccount": role.rpartition("/")[2], "roleArn": role}
    return str(account.client("eks").create_pod_identity_association(**given)["association"]["associationId"])


def test_pod_identity(account: Account, people: People, called: Called, tmp_path: Path) -> None:
    owned = {"StringEquals": {"aws:PrincipalTag/kubernetes-namespace": "kube-system"}}
    role = people.role({**READ, "Condition": owned}, trust=PODS)
    name, file = role.rpartition("/")[2], tmp_path / "token"
    associate(account, role)
    file.write_text(token(account, service_account=name, audience="pods.eks.amazonaws.com", pod="controller-0"))
    uri = account.ready["pod_identity"]
    arn = called(AWS_CONTAINER_CREDENTIALS_FULL_URI=uri, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file))
    assert arn.startswith(f"arn:aws:sts::123456789012:assumed-role/{name}/eks-sandbox-controller-")


def test_pods_that_are_refused(account: Account, people: People) -> None:
    def asked(text: str) -> str:
        request = urllib.request.Request(account.ready["pod_identity"], headers={"Authorization": text} if text else {})
        try:
            with urllib.request.urlopen(request) as answer:
                return str(json.load(answer)["AccountId"])
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code} {error.read().decode()}"

    trusting, other = people.role(trust=PODS), people.role()
    for role in (trusting, other):
        associate(account, role)
    names = [role.rpartition("/")[2] for role in (trusting, other, "x/nobody")]
    pods = [token(account, service_account=name, audience="pods.eks.amazonaws.com") for name in names]
    assert asked(pods[0]) == "123456789012"
    assert "Unauthorized Exception! EKS does not have permissions to assume the associated role." in asked(pods[1])
    assert "404" in asked(pods[2])
    assert "ResourceNotFoundException" in asked(pods[2])
    assert "token cannot be empty" in asked("")
    assert "token cannot be parsed" in asked("Bearer x")
    assert "InvalidTokenException" in asked(token(account, service_account=names[0]))
    late = token(account, service_account=names[0], audience="pods.eks.amazonaws.com", seconds=-1)
    assert "ExpiredTokenException" in asked(late)


def test_associations_are_kept(account: Account, people: People) -> None:
    eks, role = account.client("eks"), people.role(trust=PODS)
    number, about = associate(account, role), {"clusterName": "sandbox", "serviceAccount": role.rpartition("/")[2]}
    (row,) = eks.list_pod_identity_associations(**about)["associations"]
    assert row["associationId"] == number
    again = {**about, "namespace": "kube-system", "roleArn": role}
    assert account.code(eks.create_pod_identity_association, **again) == "ResourceInUseException"
    one = {"clusterName": "sandbox", "associationId": number}
    assert eks.update_pod_identity_association(**one, roleArn=role + "2")["association"]["roleArn"] == role + "2"
    assert eks.describe_pod_identity_association(**one)["association"]["namespace"] == "kube-system"
    eks.delete_pod_identity_association(**one)
    assert account.code(eks.describe_pod_identity_association, **one) == "ResourceNotFoundException"
    assert account.code(eks.create_pod_identity_association, **{**again, "roleArn": ""}) == "ValidationError"


@pytest.fixture
def node(account: Account) -> Iterator[dict[str, Any]]:
    """A node with an instance profile; afterwards it has none, and metadata options as at first."""
    row = account.ready["nodes"][2]
    yield row
    ec2 = account.ec2
    for each in ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]:
        ec2.disassociate_iam_instance_profile(AssociationId=each["AssociationId"])
    ec2.modify_instance_metadata_options(InstanceId=row["instance_id"], HttpTokens="optional", HttpPutResponseHopLimit=2)


def give_profile(account: Account, node: dict[str, Any], role: str) -> None:
    iam, name = account.client("iam"), account.name("profile")
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role.rpartition("/")[2])
    account.ec2.associate_iam_instance_profile(IamInstanceProfile={"Name": name}, InstanceId=node["instance_id"])


def test_instance_metadata(account: Account, people: People, called: Called, node: dict[str, Any]) -> None:
    url, name = account.ready["metadata"][node["name"]]["pod"], node["instance_id"]
    with pytest.raises(NoCredentialsError):
        called(AWS_EC2_METADATA_SERVICE_ENDPOINT=url)
    role = people.role(READ, trust=EC2)
    give_profile(account, node, role)
    wanted = f"arn:aws:sts::123456789012:assumed-role/{role.rpartition('/')[2]}/{name}"
    assert called(AWS_EC2_METADATA_SERVICE_ENDPOINT=url) == wanted
    account.ec2.modify_instance_metadata_options(InstanceId=name, HttpTokens="required")
    assert called(AWS_EC2_METADATA_SERVICE_ENDPOINT=url) == wanted


def test_the_hop_limit_keeps_pods_out(account: Account, people: People, node: dict[str, Any]) -> None:
    give_profile(account, node, people.role(READ, trust=EC2))
    account.ec2.modify_instance_metadata_options(InstanceId=node["instance_id"], HttpTokens="required", HttpPutResponseHopLimit=1)
    urls = account.ready["metadata"][node["name"]]

    def credentials(url: str) -> Any:
        return InstanceMetadataFetcher(timeout=0.5, num_attempts=1, base_url=url).retrieve_iam_role_credentials()

    assert credentials(urls["host"])["access_key"].startswith("ASIA")
    assert credentials(urls["pod"]) == {}


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, method=method, headers={key.replace("_", "-"): value for key, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def test_what_metadata_tells(account: Account, node: dict[str, Any]) -> None:
    url = account.ready["metadata"][node["name"]]["host"] + "/latest"
    assert fetch(f"{url}/meta-data/instance-id") == (200, node["instance_id"])
    assert fetch(f"{url}/meta-data/placement/")[1].split() == ["availability-zone", "region"]
    mac = fetch(f"{url}/meta-data/mac")[1]
    assert fetch(f"{url}/meta-data/network/interfaces/macs/") == (200, f"{mac}/")
    assert fetch(f"{url}/meta-data/network/interfaces/macs/{mac}/vpc-id") == (200, account.ready["vpc_id"])
    assert json.loads(fetch(f"{url}/dynamic/instance-identity/document")[1])["region"] == "ap-northeast-2"
    assert [fetch(f"{url}/{path}")[0] for path in ("meta-data/nothing", "user-data", "meta-data/iam/info")] == [404, 404, 404]


def test_tokens_of_metadata(account: Account, node: dict[str, Any]) -> None:
    url, ttl = account.ready["metadata"][node["name"]]["host"] + "/latest", "X_aws_ec2_metadata_token_ttl_seconds"
    look = f"{url}/meta-data/instance-id"
    account.ec2.modify_instance_metadata_options(InstanceId=node["instance_id"], HttpTokens="required")
    assert fetch(look)[0] == fetch(look, X_aws_ec2_metadata_token="x")[0] == 401
    assert fetch(f"{url}/api/token", "PUT")[0] == fetch(f"{url}/api/token", "PUT", **{ttl: "0"})[0] == 400
    assert fetch(f"{url}/api/token", "PUT", **{ttl: "60"}, X_Forwarded_For="x")[0] == 403
    _, given = fetch(f"{url}/api/token", "PUT", **{ttl: "60"})
    assert fetch(look, X_aws_ec2_metadata_token=given)[0] == 200
    account.advance(61)
    assert fetch(look, X_aws_ec2_metadata_token=given)[0] == 401


def test_an_instance_whose_role_does_not_trust_ec2(account: Account, people: People, node: dict[str, Any]) -> None:
    role = people.role(trust=PODS)
    give_profile(account, node, role)
    url = account.ready["metadata"][node["name"]]["host"] + "/latest/meta-data/iam/security-credentials/"
    assert fetch(url) == (200, role.rpartition("/")[2])
    assert json.loads(fetch(url + role.rpartition("/")[2])[1])["Code"] == "AssumeRoleUnauthorizedAccess"


def test_sessions_end(account: Account, people: People) -> None:
    role = people.assumed(people.role(READ), DurationSeconds=900)
    with pytest.raises(ClientError, match="The security token included in the request is invalid"):
        account.by({"AccessKeyId": role.keys["aws_access_key_id"], "SessionToken": "other"}).elb.describe_target_groups()
    assert role.code(role.ec2.describe_vpcs) == ""
    account.advance(901)
    assert role.code(role.ec2.describe_vpcs) == "RequestExpired"
    assert role.text(role.elb.describe_target_groups) == "The security token included in the request is expired"
    assert role.code(role.client("acm").list_certificates) == "ExpiredTokenException"
