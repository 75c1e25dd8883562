"""What may leave: pure rules, no I/O."""
