"""How the gateway reaches the services: connections, tokens, sessions."""
