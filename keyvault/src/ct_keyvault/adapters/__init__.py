"""MongoDB, the root key file and the operating system."""
