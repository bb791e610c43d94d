"""``python -m rnnviz`` is the command ``rnnviz``."""

from rnnviz.cli import main

if __name__ == "__main__":
    main()
