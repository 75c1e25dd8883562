"""Values and rules of accounts: no I/O, no clock, no framework."""
