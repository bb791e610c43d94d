"""The public name of ``rnnviz.analysis.claims``."""

from rnnviz.analysis.claims import (
    Flag as Flag,
    Flags as Flags,
    Gate as Gate,
    Masks as Masks,
    flags as flags,
    is_flag as is_flag,
    masks as masks,
    masks_in as masks_in,
)
