"""Forwarding one call: ports in, an answer out."""
