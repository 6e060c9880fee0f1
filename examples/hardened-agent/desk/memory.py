"""Conversations, kept between visits: one JSON file for each customer."""

import json
from pathlib import Path

from desk.customer import Customer

FOLDER = Path("conversations")


def load(customer: Customer) -> list[dict[str, str]]:
    file = FOLDER / f"{customer.id:d}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []


def save(customer: Customer, messages: list[dict[str, str]]) -> None:
    (FOLDER / f"{customer.id:d}.json").write_text(json.dumps(messages), encoding="utf-8")
