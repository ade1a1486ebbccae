"""Files with Deployments: they are compared with their Services, and nothing else changes."""

from pathlib import Path

from albatross.manifests import load

TEXT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {generateName: web-}
---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
"""


def test_workloads_are_kept_and_still_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    loaded = load([str(tmp_path)], namespace="shop")
    assert [(each.kind, each.namespace, each.name) for each in loaded.snapshot.workloads] == [("Deployment", "shop", "web")]
    assert loaded.ignored == {"Deployment": 2, "Job": 1}
    assert not loaded.problems
