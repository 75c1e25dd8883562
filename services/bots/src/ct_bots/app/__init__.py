"""Use cases of the API process."""
