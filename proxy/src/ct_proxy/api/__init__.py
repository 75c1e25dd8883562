"""The HTTP face of the proxy."""
