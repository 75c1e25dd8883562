"""Values and rules of the vault: no I/O, no clock, no framework."""
