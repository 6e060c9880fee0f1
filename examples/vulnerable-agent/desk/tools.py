"""What the agent can do."""

import sqlite3
import subprocess

import httpx
import stripe
from agents import function_tool

DATABASE = "desk.db"


@function_tool
def find_orders(customer: str) -> list[tuple[str, str]]:
    """List a customer's orders with their states."""
    with sqlite3.connect(DATABASE) as db:
        return db.execute(f"SELECT id, state FROM orders WHERE customer = '{customer}'").fetchall()


@function_tool
def check_carrier(host: str) -> str:
    """Say whether a carrier's tracking service answers."""
    return subprocess.run(f"ping -c 1 {host}", shell=True, capture_output=True, text=True).stdout


@function_tool
def add_up(expression: str) -> str:
    """Work out the sum of an invoice, for example 12.50 + 3 * 4."""
    return str(eval(expression))


@function_tool
def read_attachment(name: str) -> str:
    """Return the text of a file that the customer attached."""
    with open("attachments/" + name) as file:
        return file.read()


@function_tool
def tracking_page(url: str) -> str:
    """Return the text of a carrier's tracking page."""
    return httpx.get(url, verify=False).text


@function_tool
def refund(payment: str, cents: int) -> str:
    """Give money back to the customer."""
    return stripe.Refund.create(payment_intent=payment, amount=cents).status
