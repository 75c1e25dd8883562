"""Bots: a strategy, an account, a budget, and a runner that keeps them going."""
