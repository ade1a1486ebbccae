"""Private keys for the data plane: those of imported certificates, and one made up for each that ACM issued itself."""

import base64
from collections.abc import Mapping

from albatross_sandbox.aws.certificate import Authority
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault

Key = dict[str, str | None]


class Keyring:
    """Certificate, private key and chain by certificate ARN, all as PEM."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._held: dict[str, Key] = {}
        self.authority = Authority("Albatross sandbox CA")

    def remember(self, request: Mapping[str, str], arn: str) -> None:
        """Keep what an ImportCertificate request brought."""

        def text(name: str) -> str | None:
            return base64.b64decode(request[name]).decode() if request.get(name) else None

        self._held[arn] = {"certificate": text("Certificate"), "private_key": text("PrivateKey"), "chain": text("CertificateChain")}

    async def find(self, arn: str) -> Key | None:
        """The key of a certificate that ACM has and has issued; None for any other."""
        try:
            told = (await self._cloud.json("acm", "CertificateManager.DescribeCertificate", {"CertificateArn": arn}))["Certificate"]
        except Fault:
            return None
        if arn not in self._held and told["Status"] == "ISSUED":
            issued = self.authority.issue(list(dict.fromkeys([told["DomainName"], *told["SubjectAlternativeNames"]])))
            self._held[arn] = {"certificate": issued.certificate, "private_key": issued.private_key, "chain": self.authority.certificate}
        return self._held.get(arn)
