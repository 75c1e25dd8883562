"""One folder per venue, always with the same seven files."""
