"""Pure values and rules of the engine."""
