"""The page: ``python app.py``, and what a Hugging Face Space runs. Needs only requirements.txt."""

from pathlib import Path

from rnnviz.page.serving import serve

if __name__ == "__main__":
    serve(Path(__file__).parent / "checkpoints")
