"""The exchange bridge: the only service that talks to venues about orders."""
