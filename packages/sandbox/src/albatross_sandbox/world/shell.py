"""What a shell sets to use a world, so that commands typed there need no option."""

import shlex
import shutil
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

from albatross_sandbox.world.launch import World

CA = "ALBATROSS_SANDBOX_CA"
STRAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_CA_BUNDLE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""Variables that make an AWS client use other credentials, or another endpoint, than those of the sandbox."""
_ENDPOINTS = "AWS_ENDPOINT_URL_"
_LOOPBACK = "127.0.0.1,127.0.0.0/8,localhost"


def variables(found: World, base: Path, name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Name and value of each; `base` and `name` lead `albatross sandbox` to this world, `given` is the shell's environment."""
    where = {"ALBATROSS_SANDBOX_DIR": str(base), "ALBATROSS_SANDBOX_NAME": name}
    settings = {"ALBATROSS_CLUSTER_NAME": found.cluster_name, "ALBATROSS_AWS_VPC_ID": found.vpc_id}
    cache = {"KUBECACHEDIR": str(found.state / "kubectl")}  # another sandbox may have the same port and other kinds
    return {**found.environment(), **cache, **settings, **where, **_trust(found, given), **_path(given), **_direct(given)}


def stray(given: Mapping[str, str]) -> list[str]:
    """The variables of the shell that lead an AWS client elsewhere."""
    return sorted(each for each in given if each in STRAY or each.startswith(_ENDPOINTS))


def script(sets: Mapping[str, str], drops: list[str]) -> str:
    """What `eval` takes, for every POSIX shell."""
    lines = [f"export {key}={shlex.quote(value)}" for key, value in sets.items()]
    return "\n".join([*lines, *([f"unset {' '.join(drops)}"] if drops else [])])


def _trust(found: World, given: Mapping[str, str]) -> dict[str, str]:
    """The sandbox's CA, and a bundle of it with the CAs that the shell trusts: other sites stay reachable."""
    authority, bundle = Path(found.details["trust"]), found.state / "bundle.pem"
    known = given.get("SSL_CERT_FILE", "")
    usual = known if known and Path(known) != bundle else ssl.get_default_verify_paths().cafile or ""
    if not usual or not Path(usual).is_file():
        return {CA: str(authority)}
    bundle.write_text(Path(usual).read_text(errors="replace").rstrip("\n") + "\n" + authority.read_text())
    return {CA: str(authority), "CURL_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}


def _path(given: Mapping[str, str]) -> dict[str, str]:
    """PATH with the folder of kubectl and of this program, if the shell would find others, or none."""
    here = Path(sys.executable).parent
    path = given.get("PATH", "")
    missing = [each for each in ("kubectl", "albatross", "albatross-sandbox") if _elsewhere(here / each, path)]
    return {"PATH": f"{here}:{path}"} if missing else {}


def _elsewhere(program: Path, path: str) -> bool:
    return program.exists() and shutil.which(program.name, path=path) != str(program)


def _direct(given: Mapping[str, str]) -> dict[str, str]:
    """Behind a proxy, the addresses that no proxy reaches."""
    if not any(given.get(each) for name in ("http_proxy", "https_proxy", "all_proxy") for each in (name, name.upper())):
        return {}
    known = given.get("NO_PROXY") or given.get("no_proxy") or ""
    value = known if _LOOPBACK in known else ",".join(filter(None, (known, _LOOPBACK)))
    return {"NO_PROXY": value, "no_proxy": value}


NAMES = (
    *("KUBECONFIG", "KUBECACHEDIR", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ALBATROSS_CLUSTER_NAME", "ALBATROSS_AWS_VPC_ID", "CURL_CA_BUNDLE", "SSL_CERT_FILE"),
    *("ALBATROSS_SANDBOX_DIR", "ALBATROSS_SANDBOX_NAME", "ALBATROSS_SANDBOX_DNS", CA),
)
"""What `script` sets, but PATH and the exceptions from a proxy, which are the shell's own."""
