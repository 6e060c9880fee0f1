"""Conversations, kept between visits."""

import pickle
from pathlib import Path


def load(customer: str) -> list[dict[str, str]]:
    file = Path("conversations") / f"{customer}.pickle"
    return pickle.loads(file.read_bytes()) if file.exists() else []


def save(customer: str, messages: list[dict[str, str]]) -> None:
    (Path("conversations") / f"{customer}.pickle").write_bytes(pickle.dumps(messages))
