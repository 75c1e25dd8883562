"""Pure parts of the gateway: no I/O, no clock reads, no framework."""
