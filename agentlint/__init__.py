"""agentlint: a static security linter for repositories that build or configure AI agents."""

__version__ = "0.1.0"
