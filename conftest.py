"""Fixtures and settings every test of the repository may use."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["ct_kit.testing"]

# Time is never what a property is about, and a busy machine is no counterexample. The same
# examples run everywhere; HYPOTHESIS_PROFILE=explore looks for new ones.
_ANY_SPEED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("steady", derandomize=True, **_ANY_SPEED)
settings.register_profile("explore", print_blob=True, **_ANY_SPEED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
