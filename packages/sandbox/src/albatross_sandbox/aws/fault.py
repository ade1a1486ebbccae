"""What AWS answers when it refuses."""


class Fault(Exception):
    """A refusal in AWS's own words: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> Fault:
    """The Query services' answer to a request that is malformed or contradicts itself."""
    return Fault("ValidationError", message)


def unimplemented(service: str, operation: str, protocol: str) -> Fault:
    """What the sandbox says of an operation that it does not have, in the code each protocol uses for it."""
    code = "InvalidAction" if protocol in ("query", "ec2", "rest-xml") else "UnknownOperationException"
    return Fault(code, f"the sandbox's {service} has no operation {operation}")
