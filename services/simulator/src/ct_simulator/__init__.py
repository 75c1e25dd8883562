"""Exchange simulator: prices, matching, accounts and the wire of real venues."""
