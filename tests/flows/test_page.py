"""The page of a controller that runs: over a real socket, with a real account behind it."""

import asyncio
import json
from typing import Any

import aiohttp
from tests.flows.bed import Bed, until
from tests.flows.shop import app as shop
from tests.web.conftest import port
