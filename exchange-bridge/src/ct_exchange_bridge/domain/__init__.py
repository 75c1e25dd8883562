"""Values, states and policies of trading at a venue: pure, no I/O, no clock reads."""
