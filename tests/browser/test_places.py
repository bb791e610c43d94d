"""The page where others put it: behind a real nginx, in other sites' frames, by names that lead to it."""

import http.server
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.server import free_port, reached, served

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
NAME = "rnnviz.localhost"  # to a browser, and by the laws of names, below localhost all names are this machine
CONFIGURATION = """
daemon off; pid nginx.pid; error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    server {{
        listen 127.0.0.1:{port};
        location /rnnviz/ {{
            proxy_pass http://127.0.0.1:{page}/;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
        location /kept/ {{
            proxy_pass http://127.0.0.1:{page};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
        location = /noslash {{
            proxy_pass http://127.0.0.1:{page}/;
            proxy_set_header Host $host;
        }}
        location /noslash/ {{
            proxy_pass http://127.0.0.1:{page}/;
            proxy_set_header Host $host;
        }}
        location /told/nothing/ {{ proxy_pass http://127.0.0.1:{page}/; }}
        location / {{
            proxy_pass http://127.0.0.1:{page};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def page_server(log: Path) -> Iterator[str]:
    """The page as behind a proxy, and for one course site's frames; training is left to what the server makes of it."""
    options = ("--allow-host", NAME, "--root-path", "/kept", "--frame-ancestors", "http://course.localhost:*")
    with log.open("ab") as out, served(out, "-m", "rnnviz", "serve", *options) as url:
        yield url


@pytest.fixture(scope="module")
def nginx(page_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real nginx before the page."""
    if NGINX is None:
        pytest.skip("nginx is not installed here")
    folder = tmp_path_factory.mktemp("nginx")
    port, page = free_port(), page_server.rpartition(":")[2]
    (folder / "nginx.conf").write_text(CONFIGURATION.format(port=port, page=page))
    running = subprocess.Popen([NGINX, "-p", folder, "-c", "nginx.conf", "-e", "stderr"])
    try:
        reached(f"http://127.0.0.1:{port}/healthz", running)
        yield f"http://{NAME}:{port}"
    finally:
        running.terminate()
        running.wait(60)


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open an address in a window of its own."""
    context = browser.new_context()

    def at(url: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        return page

    yield at
    context.close()


def reads(page: Page | Frame) -> None:
    """The first picture is drawn, and what is typed is read by the server and drawn."""
    page.wait_for_selector(".rv-page[data-state=shown]")
    page.locator("#rv-text").fill("a name that leads here")
    expect(page.locator(".rv-word").nth(4)).to_contain_text("here")
    page.wait_for_function("document.querySelectorAll('.rv-word').length === 5")
    page.wait_for_selector(".rv-page[data-state=shown]")


def offers_training(page: Page) -> bool:
    """Whether the server trains for this visitor: on a file of his own. Tasks train in his browser anyway."""
    page.locator(".rv-view-tabs [data-tab=train]").click()
    page.locator("#rv-train-task option").first.wait_for(state="attached")
    return page.locator("#rv-train-task option[value='']").count() > 0


@pytest.mark.parametrize("path", ["/", "/rnnviz/", "/kept/", "/told/nothing/"])
def test_behind_nginx_the_page_reads_below_any_path_and_trains_nothing(nginx, look, path):
    asked: list[str] = []
    failed: list[tuple[int, str]] = []
    page = look("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and failed.append((answer.status, answer.url)))
    page.goto(f"{nginx}{path}")
    reads(page)
    assert not offers_training(page)
    assert [url for url in asked if not url.startswith((f"{nginx}{path}", "blob:", "data:"))] == []
    assert failed == []


def test_below_a_path_without_its_slash_the_page_is_found(nginx, look):
    for path in ("/rnnviz", "/kept", "/noslash"):
        page = look(f"{nginx}{path}")
        page.wait_for_selector(".rv-page[data-state=shown]")
        assert page.url == f"{nginx}{path}/"


def test_a_server_behind_a_proxy_has_no_owner(page_server, look):
    page = look(page_server)
    reads(page)
    assert not offers_training(page)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_owner_at_the_machine_trains_at_once(address, look, name):
    page = look(address.replace("127.0.0.1", name))
    reads(page)
    assert offers_training(page)
    page.locator(".rv-train").get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector("[data-state=running], [data-state=done]")


def test_by_a_name_that_somebody_made_to_lead_here_there_is_one_sentence(page_server, look):
    page = look(page_server.replace("127.0.0.1", "evil.localhost"))
    assert "--allow-host NAME" in page.locator("body").inner_text()


class Site(http.server.SimpleHTTPRequestHandler):
    """A course site: a page with ours in a frame."""

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def course(tmp_path: Path, page_server: str) -> Iterator[Callable[[str], str]]:
    """A site of another origin; its address by a name, for a page that frames another."""
    site = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), partial(Site, directory=str(tmp_path)))
    threading.Thread(target=site.serve_forever, daemon=True).start()

    def framing(name: str) -> str:
        (tmp_path / "lesson.html").write_text(f"<iframe src='{page_server}' width=1200 height=700></iframe>")
        return f"http://{name}:{site.server_port}/lesson.html"

    yield framing
    site.shutdown()
    site.server_close()


def test_a_course_site_that_was_named_shows_the_page_in_a_frame(look, course):
    page = look(course("course.localhost"))
    frame = page.locator("iframe").element_handle().content_frame()
    reads(frame)


def test_another_site_does_not(look, course):
    page = look("about:blank")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(course("other.localhost"))
    frame = page.locator("iframe").element_handle().content_frame()
    until = time.monotonic() + PATIENCE / 1_000
    while not any("frame-ancestors" in text for text in said) and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert any("frame-ancestors" in text for text in said)
    assert frame.locator(".rv-page").count() == 0
