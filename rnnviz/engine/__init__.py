"""How capture comes by every signal: columns of tokens, the routes through a module, and one layer on each route.

From the outside in: ``routes`` (all layers and directions), then one layer and direction, by ``walk`` (batches),
``one_text`` with ``numpy_loops`` or ``numba_loops`` (one text), or ``recover`` (after PyTorch's own kernel). They share
``columns`` (the rows of each step), ``holds`` (signals that are held) and ``vocabulary_table``. ``stack`` says with
which weights a module computes. For foreign models (``watch``), ``kernels`` sees what a forward of its own calls,
``stitching`` makes readings of cells' calls, and ``receipt`` compares signals with what the module gave.
"""
