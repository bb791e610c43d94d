"""The public name of ``rnnviz.data.tasks``."""

from rnnviz.data.tasks import TASKS as TASKS, generate as generate
