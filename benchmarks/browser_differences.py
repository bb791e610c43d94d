"""How far the browser's readings are from PyTorch's: each shipped network, 1,000 sentences of its own words.

``python benchmarks/browser_differences.py [NAME ...]`` prints the largest difference of each network, or of those that
are named, of all signals and answers, as a share of the value where that is larger than 1, and writes them into
``rnnviz/page/differences.json`` by the hash of the weights. The page's receipt says them;
``tests/web/test_differences.py`` holds other sentences against them. It needs Node.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rnnviz.checkpoint.folder import load  # noqa: E402
from rnnviz.page.network_files import DIFFERENCES  # noqa: E402
from tests.web.differences import LONGEST, difference  # noqa: E402
from tests.web.engine import Engine, missing  # noqa: E402
from tests.web.texts import sentence  # noqa: E402

SENTENCES = 1_000


def main() -> None:
    """Measure, print, write."""
    if problem := missing():
        sys.exit(f"This needs Node and the packages of web/: {problem}.")
    named = sys.argv[1:]
    found = json.loads(DIFFERENCES.read_text(encoding="utf-8")) if named else {}
    with tempfile.TemporaryDirectory() as built:
        engine = Engine(Path(built))
        for config in sorted((ROOT / "checkpoints").glob("*/config.json")):
            if named and config.parent.name not in named:
                continue
            source = random.Random(0)
            checkpoint = load(config.parent)
            texts = [sentence(checkpoint.vocabulary, source.randint(1, LONGEST), source) for _ in range(SENTENCES)]
            most = max(difference(engine, checkpoint, config.parent, text) for text in texts)
            found[json.loads(config.read_text(encoding="utf-8"))["weights_sha256"]] = float(f"{most:.2g}")
            print(f"{config.parent.name:20} {most:.1e}", flush=True)
        engine.close()
    DIFFERENCES.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
