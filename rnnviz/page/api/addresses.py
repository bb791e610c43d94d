"""The addresses of the API, which the guard opens where it is on."""

from typing import NamedTuple

from rnnviz.page.handlers import API, Handler

PREFIX = "/api/v1/"
OPENAPI = f"{PREFIX}openapi.json"
MCP = "/mcp"
HEALTH = "/healthz"


class Tool(NamedTuple):
    """A question as a program knows it.

    Attributes:
        name: Of the tool over MCP, and the end of its address over HTTP.
        question: The row of ``API``.
    """

    name: str
    question: str

    @property
    def handler(self) -> Handler:
        """How it is dealt with."""
        return API[self.question]

    @property
    def method(self) -> str:
        """GET if nothing is sent with it."""
        return "POST" if self.handler.request.model_fields else "GET"


TOOLS = {f"{PREFIX}{name}": Tool(name, f"api_{name}") for name in (key.removeprefix("api_") for key in API)}
"""By address."""

METHODS = {address: tool.method for address, tool in TOOLS.items()} | {OPENAPI: "GET", MCP: "POST"}
"""The one method of each address."""
