"""How many inputs are drawn: XAIKIT_EXAMPLES asks for more of them, for a longer hunt."""

import os

from hypothesis import HealthCheck, settings

MANY = int(os.environ.get("XAIKIT_EXAMPLES", "80"))
bounded = settings(
    max_examples=MANY, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
