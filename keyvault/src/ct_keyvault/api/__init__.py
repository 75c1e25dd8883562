"""The HTTP face of the vault."""
