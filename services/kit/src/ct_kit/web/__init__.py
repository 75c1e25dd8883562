"""The edge of a service: problem documents, health, limits, servers."""
