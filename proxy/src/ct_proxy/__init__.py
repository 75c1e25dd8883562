"""The one way out: refuses by default, pins what it resolved, records every attempt."""
