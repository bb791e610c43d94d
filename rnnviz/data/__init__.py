"""Labelled texts: files and data sets, their tokens and vocabulary, generated tasks.

In order: ``csv_files`` (a table, checked line by line), ``formats`` (what its columns mean), ``spelling`` (what undoes
a data set's own spelling), ``datasets`` (all three together), ``tasks`` (generated), ``text`` (tokens, vocabulary, word
vectors) and ``vector_file`` (the file that those vectors come from).
"""
