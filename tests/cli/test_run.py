import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from albatross.cli.run import given

RUN = (sys.executable, "-c", "import sys; from albatross.cli import main; sys.exit(main())", "run")
OFF = ("--metrics-bind-addr=0", "--health-probe-bind-addr=0")


def run(*flags: str, home: Path, **environment: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KUBE", "ALBATROSS_"))}
    environment = {**kept, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **environment}
    done = subprocess.run((*RUN, *flags), env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_no_cluster_lists_the_ways(tmp_path: Path) -> None:
    code, said = run("--cluster-name=c", *OFF, home=tmp_path)
    assert code == 1
    assert "no cluster is given" in said
    assert "pass --kubeconfig FILE" in said
    assert "Traceback" not in said


def test_a_cluster_that_is_away_is_named(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    entry = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c"}}],
    }
    (tmp_path / ".kube" / "config").write_text(json.dumps({**entry, "current-context": "x"}))
    code, said = run("--cluster-name=c", *OFF, home=tmp_path)
    assert (code, "cannot reach the Kubernetes API at https://127.0.0.1:9" in said) == (1, True)


def test_everything_wrong_with_the_settings_is_said_at_once(tmp_path: Path) -> None:
    code, said = run("--enable-waf=yes", "--feature-gates=Nope=true", home=tmp_path)
    assert code == 1
    assert "--enable-waf=yes: expected true or false" in said
    assert "Nope does not" in said
    assert "--cluster-name is missing" in said


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALBATROSS_CLUSTER_NAME", "env")
    monkeypatch.setenv("ALBATROSS_ENABLE_WAF", "false")
    assert given({"cluster_name": "flag", "enable_waf": None}) == {"cluster-name": "flag", "enable-waf": "false"}


def test_flags_may_stand_alone(tmp_path: Path) -> None:
    code, said = run("--strict-groups", "--enable-shield=false", "--cluster-name", "c", "--context", "x", *OFF, home=tmp_path)
    assert (code, "no cluster is given" in said) == (1, True)


def test_the_controller_imports_no_library_of_terminals_and_no_certificates() -> None:
    said = "len(aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs()), len(ssl.create_default_context().get_ca_certs()) > 0"
    code = "import ssl, sys; from albatross.cli import run; run._lean(); import albatross.controller.process; import aiohttp; "
    script = f"{code}print(*sys.modules, {said})"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, timeout=60, check=True)
    assert not {"rich", "pygments"} & set(done.stdout.split())
    assert done.stdout.split()[-2:] == ["0", "True"]
