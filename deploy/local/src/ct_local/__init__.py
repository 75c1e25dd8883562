"""The one-machine launcher: start, watch and stop the whole platform."""
