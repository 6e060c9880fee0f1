"""Errors that end a run with exit code 2 and a message for the user."""

from __future__ import annotations


class AgentlintError(Exception):
    """Base of all expected errors; the text says what is wrong and what to do next."""


class UsageError(AgentlintError):
    """Wrong use of the command line or a wrong value in the configuration."""


class RulebookError(AgentlintError):
    """A rule, model or kind file is wrong; the text holds one line per mistake, each with file and line."""
