"""The stages of a public call, one file each, in the order `pipeline.run` states."""
