import base64
import json
from pathlib import Path
from typing import Any

import pytest

from albatross.kube import config
from albatross.kube.config import Material, load
from albatross.kube.errors import Unconfigured
from albatross.kube.token import FileToken, StaticToken

IMPERSONATED: dict[str, Any] = {"as": "jane", "as-groups": ["dev"]}


def kubeconfig(folder: Path, name: str = "config", **user: Any) -> str:
    body = {
        "clusters": [{"name": "c", "cluster": {"server": "https://c.example:6443/", "certificate-authority": "ca.crt"}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [
            {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
            {"name": "y", "context": {"cluster": "none"}},
        ],
        "current-context": "x",
    }
    path = folder / name
    path.write_text(json.dumps(body))
    return str(path)


def test_reads_a_kubeconfig(tmp_path: Path) -> None:
    found = load(kubeconfig(tmp_path, token="secret"), environ={})
    assert (found.server, found.namespace, found.ca) == ("https://c.example:6443", "shop", Material(str(tmp_path / "ca.crt")))
    assert found.token == StaticToken("secret")
    assert "secret" not in repr(found)


def test_the_variable_may_name_several(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("current-context: x\n")
    names = f"{tmp_path / 'first'}:{tmp_path / 'missing'}:{kubeconfig(tmp_path)}"
    assert load(environ={"KUBECONFIG": names}).server == "https://c.example:6443"


def test_home_is_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    kubeconfig(tmp_path / ".kube")
    assert load(environ={"HOME": str(tmp_path)}).server == "https://c.example:6443"


def test_in_a_pod(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("kube-system\n")
    found = load(environ={"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443", config.ACCOUNT_VARIABLE: str(tmp_path)})
    assert (found.server, found.namespace, found.token) == ("https://[fd00::1]:443", "kube-system", FileToken(str(tmp_path / "token")))


def test_material_may_be_inline(tmp_path: Path) -> None:
    found = load(kubeconfig(tmp_path, **{"client-certificate-data": base64.b64encode(b"pem").decode(), "client-key": "/k"}), environ={})
    assert (found.certificate, found.key) == (Material(data=b"pem"), Material("/k"))


def test_impersonation_is_sent(tmp_path: Path) -> None:
    found = load(kubeconfig(tmp_path, **IMPERSONATED), environ={})
    assert found.headers == (("Impersonate-User", "jane"), ("Impersonate-Group", "dev"))


@pytest.mark.parametrize(
    ("user", "context", "said"),
    [
        ({}, "z", "no context is named 'z'; there is x, y"),
        ({}, "y", "no cluster is named 'none'"),
        ({"auth-provider": {"name": "gcp"}}, "", "auth-provider"),
        ({"exec": {}}, "", "exec names no command"),
        ({"client-key-data": "%"}, "", "client-key-data is not base64"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, user: dict[str, Any], context: str, said: str) -> None:
    with pytest.raises(Unconfigured, match=said):
        load(kubeconfig(tmp_path, **user), context, environ={})


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [", "is not YAML: line"), ("a: 2026-99-99", "is not YAML"), ("[]", "holds no map"), ("a: b", "no current-context")],
)
def test_what_is_no_kubeconfig_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(Unconfigured, match=said):
        load(str(tmp_path / "config"), environ={})


@pytest.mark.parametrize("path", ["", "/nowhere/config"])
def test_no_cluster_lists_the_ways(tmp_path: Path, path: str) -> None:
    with pytest.raises(Unconfigured, match="--kubeconfig") as caught:
        load(path, environ={"HOME": str(tmp_path)})
    assert "~/.kube/config" in str(caught.value)
