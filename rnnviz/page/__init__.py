"""The Gradio page: what it looks like (``layout``), what it answers (``service``), how it starts (``serving``)."""
