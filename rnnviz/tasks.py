"""Generated tasks with exact labels, small enough to train while a class watches.

The public name of ``rnnviz.data.tasks``, which describes each task.

Example:
    >>> rnnviz.tasks.TASKS
    ('recall', 'brackets', 'parity', 'negation', 'opinions')
    >>> rnnviz.tasks.generate("brackets", rows=50, length=8).texts[0]
    '( ( ( ( ) ) )'
"""

from rnnviz.data.tasks import TASKS as TASKS, generate as generate
