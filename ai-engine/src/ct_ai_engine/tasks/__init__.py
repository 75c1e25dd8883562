"""What a job computes; runs only in the child process, which may be killed at any time."""
