"""MongoDB and the exchange bridge."""
