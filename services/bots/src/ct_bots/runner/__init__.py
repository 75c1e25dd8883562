"""The process that holds leases and runs bots."""
