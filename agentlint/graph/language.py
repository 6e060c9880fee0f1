"""What Python itself does with values: which calls hand on a callable, which methods change their receiver."""

from __future__ import annotations

import re
import sys

from agentlint.facts.python.ir import MUTATORS as MUTATORS  # noqa: PLC0414 - what a reader of this list looks for here
from agentlint.facts.python.ir import Op

STANDARD = sys.stdlib_module_names | {"builtins", "os", "posixpath"}
"""Import roots of the standard library."""

PROPERTIES = frozenset({"property", "cached_property", "computed_field"})
"""Decorators that make a method read like an attribute."""

TRANSPARENT = {
    "functools.partial": 0, "functools.wraps": 0, "copy.copy": 0, "copy.deepcopy": 0, "typing.cast": 1, "builtins.iter": 0,
    "contextlib.closing": 0, "dataclasses.replace": 0, "asyncio.wait_for": 0, "asyncio.shield": 0, "asyncio.create_task": 0,
    "asyncio.run": 0, "asyncio.ensure_future": 0, "builtins.next": 0, "weakref.proxy": 0, "contextlib.aclosing": 0,
    "contextlib.ExitStack().enter_context": 0, "contextlib.AsyncExitStack().enter_context": 0,
    "contextlib.AsyncExitStack().enter_async_context": 0,
}  # fmt: skip
"""Calls whose result is their argument: path to its position."""

ANCESTORS = frozenset({"parents"})
"""Attributes of a path that hold the folders above it."""

RESOLVES = frozenset({"resolve"})
"""Methods of a path that take the steps up and the links out of it."""

ENTERS = (".__enter__", ".__aenter__")
"""Methods of things outside the program that nearly always give back what they are called of."""

SAME_KEYS = frozenset({
    "copy.copy", "copy.deepcopy", "dataclasses.asdict", "dataclasses.replace", "typing.cast", "builtins.list", "builtins.tuple",
})  # fmt: skip
"""Calls whose result has the parts of their argument under the same keys."""

COPIES = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.sorted"})
"""Calls that make a container of the same elements."""

UNWRAPPED = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Type", "type", "Awaitable"})
"""Subscripted types whose first argument is the type of the value."""

TYPED_BUILTINS = frozenset(
    {"builtins.int", "builtins.float", "builtins.bool", "builtins.str", "builtins.bytes", "builtins.complex"}
)
"""Builtin classes worth knowing an instance of."""

SAFE_TYPES = frozenset({
    "builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "uuid.UUID", "datetime.date", "datetime.datetime",
    "datetime.time", "datetime.timedelta", "decimal.Decimal", "typing.Literal", "typing_extensions.Literal", "enum.Enum",
    "enum.IntEnum", "enum.StrEnum", "pydantic.conint", "pydantic.PositiveInt", "pydantic.NonNegativeInt", "ipaddress.IPv4Address",
})  # fmt: skip
"""Types whose values carry no text of an attacker's choice (frameworks convert or refuse)."""

VIEWS = frozenset({
    "builtins.str", "pathlib.Path", "os.path.realpath", "os.path.abspath", "os.path.normpath", "os.path.normcase", "os.fspath",
    "urllib.parse.urlparse", "urllib.parse.urlsplit", "unicodedata.normalize",
})  # fmt: skip
"""Calls whose result says as much about a value as the value itself: a test of one is a test of the other."""

VIEW_ATTRIBUTES = frozenset({"hostname", "netloc", "value"})
"""Attributes of such views that decide what the value may do."""

GETTERS = frozenset({"get", "pop", "setdefault"})
"""Methods that look a key up: what they give back is what is kept, not the key."""

TEXTLESS = frozenset(
    {"startswith", "endswith", "count", "isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier", "isupper"}
)
"""Methods whose result, a number or a truth value, carries no text of their receiver."""

CHOOSERS = frozenset({
    "filter", "filter_by", "where", "order_by", "group_by", "limit", "offset", "having", "outerjoin",
    "scalar", "scalars", "scalar_one", "scalar_one_or_none", "execute", "executemany",
    "fetch", "fetchone", "fetchrow", "fetchall", "find_one", "find_many", "get_or_404", "get_or_none",
})  # fmt: skip
"""Methods whose arguments say which of the receiver's things come back, not what these are: a row is not what it was found by."""

MEMBERS = frozenset({"getmembers", "getnames", "infolist", "namelist"})
"""Methods that list what an archive holds."""

RESULTS = frozenset({"to_thread", "map", "filter", "submit", "run_in_executor"})
"""Of the calls below, the last names of those that give back what the argument returns."""


def gives_back(path: str) -> bool:
    """Return whether the result of a call is that of the callable it is given."""
    return path in CALLS_ARGUMENT and path.rpartition(".")[2] in RESULTS


CALLS_ARGUMENT = {
    "asyncio.to_thread": 0, "functools.partial": 0, "threading.Thread": "target", "threading.Timer": 1,
    "multiprocessing.Process": "target", "builtins.map": 0, "builtins.filter": 0, "asyncio.get_event_loop().run_in_executor": 1,
    "asyncio.get_running_loop().run_in_executor": 1, "concurrent.futures.ThreadPoolExecutor().submit": 0,
    "concurrent.futures.ProcessPoolExecutor().submit": 0, "concurrent.futures.ThreadPoolExecutor().map": 0,
    "asyncio.get_running_loop().call_soon": 0,
}  # fmt: skip
"""Calls that call one of their arguments with the arguments after it."""

WRITERS = frozenset({"write", "writelines", "put", "put_nowait", "push"})
"""Mutators of things that are not containers of named parts: what is written to a file is not its name."""

JOINS = frozenset({"os.path.join", "pathlib.Path().joinpath", "pathlib.Path", "posixpath.join"})
"""Calls that join parts of a path."""

PIECES = frozenset({("os.path.splitext", "1"), ("os.path.split", "1")})
"""Pieces of a path, by call and index, that hold no separator."""

SHELLS = frozenset(
    {
        "sh",
        "bash",
        "zsh",
        "dash",
        "ksh",
        "fish",
        "cmd",
        "cmd.exe",
        "powershell",
        "pwsh",
        "python",
        "python3",
        "node",
        "perl",
        "ruby",
    }
)
"""Programs that run the text after their command option."""

COMMAND_OPTIONS = frozenset({"-c", "-lc", "-ic", "/c", "/C", "-e", "-Command", "-command", "--eval", "-ec", "-euc", "-xc"})
"""The option after which a shell or interpreter expects source text."""

CONSTANT_OPS = frozenset({Op.CONST, Op.TEXT, Op.SEQ})
"""What a value made of nothing but constants consists of."""

TEMPORARY = "tempfile."
"""How the paths begin whose results are temporary files and folders."""

WAITS = frozenset({
    "recv", "receive", "receive_text", "receive_json", "receive_bytes", "get_message", "poll", "accept", "readline", "prompt",
    "prompt_async", "ask", "ask_async", "timeout", "timeout_at", "fail_after", "move_on_after", "wait", "wait_for",
    "join", "select", "serve_forever", "sleep", "input", "getpass",
})  # fmt: skip
"""Methods and functions that stop a loop until somebody else, or the clock, lets it go on."""

SAFE_MODES = (
    "readonly",
    "read_only",
    "dry_run",
    "dryrun",
    "allow_write",
    "allow_mutation",
    "allow_destructive",
    "write_enabled",
    "enable_write",
)
"""Parts of the names of settings without which a program only reads."""

ENVIRONMENT = frozenset({"os.getenv", "os.environ.get"})
"""Calls that read a variable of the environment, with a default as their second argument."""

OPTION = "add_argument"
"""The method that declares an option of the command line, of ``argparse`` and what imitates it."""

DECLARATIONS = frozenset({"Field", "field", "Option", "Argument"})
"""Last names of calls that stand for a default in the place where one is written."""

KEEPS = frozenset(
    {"json.dumps", "json.loads", "pprint.pformat", "copy.copy", "copy.deepcopy", "urllib.parse.quote", "urllib.parse.urlencode"}
)
"""Calls whose result still holds the text of their argument, besides the builtins."""

KEEPING_METHODS = frozenset({
    "format", "format_map", "join", "strip", "lstrip", "rstrip",
    "upper", "lower", "title", "encode", "decode", "replace", "split",
    "splitlines", "removeprefix", "removesuffix", "get", "pop", "setdefault", "copy", "items", "values",
})  # fmt: skip
"""Methods whose result still holds the text of their receiver."""

CONSENT = re.compile(
    r"(?:(?:user|human|owner|is|has)_?)*(?:confirm(?:ed|ation)?|approv(?:e|ed|al)|consent(?:ed)?|authori[sz]ed|i_am_sure|are_you_sure)"
    r"(?:_?(?:by|from|of)?_?(?:user|human|delete|deletion|send|action|execution))?",
    re.IGNORECASE,
)
"""Names of parameters that stand for the yes of a person."""

ENTRY_NAMES = frozenset({
    "root_agent", "app", "application", "graph", "agent", "agents", "server", "mcp", "main", "handler", "lambda_handler",
})  # fmt: skip
"""Names under which runners and configuration look for what a module makes."""

STORED = frozenset({"list", "retrieve", "get", "alist", "aget"})
"""Methods that fetch what is already there, page by page: nothing is computed for them."""

SHOWS = frozenset({"print", "info", "warning", "write", "send", "display", "echo", "rule", "secho", "log"})
"""Functions that show their arguments to a person."""
