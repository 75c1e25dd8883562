"""Accounts of people: who they are, and which sessions and factors are theirs."""
