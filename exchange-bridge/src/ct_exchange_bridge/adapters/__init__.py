"""MongoDB, the key vault and the simulator's admin port."""
