"""Which files there are, and of which kind."""
