"""The gateway: the only service that faces browsers."""
