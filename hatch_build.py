"""What a wheel holds beside the package: each file of a shipped network that checkpoints/SHA256SUMS lists."""

import hashlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER, SUMS = "checkpoints", "SHA256SUMS"


class ShippedNetworks(BuildHookInterface):
    """Puts ``checkpoints/`` into ``rnnviz/checkpoints/`` of a wheel; an editable install has it beside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files; refuse one that is not what the list says."""
        if version == "editable":
            return
        folder = Path(self.root) / FOLDER
        names = [SUMS]
        for line in (folder / SUMS).read_text(encoding="ascii").splitlines():
            wanted, _, name = line.partition("  ")
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
                raise ValueError(f"{FOLDER}/{name} is not the file that {FOLDER}/{SUMS} lists.")
            names.append(name)
        build_data["force_include"] |= {str(folder / name): f"rnnviz/{FOLDER}/{name}" for name in names}
