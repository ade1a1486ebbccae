"""The cluster and the identity: from a kubeconfig, or from the pod that this process runs in."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from albatross.kube.errors import Unconfigured
from albatross.kube.token import API, ExecToken, FileToken, Plugin, StaticToken, Token

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
ACCOUNT_VARIABLE = "ALBATROSS_SERVICE_ACCOUNT_DIR"
"""The variable for another folder with the files of the service account, for pods that are processes of one machine."""
WAYS = (
    "pass --kubeconfig FILE",
    "set KUBECONFIG=FILE",
    "put one at ~/.kube/config (`aws eks update-kubeconfig --name CLUSTER` writes it)",
    "run in a pod with a service account",
)


@dataclass(frozen=True, slots=True)
class Material:
    """PEM text, inline or from a file that can be rotated; both are empty if it is not set."""

    path: str = ""
    data: bytes = field(default=b"", repr=False)

    def __bool__(self) -> bool:
        return bool(self.path or self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One cluster and one identity. `source` is where it was found; `headers` contain impersonation.

    `names` are the names that a kubeconfig gives to its context and its cluster; they are empty in a pod.
    """

    server: str
    source: str
    namespace: str = "default"
    token: Token = field(default_factory=StaticToken)
    ca: Material = field(default_factory=Material)
    certificate: Material = field(default_factory=Material)
    key: Material = field(default_factory=Material)
    insecure: bool = False
    server_name: str = ""
    proxy: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """The command that gets the token; empty if there is none."""
        return self.token.plugin.command if isinstance(self.token, ExecToken) else ()


def load(path: str = "", context: str = "", environ: Mapping[str, str] = os.environ) -> Access:
    """The access from `path`, otherwise KUBECONFIG, otherwise the pod, otherwise ~/.kube/config; `Unconfigured` if none exists.

    `context` selects a context other than the current one of the kubeconfig.
    """
    named = [path] if path else [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    if named:
        files = [file for file in named if Path(file).is_file()]
        if not files:
            raise Unconfigured(f"kubeconfig {', '.join(named)} does not exist", WAYS)
        return _from_files(files, context)
    account = Path(environ.get(ACCOUNT_VARIABLE) or ACCOUNT)
    if environ.get("KUBERNETES_SERVICE_HOST") and (account / "token").is_file():
        return _from_pod(environ, account)
    home = Path(environ.get("HOME", "~")).expanduser() / ".kube" / "config"
    if home.is_file():
        return _from_files([str(home)], context)
    raise Unconfigured(
        f"no cluster is given: KUBECONFIG is not set, {home} does not exist, and this is not a pod with a service account", WAYS
    )


def _from_pod(environ: Mapping[str, str], account: Path) -> Access:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    place = account / "namespace"
    return Access(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        source="the pod's service account",
        namespace=place.read_text().strip() if place.is_file() else "default",
        token=FileToken(str(account / "token")),
        ca=Material(str(account / "ca.crt")),
    )


# A kubeconfig ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """One named entry of a kubeconfig; its relative paths are relative to the kubeconfig file."""

    body: Mapping[str, Any]
    file: str

    def material(self, name: str) -> Material:
        data, path = self.body.get(f"{name}-data"), self.body.get(name)
        if data:
            try:
                return Material(data=base64.b64decode(data, validate=True))
            except (binascii.Error, ValueError):
                raise Unconfigured(f"{self.file}: {name}-data is not base64") from None
        return Material(str(Path(self.file).parent / path)) if path else Material()


def _from_files(files: list[str], context: str) -> Access:
    documents = [(file, _document(file)) for file in files]
    chosen = context or next((str(body["current-context"]) for _, body in documents if body.get("current-context")), "")
    where = os.pathsep.join(files)
    if not chosen:
        raise Unconfigured(f"{where} names no current-context", ("`kubectl config use-context NAME`",))
    entry = _named(documents, "contexts", "context", chosen)
    cluster = _named(documents, "clusters", "cluster", str(entry.body.get("cluster", "")))
    user = _named(documents, "users", "user", str(entry.body["user"])) if entry.body.get("user") else _Entry({}, cluster.file)
    server = cluster.body.get("server")
    if not server:
        raise Unconfigured(f"{cluster.file}: the cluster of context {chosen} has no server")
    return Access(
        server=str(server).rstrip("/"),
        source=f"{where}, context {chosen}",
        namespace=str(entry.body.get("namespace") or "default"),
        token=_token(user),
        ca=cluster.material("certificate-authority"),
        certificate=user.material("client-certificate"),
        key=user.material("client-key"),
        insecure=bool(cluster.body.get("insecure-skip-tls-verify")),
        server_name=str(cluster.body.get("tls-server-name") or ""),
        proxy=str(cluster.body.get("proxy-url") or ""),
        headers=_impersonation(user.body),
        names=(chosen, str(entry.body.get("cluster", ""))),
    )


def _document(file: str) -> Mapping[str, Any]:
    import yaml  # imported here, because it needs start-up time, and a pod does not use it

    try:
        # YAML 1.1, as kubectl reads it
        body = yaml.safe_load(Path(file).read_text())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Unconfigured(f"{file} is not YAML" + (f": line {mark.line + 1}" if mark else "")) from None
    except OSError as error:
        raise Unconfigured(f"{file} cannot be read: {error.strerror}") from error
    if not isinstance(body, Mapping):
        raise Unconfigured(f"{file} is not a kubeconfig: it holds no map")
    return body


def _named(documents: list[tuple[str, Mapping[str, Any]]], section: str, inner: str, name: str) -> _Entry:
    names: list[str] = []
    for file, body in documents:
        for entry in body.get(section) or ():
            names.append(str(entry.get("name")))
            if names[-1] == name:
                return _Entry(entry.get(inner) or {}, file)
    known = ", ".join(names) or "none"
    raise Unconfigured(f"{os.pathsep.join(file for file, _ in documents)}: no {inner} is named {name!r}; there is {known}")


def _token(user: _Entry) -> Token:
    body = user.body
    if body.get("token"):
        return StaticToken(str(body["token"]))
    if body.get("tokenFile"):
        return FileToken(str(Path(user.file).parent / body["tokenFile"]))
    if body.get("auth-provider"):
        raise Unconfigured(
            f"{user.file}: auth-provider was removed from Kubernetes in 1.26", ("use `exec` (for EKS: `aws eks update-kubeconfig`)",)
        )
    return StaticToken() if body.get("exec") is None else ExecToken(_plugin(body["exec"], user.file))


def _plugin(body: Mapping[str, Any], file: str) -> Plugin:
    command = str(body.get("command") or "")
    if not command:
        raise Unconfigured(f"{file}: exec names no command")
    if "/" in command:
        command = str(Path(file).parent / command)
    env = tuple((str(pair["name"]), str(pair["value"])) for pair in body.get("env") or ())
    arguments = tuple(str(argument) for argument in body.get("args") or ())
    return Plugin((command, *arguments), env, str(body.get("apiVersion") or f"{API}/v1"), str(body.get("installHint") or "").strip())


def _impersonation(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    user = [("Impersonate-User", str(body["as"]))] if body.get("as") else []
    uid = [("Impersonate-Uid", str(body["as-uid"]))] if body.get("as-uid") else []
    return (*user, *uid, *(("Impersonate-Group", str(group)) for group in body.get("as-groups") or ()))
