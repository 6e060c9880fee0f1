"""The group of all commands, in click's terms."""

from __future__ import annotations

import click

from agentlint import __version__
from agentlint.cli import COMMANDS

_GROUP_OPTIONS = frozenset({"--version", "--help", "-h"})


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for; without a command it scans."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        import importlib

        command: click.Command = importlib.import_module(f"agentlint.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in COMMANDS and args[0] not in _GROUP_OPTIONS):
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing to report; 1 findings; 2 something could not be checked, or wrong usage.",
)
@click.version_option(__version__, prog_name="agentlint", message="%(prog)s %(version)s")
def app() -> None:
    """Find security problems in repositories that build or configure AI agents.

    Reads files only: nothing of the scanned tree is run, and nothing is sent anywhere.

    \b
    Examples:
      agentlint .                     scan this directory
      agentlint explain AL411         what a rule means
      agentlint scan -f sarif -o agentlint.sarif .
    """  # noqa: D301 - click reads the control character
