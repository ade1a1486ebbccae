"""When the certificate of the webhooks is replaced, and in which order, so that the API server trusts what is served at every moment.

1. The new CA is added to the bundle. 2. After every configuration has the bundle for some time, the new certificate is served. 3. After
every replica serves it for some time, the old CA is removed. Each CA signs one certificate, and its key is not stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

LIFE = timedelta(days=365)
"""Chosen: how long a certificate and its CA are valid."""
RENEW_BEFORE = timedelta(days=90)
"""Chosen: a cluster that nobody looks after for a quarter keeps working."""
SETTLE = timedelta(minutes=5)
"""Chosen: the time between two steps. API servers and replicas see a change after some seconds, by their watches."""


class Phase(Enum):
    """The next change of the Secret."""

    EXTEND = "add a new CA to the bundle"
    PROMOTE = "serve the new certificate"
    TRIM = "remove the old CA from the bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """The Secret: when its certificate ends, if the next one is prepared, how many CAs are trusted, the time of the last step."""

    ends: datetime
    prepared: bool
    authorities: int
    since: datetime | None


def step(standing: Renewal, now: datetime, registered: bool) -> Phase | None:
    """The step that is due. `registered`: every configuration has the bundle of the Secret, or there is no configuration."""
    late = now >= standing.ends
    settled = standing.since is None or now - standing.since >= SETTLE
    if standing.prepared:
        # An expired certificate is not worth waiting for.
        return Phase.PROMOTE if registered and (settled or late) else None
    if standing.authorities > 1:
        return Phase.TRIM if registered and settled else None
    return Phase.EXTEND if now >= standing.ends - RENEW_BEFORE else None
