"""Why a job fails in a way its owner can mend."""


class JobFailedError(Exception):
    """The job cannot be done as asked; the text is shown to its owner."""
