"""What a bot is and decides: pure values and functions."""
