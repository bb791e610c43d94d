"""The API for programs, beside the page: reading and holding over HTTP with JSON, and as tools over MCP.

Its questions are rows of the same table as the page's (``rnnviz.page.handlers``), and wait in the same lanes.
"""
