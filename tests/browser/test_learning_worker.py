"""The browser's own training in a real page from a file: in a worker, which leaves the page free."""

import subprocess

import pytest

from tests.web.learning_node import WEB, node

POLICY = "default-src 'none'; script-src 'unsafe-inline'; worker-src blob:"


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    vite = [node(), "node_modules/vite/bin/vite.js", "build", "--config", "test/learning/page.config.ts"]
    subprocess.run([*vite, "--outDir", str(folder), "--emptyOutDir"], cwd=WEB, check=True, capture_output=True)
    return (folder / "page.js").read_text()


def test_a_training_from_a_file_leaves_the_page_free(browser, script, tmp_path):
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    (tmp_path / "page.html").write_text(f"<!doctype html>{policy}<script>{script}</script>")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    found = page.evaluate("learning.train()")
    page.close()
    assert (found["answer"]["state"], found["answer"]["held_out"]["accuracy"]) == ("done", 1)
    assert found["frames"] >= 10  # of a page that is blocked there are none
    assert sorted(found["words"]) == ["0", "1", "<pad>", "<unk>"]
