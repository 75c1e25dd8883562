"""Use cases: one per file, each on the ports it needs."""
