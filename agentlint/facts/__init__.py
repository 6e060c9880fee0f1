"""What one file says, as small frozen values: the only thing that leaves a worker, and what is cached."""
