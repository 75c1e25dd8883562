"""One strategy per file; the registry finds every module here by itself."""
