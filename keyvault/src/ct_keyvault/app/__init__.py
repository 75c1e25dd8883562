"""Use cases of the vault: ports in, domain objects out."""
