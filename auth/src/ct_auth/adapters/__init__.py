"""MongoDB, argon2 and authenticator codes."""
