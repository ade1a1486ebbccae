"""Trust stores for mutual TLS; bundles come out of S3, revocation lists are counted but not read."""

from typing import Any

from cryptography import x509

from albatross_sandbox.aws import account, tag
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Request, Result, Store, TrustStore, page, token


async def create(store: Store, cloud: Cloud, request: Request) -> Result:
    """CreateTrustStore."""
    name = request["Name"]
    tags = tag.read(request.get("Tags"))
    if any(held.name == name for held in store.trust_stores.values()):
        raise Fault("DuplicateTrustStoreName", f"A trust store with the same name '{name}' exists")
    count = len(store.trust_stores) + 1
    account.enforce(store, "trust-stores", count, "TooManyTrustStores", "The maximum number of trust stores has been reached")
    made = TrustStore(store.arn("truststore", f"{name}/{token()}"), name, await _bundle(cloud, request), tags)
    store.trust_stores[made.arn] = made
    return {"TrustStores": [_shown(made)]}


async def _bundle(cloud: Cloud, request: Request) -> str:
    """The CA certificates that the request points at; raises Fault if they are not there or are none."""
    body = await cloud.s3_object(request["CaCertificatesBundleS3Bucket"], request["CaCertificatesBundleS3Key"])
    if body is None:
        raise Fault("CaCertificatesBundleNotFound", "The specified ca certificate bundle does not exist")
    try:
        x509.load_pem_x509_certificates(body)
    except ValueError:
        raise Fault("InvalidCaCertificatesBundle", "The specified ca certificate bundle is in an invalid format, or corrupt") from None
    return body.decode()


def location(store: Store, request: Request) -> Result:
    """GetTrustStoreCaCertificatesBundle: where the bundle can be read."""
    return {"Location": f"{store.endpoint}/_sandbox/bundles/{store.trust_store(request['TrustStoreArn']).arn}"}


def _shown(held: TrustStore) -> dict[str, Any]:
    entries = sum(row["NumberOfRevokedEntries"] for row in held.revocations.values())
    return {
        "Name": held.name,
        "TrustStoreArn": held.arn,
        "Status": "ACTIVE",
        "NumberOfCaCertificates": held.bundle.count("-----BEGIN CERTIFICATE-----"),
        "TotalRevokedEntries": entries,
    }


def describe(store: Store, request: Request) -> Result:
    """DescribeTrustStores."""
    arns, names = request.get("TrustStoreArns"), request.get("Names")
    if arns and names:
        raise invalid("Trust store names and trust store ARNs cannot be specified at the same time")
    if arns:
        return {"TrustStores": [_shown(store.trust_store(arn)) for arn in arns]}
    if names:
        by_name = {held.name: held for held in store.trust_stores.values()}
        if missing := [name for name in names if name not in by_name]:
            raise Fault("TrustStoreNotFound", f"Trust stores '{', '.join(missing)}' not found")
        return {"TrustStores": [_shown(by_name[name]) for name in names]}
    rows, marker = page(request, store.trust_stores.values(), lambda held: held.arn)
    return {"TrustStores": [_shown(held) for held in rows], "NextMarker": marker}


async def modify(store: Store, cloud: Cloud, request: Request) -> Result:
    """ModifyTrustStore: another bundle."""
    held = store.trust_store(request["TrustStoreArn"])
    held.bundle = await _bundle(cloud, request)
    return {"TrustStores": [_shown(held)]}


def delete(store: Store, request: Request) -> Result:
    """DeleteTrustStore."""
    held = store.trust_store(request["TrustStoreArn"])
    if _users(store, held):
        raise Fault("TrustStoreInUse", f"Trust store '{held.arn}' is currently in use")
    del store.trust_stores[held.arn]
    return {}


def _users(store: Store, held: TrustStore) -> list[str]:
    return [listener.arn for listener in store.listeners.values() if (listener.mutual or {}).get("TrustStoreArn") == held.arn]


def associations(store: Store, request: Request) -> Result:
    """DescribeTrustStoreAssociations."""
    rows, marker = page(request, _users(store, store.trust_store(request["TrustStoreArn"])), lambda arn: arn)
    return {"TrustStoreAssociations": [{"ResourceArn": arn} for arn in rows], "NextMarker": marker}


def add_revocations(store: Store, request: Request) -> Result:
    """AddTrustStoreRevocations."""
    held = store.trust_store(request["TrustStoreArn"])
    added = []
    for row in request.get("RevocationContents", []):
        number = held.next_revocation
        held.next_revocation += 1
        held.revocations[number] = {
            "TrustStoreArn": held.arn,
            "RevocationId": number,
            "RevocationType": row.get("RevocationType", "CRL"),
            "NumberOfRevokedEntries": 1,
        }
        added.append(held.revocations[number])
    return {"TrustStoreRevocations": added}


def describe_revocations(store: Store, request: Request) -> Result:
    """DescribeTrustStoreRevocations."""
    held = store.trust_store(request["TrustStoreArn"])
    asked = request.get("RevocationIds") or list(held.revocations)
    _require(held, asked)
    rows, marker = page(request, asked, str)
    return {"TrustStoreRevocations": [held.revocations[number] for number in rows], "NextMarker": marker}


def remove_revocations(store: Store, request: Request) -> Result:
    """RemoveTrustStoreRevocations."""
    held = store.trust_store(request["TrustStoreArn"])
    _require(held, request["RevocationIds"])
    for number in request["RevocationIds"]:
        held.revocations.pop(number, None)
    return {}


def _require(held: TrustStore, numbers: list[int]) -> None:
    if unknown := [number for number in numbers if number not in held.revocations]:
        raise Fault("RevocationIdNotFound", f"Revocation '{unknown[0]}' not found")
