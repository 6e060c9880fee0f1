"""What the agent can do. Whatever a tool is given was chosen by a model, so each tool checks it."""

import logging
import sqlite3
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import httpx
import stripe
from agents import RunContextWrapper, function_tool

from desk.customer import Customer

log = logging.getLogger(__name__)
DATABASE = "desk.db"
ATTACHMENTS = Path("attachments").resolve()
CARRIERS = {"post": "track.post.example", "courier": "track.courier.example"}


@function_tool
def find_orders(context: RunContextWrapper[Customer]) -> list[tuple[str, str]]:
    """List the customer's orders with their states."""
    log.info("find_orders customer=%s", context.context.id)
    with sqlite3.connect(DATABASE) as db:
        return db.execute("SELECT id, state FROM orders WHERE customer = ?", (context.context.id,)).fetchall()


@function_tool
def check_carrier(carrier: Literal["post", "courier"]) -> bool:
    """Say whether a carrier's tracking service answers."""
    log.info("check_carrier carrier=%s", carrier)
    return subprocess.run(["ping", "-c", "1", CARRIERS[carrier]], capture_output=True, timeout=5).returncode == 0


@function_tool
def add_up(cents: list[int]) -> str:
    """Work out the sum of an invoice."""
    return str(Decimal(sum(cents)) / 100)


@function_tool
def read_attachment(name: str) -> str:
    """Return the text of a file that the customer attached."""
    file = (ATTACHMENTS / name).resolve()
    if not file.is_relative_to(ATTACHMENTS):
        raise ValueError("attachments live in one folder")
    log.info("read_attachment file=%s", file.name)
    return file.read_text(encoding="utf-8")


@function_tool
def tracking_page(number: str) -> str:
    """Return the text of a parcel's tracking page."""
    log.info("tracking_page")
    return httpx.get(f"https://track.post.example/parcels/{quote(number, safe='')}", timeout=5).text


@function_tool(needs_approval=True)
def refund(payment: str, cents: int) -> str:
    """Give money back to the customer, once a colleague has agreed."""
    log.info("refund cents=%d", cents)
    return stripe.Refund.create(payment_intent=payment, amount=cents).status
