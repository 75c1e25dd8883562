"""Binance Spot v3."""
