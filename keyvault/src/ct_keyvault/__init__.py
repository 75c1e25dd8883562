"""Sealed exchange keys and the only place that signs with them."""
