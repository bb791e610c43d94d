"""The page: ``python app.py``, and what a Hugging Face Space runs. Needs only requirements.txt."""

import sys

try:
    import spaces  # before torch, which it changes on Hugging Face's ZeroGPU machines
except ImportError:  # anywhere else
    spaces = None

from rnnviz.errors import RnnvizError
from rnnviz.page.serving import serve

if spaces:

    @spaces.GPU  # type: ignore[untyped-decorator]
    def never_called() -> None:
        """ZeroGPU stops a program in which no function asks for a GPU. These networks are read on the CPU."""


if __name__ == "__main__":
    try:
        serve()
    except (RnnvizError, OSError) as error:  # a port that is taken, a checkpoint that is missing
        sys.exit(str(error))
