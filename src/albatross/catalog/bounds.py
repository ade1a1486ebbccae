"""How much of one object is read. Everything above is refused before it is parsed, so that one object cannot occupy the controller.

Each number is chosen by us, far above what AWS accepts for one load balancer.
"""

LONGEST = 32 * 1024
"""The maximum number of characters of an annotation's value. One thousand CIDRs have 20,000."""
ITEMS = 1000
"""The maximum number of entries of a list. By default, AWS accepts 60 rules of a security group and 25 certificates of a load balancer."""
PAIRS = 200
"""The maximum number of entries of a map: AWS accepts 50 tags for a resource, and knows fewer attributes."""
PORTS = 200
"""The maximum number of ports of one object: AWS accepts 50 listeners for a load balancer."""
RULES = 2000
"""The maximum number of rules of one Ingress, on all its ports together: the default quota of AWS is 100 for a load balancer."""
HOSTS = 2000
"""The maximum number of hosts of one Ingress: by default, AWS accepts 25 certificates, and each has at most 100 names."""
PROBLEMS = 200
"""The maximum number of errors, and of other problems, that are kept for one object."""
WORDS = 1000
"""The maximum number of characters of a text from an object that a problem repeats."""


def shortened(text: str, most: int = WORDS) -> str:
    """The start of a text, with an ellipsis if it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
