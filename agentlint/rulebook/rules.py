"""The shape of ``rules/ALnnn-name.yaml``: metadata, one declarative form, message and documentation in one file."""

# Annotations are values here, not text: msgspec compiles text one by one when it first decodes, which takes milliseconds.

from typing import Any, Literal, Tuple  # noqa: UP035 - see NodeForm.also

import msgspec

SeverityName = Literal["info", "low", "medium", "high", "critical"]
ConfidenceName = Literal["low", "medium", "high"]
PersonaName = Literal["regular", "pedantic", "auditor"]
PurposeName = Literal["test", "evaluation", "notebook", "example", "demonstration"]


class _Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class _Case(_Form, frozen=True, kw_only=True):
    """A form that may differ from its rule: a rule lists its cases from the worst to the mildest, each with its own words."""

    severity: SeverityName | Literal[""] = ""
    confidence: ConfidenceName | Literal[""] = ""
    persona: PersonaName | Literal[""] = ""
    message: str = ""


class FlowForm(_Case, frozen=True, kw_only=True):
    """A value of one of ``sources`` reaches a place of one of ``sinks``; sanitizers are the models' business.

    ``unless`` names conditions on the whole path.
    """

    sources: tuple[str, ...] = msgspec.field(name="from")
    sinks: tuple[str, ...] = msgspec.field(name="to")
    unless: tuple[str, ...] = ()


class Test(_Form, frozen=True, kw_only=True):
    """A predicate on one value. All given parts must hold.

    ``key`` is relative to the matched place (``..`` is its parent); in ``node`` forms it names an attribute. A value that
    is not known satisfies nothing but ``unknown``.
    """

    key: str = ""
    equals: Any = msgspec.UNSET
    one_of: tuple[Any, ...] = msgspec.field(default=(), name="in")
    matches: str = ""
    not_matches: str = ""
    contains: Any = msgspec.UNSET
    present: bool | None = None
    truthy: bool | None = None
    greater: float | None = None
    not_in: tuple[Any, ...] = ()
    type: str = ""
    unknown: bool | None = None


class MatchForm(_Case, frozen=True, kw_only=True):
    """A place in files of the given kinds: ``at`` is a key path (``*`` one key, ``**`` any depth, ``[]`` each item)."""

    file: tuple[str, ...]
    at: tuple[str, ...]
    where: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()
    report: Literal["key", "value"] = "value"
    once: bool = False


class EdgeTest(_Form, frozen=True, kw_only=True):
    """Whether the node has an edge to a node of ``to`` (types) that satisfies ``where``. ``incoming`` turns it round."""

    edge: str
    to: tuple[str, ...] = ()
    where: tuple[Test, ...] = ()
    incoming: bool = False


class NodeForm(_Case, frozen=True, kw_only=True):
    """Graph nodes of a type whose attributes satisfy ``where``, that have all ``edges`` and none of ``unless``.

    ``at`` names the attribute whose place the finding takes. ``also`` asks for another node anywhere in the repository, one
    for each form; those nodes become related places and are not reported again by the same rule. ``never`` names nodes that
    must not be anywhere in the repository.
    """

    type: tuple[str, ...]
    where: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()
    edges: tuple[EdgeTest, ...] = ()
    unless: tuple[EdgeTest, ...] = ()
    also: Tuple["NodeForm", ...] = ()  # noqa: UP006 - Python 3.10 resolves a quoted name in this spelling only
    never: Tuple["NodeForm", ...] = ()  # noqa: UP006
    at: str = ""
    once: Literal["", "file", "repo"] = ""


class LinkTest(_Form, frozen=True, kw_only=True):
    """Whether there is another resource of ``type`` that satisfies ``where``.

    ``direction``: ``to`` (this one refers to it), ``from`` (it refers to this one), ``any`` of both, or it stands in the same
    ``stack`` (whatever shares names, and modules called or calling), ``folder`` or ``repo``. ``via`` is the property that
    holds the reference.
    """

    type: tuple[str, ...]
    direction: Literal["to", "from", "any", "stack", "folder", "repo"] = "any"
    via: str = ""
    where: tuple[Test, ...] = ()


class ResourceForm(_Case, frozen=True, kw_only=True):
    """Infrastructure resources of canonical types (a final ``*`` is a prefix) whose properties satisfy ``where``.

    ``at``: each element there is judged on its own. Keys of tests are relative to it; ``/x`` starts at the resource;
    ``@key`` is the element's own name, ``@front @native @name @agentic @optional`` are of the resource. Lists are entered
    by themselves. Of the values at a key one must satisfy the test, for ``none_of`` none may. All ``linked`` must exist
    and none of ``unless``. ``place`` is the property whose place the finding takes: else that of the first tested one
    that is written, else the resource's own.
    """

    type: tuple[str, ...]
    front: tuple[str, ...] = ()
    at: str = ""
    where: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()
    none_of: tuple[Test, ...] = ()
    linked: tuple[LinkTest, ...] = ()
    unless: tuple[LinkTest, ...] = ()
    place: str = ""


class AbsentForm(_Form, frozen=True, kw_only=True):
    """If the repository has a node that satisfies ``when``, one that satisfies ``need`` must exist (reported once)."""

    when: NodeForm
    need: tuple[NodeForm, ...]


class FixForm(_Form, frozen=True, kw_only=True):
    """How ``agentlint fix`` mends a finding in files of the kinds ``files``. Of several forms, the first that applies is used.

    ``do`` is one of:

    - ``environment``: a literal in Python becomes ``symbol["NAME"]``; ``readers`` are calls whose default it may be, and
      ``names`` the usual names of variables by the subject of the finding.
    - ``variable``: a literal in configuration becomes what the ``clients`` that read the file put a variable for; ``{name}``
      is its name. ``without`` says of other clients why not.
    - ``argument``: the keyword ``argument`` (may end in ``*``) of one of ``calls`` (none: of any call, or the key of a dict)
      becomes ``to`` or the imported ``symbol``; without both it is removed. ``position`` is where it may stand without its
      name; ``add`` adds a missing one; ``assigned`` is what an attribute of that name becomes.
    - ``callee``: the function of one of ``calls`` becomes ``to`` (``{symbol}`` is the imported ``symbol``); not in calls of more
      than ``at_most`` arguments.
    - ``drop``: an item is removed from its list; the value of a key becomes what ``to_instead`` says.
    - ``empty``: a switch becomes false, a list or map empty, a word what ``to_instead`` says.
    - ``pin``: a package gets the version that a lock file of the tree names; an action, the commit.
    - ``refuse``: no fix, and ``say`` is why.

    ``like`` names a rule whose fixes hold here too. ``unsafe``: the program may behave differently.
    """

    do: Literal["environment", "variable", "argument", "callee", "drop", "empty", "pin", "refuse", "like"]
    say: str = ""
    files: tuple[str, ...] = ()
    unsafe: bool = False
    calls: tuple[str, ...] = ()
    argument: str = ""
    position: int = -1
    equals: tuple[str, ...] = ()
    to: str = ""
    symbol: str = ""
    add: bool = False
    assigned: str = ""
    at_most: int = 99
    readers: tuple[str, ...] = ()
    names: dict[str, str] = {}
    clients: dict[str, str] = {}
    without: dict[str, str] = {}
    to_instead: dict[str, str] = {}
    like: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule. One of ``flow match node absent resource`` says how it decides; ``check`` true: a module of that id in ``checks/``.

    ``stricter`` names purposes of files (see ``graph.purpose``) in which nothing is told to everybody, but to careful readers.
    ``engine`` true: the engine itself reports it (what concerns inline ignores). ``message`` may use ``{attr}`` of the node,
    ``{source}``, ``{sink}``, ``{value}``; values are cut and escaped. ``advice``: what models say of these topics mends it.
    """

    id: str
    name: str
    category: str
    severity: SeverityName
    confidence: ConfidenceName
    message: str
    docs: str
    summary: str
    kinds: tuple[str, ...]
    status: dict[str, str]
    persona: PersonaName = "regular"
    stricter: tuple[PurposeName, ...] = ()
    cwe: tuple[int, ...] = ()
    owasp: tuple[str, ...] = ()
    atlas: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    fix: str = ""
    advice: tuple[str, ...] = ()
    fixes: tuple[FixForm, ...] = ()
    flow: tuple[FlowForm, ...] = ()
    match: tuple[MatchForm, ...] = ()
    node: tuple[NodeForm, ...] = ()
    absent: tuple[AbsentForm, ...] = ()
    resource: tuple[ResourceForm, ...] = ()
    check: bool = False
    engine: bool = False
