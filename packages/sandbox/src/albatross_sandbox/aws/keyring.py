"""Private keys for the data plane: those of imported certificates, and one made up for each that ACM issued itself."""

import base64
from collections.abc import Mapping
from typing import Any

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

    async def add(self, names: list[str]) -> str:
        """Issue a certificate for some names and import it into ACM; its ARN."""
        issued = self.authority.issue(names)
        parts = {"Certificate": issued.certificate, "PrivateKey": issued.private_key, "CertificateChain": self.authority.certificate}
        request = {name: base64.b64encode(text.encode()).decode() for name, text in parts.items()}
        arn = str((await self._cloud.json("acm", "CertificateManager.ImportCertificate", request))["CertificateArn"])
        self._cloud.forget("acm", "ImportCertificate")
        self.remember(request, arn)
        return arn

    async def listed(self) -> list[dict[str, Any]]:
        """ARN, names and status of all that ACM has."""
        rows = (await self._cloud.json("acm", "CertificateManager.ListCertificates", {}))["CertificateSummaryList"]
        arns = [{"CertificateArn": row["CertificateArn"]} for row in rows]
        told = [(await self._cloud.json("acm", "CertificateManager.DescribeCertificate", arn))["Certificate"] for arn in arns]
        return [
            {
                "arn": row["CertificateArn"],
                "names": list(dict.fromkeys([row["DomainName"], *(row.get("SubjectAlternativeNames") or ())])),
                "status": row["Status"],
            }
            for row in told
        ]

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
