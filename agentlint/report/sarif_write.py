"""Writing the sarif_om object model as JSON.

The serialiser that comes with the model copies every subtree (a minute for 25,000 results) and calls a suppression's
``status`` by a draft's name, so this one reads the model's own table of property names, once for each class.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

# The final schema renamed these properties after the model was generated.
_RENAMED = {("Suppression", "state"): "status"}
# Written even when they hold the default: readers should not have to know the defaults.
_ALWAYS = frozenset({"level", "executionSuccessful"})
_LEAVES = frozenset({str, int, float, bool})
Fields: TypeAlias = "tuple[tuple[str, str, Any], ...]"


@cache
def _fields(cls: type) -> Fields | None:
    """Return attribute, JSON name and default for each field of a model class, ``None`` for another class."""
    import attr

    if not attr.has(cls):
        return None
    fields = []
    for field in attr.fields(cls):
        name = field.metadata["schema_property_name"]
        default = field.default
        if isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        fields.append((field.name, _RENAMED.get((cls.__name__, name), name), None if name in _ALWAYS else default))
    return tuple(fields)


def plain(value: Any) -> Any:
    """Return a model object as plain maps and lists, without fields that are ``None`` or hold the default.

    The model's nesting is fixed (about ten levels), so recursion is bounded whatever was scanned.
    """
    cls: Any = type(value)
    if cls in _LEAVES:
        return value
    if cls is list:
        return [plain(item) for item in value]
    fields: Fields | None = _fields(cls)
    if fields is None:
        return value
    data = {}
    held = value.__dict__
    for name, json_name, default in fields:
        item = held[name]
        if item is not None and (default is None or item != default):
            data[json_name] = item if type(item) in _LEAVES else plain(item)
    return data
