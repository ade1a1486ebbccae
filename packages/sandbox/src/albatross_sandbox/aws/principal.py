"""Who is behind an access key."""


class Principals:
    """Access keys and the ARNs they stand for; a key that nobody issued is a user of its own name."""

    def __init__(self, account: str, partition: str = "aws") -> None:
        self._account = account
        self._partition = partition
        self._issued: dict[str, str] = {}

    def issue(self, access_key: str, arn: str) -> None:
        """Note a key that STS or IAM has given out."""
        self._issued[access_key] = arn

    def of(self, access_key: str) -> str:
        """The ARN; `anonymous` for an unsigned call."""
        if not access_key:
            return "anonymous"
        return self._issued.get(access_key) or f"arn:{self._partition}:iam::{self._account}:user/{access_key}"
