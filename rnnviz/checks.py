"""The public name of ``rnnviz.checkpoint.checks``."""

from rnnviz.checkpoint.checks import CHECKS as CHECKS, Parts as Parts, logits as logits
