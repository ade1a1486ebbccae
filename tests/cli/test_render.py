"""`albatross render` prints and saves the objects of an installation."""

from pathlib import Path

import yaml
from tests.cli.front import albatross


def test_the_same_options_give_the_same_text(tmp_path: Path) -> None:
    first = albatross("render", "--cluster-name", "prod", "--log-level", "debug")
    assert (first.code, first.err) == (0, "")
    assert first.out == albatross("render", "--cluster-name", "prod", "--log-level", "debug").out
    assert '- "--log-level=debug"' in first.out
    saved = albatross("render", "--cluster-name", "prod", "--log-level", "debug", "-o", tmp_path / "all.yaml")
    assert (saved.code, (tmp_path / "all.yaml").read_text()) == (0, first.out)


def test_a_folder_has_a_file_for_each_object(tmp_path: Path) -> None:
    assert albatross("render", "--cluster-name", "prod", "--no-crds", "-o", f"{tmp_path}/new/").code == 0
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names[0] == "01-serviceaccount-aws-load-balancer-controller.yaml"
    assert names[-1].endswith("deployment-albatross.yaml")
    assert all(yaml.safe_load((tmp_path / "new" / name).read_text()) for name in names)


def test_a_name_is_needed_and_values_are_checked() -> None:
    assert "--cluster-name is missing" in albatross("render").err
    assert "expected the ARN of a role" in albatross("render", "--cluster-name", "c", "--role-arn", "arn:aws:iam::1:policy/x").err
    assert "instance or ip" in albatross("render", "--cluster-name", "c", "--default-target-type", "pod").err
