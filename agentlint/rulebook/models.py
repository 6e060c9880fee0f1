"""The shape of ``rules/models/*.yaml``: what is known of a package, one fact a line.

Paths are dotted symbols as written in code after the imports are resolved; ``()`` is an instance or return value:
``openai.OpenAI().chat.completions.create``. Builtins live in ``builtins``. The last part may end in ``*``:
``boto3.client().delete_*``. ``*.name`` is a method of an unknown receiver.

``arg`` names arguments as alternatives, positions and keywords mixed: ``1|input``; ``*`` is any argument; ``self`` is
the receiver; ``tool_config.require_approval`` is a key of an argument that is a dict. ``when`` tests arguments of the
same call for constants: ``{shell: true}``, ``{Loader: [SafeLoader]}``; its keys are written like ``arg``. A key
``!name`` negates, and then holds for values that are not known. The value ``absent`` means not given, ``constant`` any
constant, ``~regex`` a constant (or the constant beginning of a text) in which the pattern is found. A symbol is
compared by its dotted path or its last part; an instance ends in ``()``.

``aliases`` maps a path to its canonical one; it applies to any beginning of a path, ``()`` included, until none does,
so it also says what a call returns: ``flask.Blueprint: flask.Flask``, ``sqlalchemy.Engine().connect():
sqlalchemy.Connection()``. It need not be a real path: drivers that share an interface share ``sql.connection()``.
``a.b.*`` stands for the classes of a module, ``a.*.Chat*`` for those of its sub-modules whose names begin so, ``a.*()`` for
their instances; names of constructors have to be written out, as calls are looked up by the last name.
"""

# Annotations are values here, not text: msgspec compiles text one by one when it first decodes, which takes milliseconds.

from typing import Any, Literal

import msgspec


class _Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    note: str = ""


class Source(_Fact, frozen=True, kw_only=True):
    """Where outside text enters.

    Exactly one of ``call`` (its result), ``read`` (an attribute, with all below it), ``params_of`` (parameters of a
    function so decorated), ``handler`` (parameters of a function given to that call's ``arg``, or of the methods ``arg``
    of a class with that base; ``*Name`` is any base whose name ends so, ``arg: "*"`` its public methods) or ``entry``
    (the name of a module-level function that a platform calls). ``takes``: only if the parameters are named so.
    ``never_reads``: keys that tell of another caller, so that a function that reads one of them is none of these.

    ``skip`` leaves out parameters by name, by a name in their annotation, or by the call that is their default.
    ``types`` says of which class the objects are that a framework hands over, by position (without ``self``) or name:
    ``{"0": "django.http.HttpRequest()"}``; such a parameter is no source itself, its attributes and methods may be.
    ``route`` is the argument that holds the template of the path. ``inputs`` is the argument that lists where the values
    of the parameters come from; those that come from none of ``texts`` hold no free text, unless ``free`` (as ``when``)
    holds for the call that makes it. ``trust: own`` marks what comes back from the program's own store,
    ``trust: inner`` a hook that a library calls: it is no endpoint. ``unless_made``: no source in a program that makes
    one of these.
    """

    kind: str
    call: str = ""
    read: str = ""
    params_of: str = ""
    handler: str = ""
    entry: str = ""
    takes: tuple[str, ...] = ()
    never_reads: tuple[str, ...] = ()
    arg: str = ""
    skip: tuple[str, ...] = ()
    types: dict[str, str] = {}
    trust: str = ""
    route: str = ""
    inputs: str = ""
    texts: tuple[str, ...] = ()
    free: dict[str, Any] = {}
    unless_made: tuple[str, ...] = ()
    when: dict[str, Any] = {}


class Sink(_Fact, frozen=True, kw_only=True):
    """An argument that acts.

    ``part``: ``program`` (first element of an argv), ``host`` (scheme and host of a URL), ``folder`` (its files are only
    listed), ``added`` (beside what is there; nothing is replaced), ``program-text`` (whole programs, which the call is there
    to run). ``role_messages``: the argument is a list of messages (dicts of role and content, or role, content tuples);
    content of role system or developer is a ``system-prompt``, of role user a
    ``user-prompt``. ``instructs``: a template of the system role, which is a prompt of its own. ``returns_of`` in place of
    ``call`` and ``arg``: what a function so decorated gives back. ``filled``: the text is a template, and these methods of it, or
    of a chain it is part of, fill its variables from the argument (``**``: from arguments of their names).
    """

    kind: str
    call: str = ""
    arg: str = ""
    filled: dict[str, str] = {}
    returns_of: str = ""
    when: dict[str, Any] = {}
    part: str = ""
    role_messages: bool = False
    instructs: bool = False


class Sanitizer(_Fact, frozen=True, kw_only=True):
    """A call whose result is clean (``call``), an attribute that is (``read``), or a test, for sink kinds.

    ``guard``: a true outcome makes argument ``arg`` safe (with ``raises``, returning at all does). ``method``: a test
    method of the value itself, whatever its type. ``root`` names the argument it is compared with: nothing is proven if that
    comes from outside as well.
    """

    sinks: tuple[str, ...] = msgspec.field(name="for")
    call: str = ""
    guard: str = ""
    method: str = ""
    read: str = ""
    arg: str = "0"
    raises: bool = False
    root: str = ""
    when: dict[str, Any] = {}


class Propagator(_Fact, frozen=True, kw_only=True):
    """A call that passes on less, or elsewhere, than "every argument and the receiver reach the result"."""

    call: str
    args: str
    to: str = "result"


class Handover(_Fact, frozen=True, kw_only=True):
    """A call that calls the function it is given as ``func``, now or later, with the arguments after that one.

    ``*.name`` is a method that a decorator gives to functions of the project: ``task.delay(x)`` calls ``task``.
    ``gives``: ``result`` if the call's result is the function's, ``itself`` if it is the function. ``fills``: how many of
    the function's first parameters the call fills itself, ``types`` of which classes these are (as for sources).
    """

    call: str
    func: str = "0"
    gives: str = ""
    fills: int = 0
    types: dict[str, str] = {}


class Leave(_Fact, frozen=True, kw_only=True):
    """A call that never returns: ``if not allowed: abort(403)`` guards what follows."""

    call: str


class Tool(_Fact, frozen=True, kw_only=True):
    """What makes a function or object a tool.

    ``decorator``, ``call`` (an object; ``func`` is its implementation, or a list of them), or ``base`` (a class whose
    ``methods`` are implementations, and those that its field ``listed`` names). ``effects`` are those of ready-made tools.
    ``skip`` as for sources. ``sandboxed``: as ``when``. ``kind: registrar``: a call that takes functions and is no tool
    itself. ``root`` names the argument that limits a file tool to a folder, ``default_root`` what holds without it.
    ``holders`` are the arguments that name the agents which get the tool; else it is the object whose method is called.
    ``called`` is what a ready-made tool, or those of a tool kit, are called where a gate lists tools.
    ``box``: the argument that lists tools, of a call that makes a box of them, such as a server in the same process.
    ``parts`` are fields of the object that give none of its functions away: who reads only those has no tool.
    """

    decorator: str = ""
    call: str = ""
    base: str = ""
    holders: str = ""
    box: str = ""
    methods: tuple[str, ...] = ()
    listed: str = ""
    func: str = ""
    name: str = ""
    hints: str = ""
    effects: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    sandboxed: dict[str, Any] = {}
    kind: str = "tool"
    root: str = ""
    default_root: str = ""
    called: tuple[str, ...] = ()
    when: dict[str, Any] = {}
    parts: tuple[str, ...] = ()


class Agent(_Fact, frozen=True, kw_only=True):
    """A call that makes an agent; the fields name its arguments.

    Under ``runs`` it is a call that runs one: ``agent`` is then the agent and ``input`` its task. ``each`` names an
    argument that is a list of dicts: every one of them is an agent, and the other fields name its keys. ``keeps``: the object
    itself remembers the conversation, from one run to the next. ``wraps``: an argument that is an agent; this is that agent
    then, and what is given here is its own. ``steps`` are calls (``|`` between them) on the object that ``call`` is a method
    of or makes, or on that in the argument ``on``; ``step`` is their argument: functions, agents, models or tools that the
    agent is built from. ``decorates``: the call decorates the function that the agent is. ``remote`` is the address (or card)
    of an agent that runs elsewhere, for which this one stands.
    """

    call: str
    name: str = ""
    prompt: str = ""
    tools: str = ""
    model: str = ""
    handoffs: str = ""
    memory: str = ""
    guardrails: str = ""
    servers: str = ""
    agent: str = ""
    input: str = ""
    each: str = ""
    remote: str = ""
    effects: tuple[str, ...] = ()
    sandboxed: dict[str, Any] = {}
    keeps: bool = False
    wraps: str = ""
    steps: str = ""
    step: str = ""
    on: str = "self"
    decorates: bool = False
    when: dict[str, Any] = {}


class Effect(_Fact, frozen=True, kw_only=True):
    """What a call does to the world. ``timeout`` names the argument without which the call may wait for ever."""

    call: str
    effect: str
    timeout: str = ""
    when: dict[str, Any] = {}


class Gate(_Fact, frozen=True, kw_only=True):
    """Human approval. ``call`` with ``arg``/``when``: a gate if the arguments say so.

    ``scope``: what it covers (``tool``; ``agent``, those it is given to; ``inline`` = the code it dominates; ``repo``). An
    ``arg`` alone must be given, not be a false constant, and not be a function that always says so. ``names`` is an argument
    that lists the tools that are covered, as a dict or a list: others run unasked.
    ``answers``: the call gives back what the person said, so where nobody looks at that, nobody was asked. ``steps`` is an
    argument that lists steps of a graph instead, which calls of ``added`` put there under a name (their first argument):
    where all of them are objects made of tools, those are covered.
    """

    call: str
    scope: str
    arg: str = ""
    steps: str = ""
    added: str = ""
    answers: bool = False
    names: str = ""
    when: dict[str, Any] = {}


class Answer(_Fact, frozen=True, kw_only=True):
    """Where code answers the question whether a tool may run.

    ``call`` gives the answer yes; with ``arg``, only if that argument holds one of ``yes`` (itself, or inside lists and
    dicts that are written out). ``decides`` names an argument that is a function which answers: it always says yes if
    everything it returns is, or is made by a call of, one of ``yes``.
    """

    call: str
    arg: str = ""
    decides: str = ""
    yes: tuple[Any, ...] = (True,)


class Guardrail(_Fact, frozen=True, kw_only=True):
    """A content check: a call, a decorator, or an agent argument that is given.

    ``answers``: the call only says what it found, so that a result nobody reads checks nothing. ``listed``: the decorated
    function does nothing until an agent or a tool is given it. ``verdict``: the argument of ``call`` that says that something
    was found.
    """

    call: str = ""
    decorator: str = ""
    arg: str = ""
    answers: bool = False
    listed: bool = False
    verdict: str = ""


class Memory(_Fact, frozen=True, kw_only=True):
    """A store of an agent's memory: session, checkpointer, vector store, long-term memory.

    ``keeps``: one object holds one conversation, so that callers who share the object share what was said.
    """

    call: str
    durable: bool = False
    when: dict[str, Any] = {}
    keeps: bool = False


class Logger(_Fact, frozen=True, kw_only=True):
    """Observability: a call (or its use as a decorator), an import or an environment variable that makes something record.

    ``default``: using the package is enough.
    """

    call: str = ""
    when: dict[str, Any] = {}
    imports: str = ""
    env: str = ""
    scope: str = "repo"
    default: bool = False


class Throttle(_Fact, frozen=True, kw_only=True):
    """Something that bounds how much callers may ask for: requests, tokens, money."""

    call: str = ""
    imports: str = ""


class Switch(_Fact, frozen=True, kw_only=True):
    """A literal that turns a protection off. ``kind`` is what rules ask for; ``say`` completes the message."""

    kind: str
    call: str = ""
    arg: str = ""
    assign: str = ""
    env: str = ""
    equals: Any = None
    one_of: tuple[Any, ...] = msgspec.field(default=(), name="in")
    truthy: bool = False
    absent: bool = False
    when: dict[str, Any] = {}
    say: str = ""


class Server(_Fact, frozen=True, kw_only=True):
    """A call that serves agents, tools or models over the network; the fields name its arguments.

    ``origins`` is the argument that limits which hosts and origins may call; ``origins_since`` the version of the package
    from which it does so by itself on the loopback address (empty: never). ``port`` and ``default_port`` say where an agent
    (``app``) is served, so that others that stand for it are known to be it.
    """

    call: str
    kind: str
    port: str = ""
    default_port: int = 0
    host: str = ""
    default_host: str = ""
    transport: str = ""
    network: tuple[str, ...] = ()
    auth: str = ""
    app: str = ""
    origins: str = ""
    origins_since: str = ""


class Auth(_Fact, frozen=True, kw_only=True):
    """A call, decorator or argument that authenticates requests; with ``covers: origins`` it only tests where from they come."""

    call: str
    arg: str = ""
    when: dict[str, Any] = {}
    covers: Literal["callers", "origins"] = "callers"


class Limit(_Fact, frozen=True, kw_only=True):
    """A bound on an agent loop: ``arg`` of ``call``.

    ``default`` holds when absent (``null`` = none), ``max`` is the largest that still is one, ``min`` the smallest: what is
    less means "without end".
    """

    call: str
    arg: str
    default: Any = None
    max: int = 200
    min: int = 1


class SharedState(_Fact, frozen=True, kw_only=True):
    """A call by which functions share a state: a table of named values that each reads and adds to.

    It ``makes`` the graph that they are nodes of; makes of the functions in ``arg`` nodes, which are called with the state as
    parameter ``param`` and ``share`` what they give back; ``fills`` the state from ``arg`` when a run begins; or ``wraps`` what a
    node gives back, in ``arg``. A decorator ``hands`` its function messages that other functions of the program made.
    """

    call: str
    does: Literal["makes", "shares", "fills", "wraps", "hands"]
    arg: str = ""
    param: str = "0"


class Convention(_Fact, frozen=True, kw_only=True):
    """How projects that build their own framework mark a tool, by the names they use for it.

    Exactly one of ``folder`` (a folder whose documented public functions nothing calls), ``decorator`` (the last name of a
    decorator of the project's own), ``returns`` (the last name of a class that such a function is annotated to return),
    ``described`` (the key of a dict in an agent's list of tools that holds the name of the function that does it), or,
    of classes: ``schema`` (a field that describes the input of what has a name and a description), ``describes`` (a method
    that makes what a model is told of the tool; ``params``: of one that has a name) and ``runs`` (the method that runs it).
    """

    folder: str = ""
    described: str = ""
    decorator: str = ""
    returns: str = ""
    schema: str = ""
    describes: str = ""
    params: str = ""
    runs: str = ""


class Expect(_Fact, frozen=True, kw_only=True):
    """A line of code that tests this model: ``finds`` is ``group:kind`` or ``none``."""

    code: str
    finds: str


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A model file. ``approval`` says, after "to ask a person first:", how the package does it.

    ``advice`` says the same of the other topics that ``kinds.yaml`` lists. Rules name the topics that mend what they find.
    """

    package: str
    imports: tuple[str, ...]
    checked: dict[str, str]
    approval: str = ""
    advice: dict[str, str] = {}
    aliases: dict[str, str] = {}
    sources: tuple[Source, ...] = ()
    sinks: tuple[Sink, ...] = ()
    sanitizers: tuple[Sanitizer, ...] = ()
    propagators: tuple[Propagator, ...] = ()
    handovers: tuple[Handover, ...] = ()
    shared_states: tuple[SharedState, ...] = ()
    leaves: tuple[Leave, ...] = ()
    tools: tuple[Tool, ...] = ()
    agents: tuple[Agent, ...] = ()
    runs: tuple[Agent, ...] = ()
    effects: tuple[Effect, ...] = ()
    gates: tuple[Gate, ...] = ()
    answers: tuple[Answer, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    memories: tuple[Memory, ...] = ()
    loggers: tuple[Logger, ...] = ()
    switches: tuple[Switch, ...] = ()
    servers: tuple[Server, ...] = ()
    auth: tuple[Auth, ...] = ()
    limits: tuple[Limit, ...] = ()
    throttles: tuple[Throttle, ...] = ()
    conventions: tuple[Convention, ...] = ()
    expect: tuple[Expect, ...] = ()
