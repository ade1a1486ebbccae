"""The objects of cert-manager: a CA of the webhooks, and their certificate. Only with `--cert-manager`.

They are those of the other controller's chart. The controller writes the webhook configurations, with the annotation by which
cert-manager inserts the CA.
"""

from collections.abc import Iterator

from albatross.catalog.webhooks import AUTHORITY, CERTIFICATE
from albatross.install.deployment import ports
from albatross.install.installation import CERTIFICATES, WEBHOOK_SERVICE, Body, Installation, Item, metadata

GROUP = "cert-manager.io"
SETTING = "webhook-certificates"
MODE = "cert-manager"
"""The value of the setting with which the controller serves the certificate of cert-manager."""
FIRST = "albatross-webhook-selfsigned"
AUTHORITY_DURATION, DURATION, RENEWAL = "43800h", "8760h", "720h"
"""Five years, one year and 30 days, as in the other controller's chart."""


def objects(given: Installation) -> Iterator[Item]:
    """Two Issuers and two Certificates, if cert-manager makes the certificate."""
    if given.setting(SETTING) == MODE and "webhook-server" in ports(given):
        yield from made(given.namespace)


def made(namespace: str) -> Iterator[Item]:
    """The objects in this namespace."""
    yield Item("cert-manager signs the CA of the webhooks with its own key.", _issuer(FIRST, namespace, {"selfSigned": {}}))
    authority = {
        "commonName": "ca.webhook.albatross",
        "isCA": True,
        "duration": AUTHORITY_DURATION,
        "secretName": AUTHORITY,
        "issuerRef": {"kind": "Issuer", "name": FIRST},
    }
    yield Item("The CA of the webhooks. It signs only their certificate.", _certificate(AUTHORITY, namespace, authority))
    yield Item("cert-manager signs the certificate of the webhooks with their CA.", _issuer(AUTHORITY, namespace, _signs(AUTHORITY)))
    host = f"{WEBHOOK_SERVICE}.{namespace}.svc"
    served = {
        "dnsNames": [host, f"{host}.cluster.local"],
        "duration": DURATION,
        "renewBefore": RENEWAL,
        "secretName": CERTIFICATES,
        "issuerRef": {"kind": "Issuer", "name": AUTHORITY},
    }
    why = "The certificate of the webhooks. All replicas serve it from its Secret, and load it again when cert-manager renews it."
    yield Item(why, _certificate(CERTIFICATE, namespace, served))


def _signs(secret: str) -> Body:
    return {"ca": {"secretName": secret}}


def _issuer(name: str, namespace: str, spec: Body) -> Body:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Issuer", "metadata": metadata(name, namespace), "spec": spec}


def _certificate(name: str, namespace: str, spec: Body) -> Body:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Certificate", "metadata": metadata(name, namespace), "spec": spec}
