"""The hash that names contents. ``hashlib`` loads OpenSSL, which takes longer than scanning a small file."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter without it, where hashlib knows a replacement
    from hashlib import blake2b

__all__ = ["blake2b"]
