"""Fixtures every test of the repository may use."""

pytest_plugins = ["ct_kit.testing"]
