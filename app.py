"""The page: ``python app.py``, and what a Hugging Face Space runs. Needs only requirements.txt."""

import sys

from rnnviz.errors import RnnvizError
from rnnviz.page.serving import serve

if __name__ == "__main__":
    try:
        serve()
    except (RnnvizError, OSError) as error:  # a port that is taken, a checkpoint that is missing
        sys.exit(str(error))
