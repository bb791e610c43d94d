"""The public name of ``rnnviz.convert.foreign``."""

from rnnviz.convert.foreign import read_foreign as read_foreign
