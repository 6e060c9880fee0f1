"""Ticket tools, offered over MCP to callers with a verified token."""

import logging
import sqlite3

from fastmcp import Context, FastMCP
from fastmcp.server.auth.providers.jwt import JWTVerifier
from mcp.types import ToolAnnotations

log = logging.getLogger(__name__)
mcp = FastMCP(
    "tickets",
    auth=JWTVerifier(
        jwks_uri="https://login.parcel-desk.example/jwks.json",
        issuer="https://login.parcel-desk.example",
        audience="tickets",
    ),
)


@mcp.tool(annotations=ToolAnnotations(readOnlyHint=False, destructiveHint=True))
async def close_ticket(ticket: int, context: Context) -> str:
    """Close a ticket, once the person at the other end has agreed."""
    agreed = await context.elicit(f"Close ticket {ticket:d} for good?", response_type=None)
    if agreed.action != "accept":
        return "left open"
    log.info("close_ticket ticket=%d", ticket)
    with sqlite3.connect("desk.db") as db:
        db.execute("DELETE FROM tickets WHERE id = ?", (ticket,))
    return "closed"


if __name__ == "__main__":
    mcp.run(transport="http", host="127.0.0.1", port=8001)
