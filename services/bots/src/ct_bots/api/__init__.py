"""The HTTP surface the gateway calls."""
