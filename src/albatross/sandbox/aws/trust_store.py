"""Trust stores for mutual TLS; a bundle is named by bucket and key and taken at its word, for there is no S3 here."""

from typing import Any

from albatross.sandbox.aws import account, tag
from albatross.sandbox.aws.fault import Fault, invalid
from albatross.sandbox.aws.store import Request, Result, Store, TrustStore, page, token


def create(store: Store, request: Request) -> Result:
    """CreateTrustStore."""
    name = request["Name"]
    tags = tag.read(request.get("Tags"))
    if any(held.name == name for held in store.trust_stores.values()):
        raise Fault("DuplicateTrustStoreName", f"A trust store with the same name '{name}' exists")
    count = len(store.trust_stores) + 1
    account.enforce(store, "trust-stores", count, "TooManyTrustStores", "The maximum number of trust stores has been reached")
    made = TrustStore(store.arn("truststore", f"{name}/{token()}"), name, _bundle(request), 1, tags)
    store.trust_stores[made.arn] = made
    return {"TrustStores": [_shown(made)]}


def _bundle(request: Request) -> str:
    return f"{request['CaCertificatesBundleS3Bucket']}/{request['CaCertificatesBundleS3Key']}"


def _shown(held: TrustStore) -> dict[str, Any]:
    entries = sum(row["NumberOfRevokedEntries"] for row in held.revocations.values())
    return {
        "Name": held.name,
        "TrustStoreArn": held.arn,
        "Status": "ACTIVE",
        "NumberOfCaCertificates": held.certificates,
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


def modify(store: Store, request: Request) -> Result:
    """ModifyTrustStore: another bundle."""
    held = store.trust_store(request["TrustStoreArn"])
    held.bundle = _bundle(request)
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
