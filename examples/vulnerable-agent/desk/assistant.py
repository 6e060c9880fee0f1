"""The agent."""

from agents import Agent, Runner, set_tracing_disabled

from desk import tools

set_tracing_disabled(True)

TOOLS = [
    tools.find_orders,
    tools.check_carrier,
    tools.add_up,
    tools.read_attachment,
    tools.tracking_page,
    tools.refund,
]


async def answer(about: str, messages: list[dict[str, str]]) -> str:
    agent = Agent(
        name="Parcel desk",
        instructions=f"You help the customers of a parcel service. What the customer says of themselves: {about}",
        tools=TOOLS,
    )
    result = await Runner.run(agent, messages, max_turns=None)
    return result.final_output
