"""Before a release: is the tag the version, has the changelog its date, does CITATION.cff say the same?

`python .ci/release.py v0.2.0`. Needs no package.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def problems(tag: str, root: Path = ROOT) -> list[str]:
    """What does not agree with the tag, a sentence each."""
    version = tag.removeprefix("v")
    code, changes, citation = (
        (root / name).read_text(encoding="utf-8") for name in ("rnnviz/__init__.py", "CHANGELOG.md", "CITATION.cff")
    )
    date = re.search(rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$", changes, re.MULTILINE)
    checks = {
        f"the tag {tag} is not of the form v1.2.3": re.fullmatch(r"v\d+\.\d+\.\d+", tag),
        f"rnnviz/__init__.py does not say __version__ = {version}": f'__version__ = "{version}"' in code,
        f"CHANGELOG.md has no line '## [{version}] - YYYY-MM-DD'": date,
        f"CITATION.cff does not say version: {version}": f"\nversion: {version}\n" in citation,
        "CITATION.cff has another date than CHANGELOG.md": not date or f"\ndate-released: {date[1]}\n" in citation,
    }
    return [sentence for sentence, holds in checks.items() if not holds]


if __name__ == "__main__":
    sys.exit("\n".join(problems(sys.argv[1])) or None)
