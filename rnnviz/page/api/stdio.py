"""MCP without a server: a program starts this one, writes messages to it and reads the replies, one a line."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import orjson

from rnnviz.page.api import mcp
from rnnviz.page.error_replies import raised_at
from rnnviz.page.service import Service

_log = logging.getLogger(__name__)


def answer_lines(folder: Path, indexes: Iterable[Path], messages: IO[bytes], replies: IO[bytes]) -> None:
    """Answer until the messages end.

    Args:
        folder: Holds the checkpoints, one folder each.
        indexes: Folders of texts that these read (``rnnviz index``).
        messages: Where they come from.
        replies: Where they go to.
    """
    service = Service(folder, index_folders=indexes)
    for line in messages:
        reply = _reply(service, line)
        if reply.message:
            replies.write(reply.message + b"\n")
            replies.flush()


def _reply(service: Service, line: bytes) -> mcp.Reply:
    dealt = mcp.dealt_with(line)
    if isinstance(dealt, mcp.Reply):
        return dealt
    try:
        answer = getattr(service, dealt.tool.question)(dealt.question)
        return dealt.reply(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY))
    except Exception as error:
        _log.error("%s at %s", type(error).__name__, raised_at(error))
        return dealt.failed()
