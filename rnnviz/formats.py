"""The public name of ``rnnviz.data.formats``."""

from rnnviz.data.formats import (
    FORMATS as FORMATS,
    ClassName as ClassName,
    DataFormat as DataFormat,
    named_format as named_format,
)
