"""What every CryptoTrade service shares; importing it does nothing."""
