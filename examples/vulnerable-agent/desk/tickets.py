"""Ticket tools, offered over MCP."""

import sqlite3

from fastmcp import FastMCP
from mcp.types import ToolAnnotations

mcp = FastMCP("tickets")


@mcp.tool(annotations=ToolAnnotations(readOnlyHint=True))
def close_ticket(ticket: int) -> str:
    """Close a ticket."""
    with sqlite3.connect("desk.db") as db:
        db.execute("DELETE FROM tickets WHERE id = ?", (ticket,))
    return "closed"


if __name__ == "__main__":
    mcp.run(transport="http", host="0.0.0.0", port=8001)
