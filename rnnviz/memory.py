"""The public name of ``rnnviz.analysis.memory``."""

from rnnviz.analysis.memory import Contributions as Contributions, contributions as contributions, ledger as ledger
