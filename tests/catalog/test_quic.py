"""Server ids in the environments of containers."""

import pytest

from albatross.catalog import quic
from albatross.model.snapshot import ServerId


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ASNFZ4mrze8=", "0x0123456789abcdef"),
        ("AAAAAAAAAP8=", "0x00000000000000ff"),
        ("AAAAAAAA/w==", ""),  # seven bytes
        ("AAAAAAAAAAAA", ""),  # nine
        ("ASNFZ4mrze8", ""),  # no padding
        ("not base64!", ""),
        ("Ü", ""),
        ("", ""),
    ],
)
def test_a_server_id_has_eight_bytes(value: str, expected: str) -> None:
    assert quic.written(value) == expected


def test_every_container_can_have_one() -> None:
    containers = [([("HOME", "/"), ("ID", "AAAAAAAAAP8=")], (443,)), ([], (80,)), ([("ID", "ASNFZ4mrze8=")], ())]
    assert quic.server_ids(containers) == (
        ServerId(variable="ID", id="0x00000000000000ff", ports=(443,)),
        ServerId(variable="ID", id="0x0123456789abcdef"),
    )
