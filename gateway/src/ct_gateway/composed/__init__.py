"""Calls the gateway answers itself, from one or several services."""
