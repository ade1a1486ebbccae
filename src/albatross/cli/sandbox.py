"""`albatross sandbox`: the commands of the distribution `albatross-sandbox`. Its pods can run the image of this controller."""

import json
from collections.abc import Mapping
from typing import Any

from albatross.kube.config import ACCOUNT_VARIABLE
from albatross_sandbox import module
from albatross_sandbox.command import sandbox

__all__ = ["IMAGES", "sandbox"]

PAGE = 8088
"""The port of the page."""
IMAGES: Mapping[str, Any] = {
    "albatross-controller": {
        "argv": module.argv("albatross"),
        # Pods of the sandbox share the machine, so each listens at its own address, and its account has a folder of its own.
        "env": {
            ACCOUNT_VARIABLE: "$(SANDBOX_ACCOUNT)",
            "ALBATROSS_METRICS_BIND_ADDR": "$(POD_IP):8080",
            "ALBATROSS_HEALTH_PROBE_BIND_ADDR": "$(POD_IP):61779",
            "ALBATROSS_WEBHOOK_BIND_ADDRESS": "$(POD_IP)",
            "ALBATROSS_PAGE_BIND_ADDRESS": f"$(POD_IP):{PAGE}",
            "ALBATROSS_PAGE_HEALTH_PERIOD": "3s",  # here AWS has no limit that other programs share
        },
    }
}
"""The image of the Containerfile, as a process of this environment."""

sandbox.context_settings = {**sandbox.context_settings, "default_map": {"up": {"images": json.dumps(IMAGES)}}}
