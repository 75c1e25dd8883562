"""Use cases of auth: ports in, domain objects out."""
