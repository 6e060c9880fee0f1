"""Caps on what is read from a scanned tree. Passing one is reported, never silent."""

from __future__ import annotations

MAX_FILE_BYTES = 5_000_000
MAX_DEPTH = 200
MAX_NODES = 400_000
MAX_FILES = 200_000
MAX_LINE_FOR_REGEX = 20_000
MAX_SNIPPET = 400
