"""The English sentences of the objections that the engine in the browser makes, in TypeScript.

    python -m rnnviz.page.engine_messages > web/src/engine/messages.ts

They are those of ``rnnviz.errors``; a test holds the file to what is made here.
"""

import json
import sys

from rnnviz.errors import MESSAGES

_HEAD = "// Made from rnnviz/errors.py by `python -m rnnviz.page.engine_messages`: what the engine may object.\n"

KEYS = (
    "unknown_name",
    "layer_range",
    "opened_place",
    "clamp_place",
    "clamp_range",
    "hold_form",
    "hold_state",
    "attribution_whole",
    "holds_many",
    "checkpoint_missing",
    "checkpoint_lfs",
    "checkpoint_large",
    "checkpoint_damaged",
    "checkpoint_line_ends",
    "checkpoint_header",
    "checkpoint_config",
    "checkpoint_weights",
    "checkpoint_nonfinite",
    "checkpoint_vocabulary",
    "checkpoint_probe",
    "text_long",
    "upload_lost",
    "training_nan",
    "training_range",
    "training_line",
    "training_gone",
    "training_broke",
)


def typescript() -> str:
    """The whole file."""
    rows = [f"  {key}:\n    {json.dumps(MESSAGES[key], ensure_ascii=False)}," for key in KEYS]
    table = [
        "// biome-ignore format: one sentence a line",
        "export const MESSAGES = {",
        *rows,
        "} as const;",
        "",
        "export type MessageKey = keyof typeof MESSAGES;",
    ]
    return "\n".join([_HEAD, *table, ""])


if __name__ == "__main__":
    sys.stdout.buffer.write(typescript().encode())
