"""The options of ``rnnviz serve``, and the environment that stands in for them."""

import pytest

from rnnviz.errors import SettingError
from rnnviz.page.serve_options import ServeOptions, serve_options

EVERYWHERE = "0.0.0.0"  # noqa: S104


def from_environment(**environment):
    return serve_options(environment=environment)


def test_without_a_word_the_page_is_for_this_machine():
    assert from_environment() == ServeOptions()
    assert ServeOptions() == ServeOptions(
        host="127.0.0.1",
        port=None,
        allow_hosts=(),
        root_path="",
        frame_ancestors=(),
        training=None,
        space="",
        api=False,
    )


def test_the_environment_says_all_that_the_options_say():
    said = {
        "RNNVIZ_HOST": EVERYWHERE,
        "PORT": "8000",
        "RNNVIZ_ALLOW_HOSTS": "school.example, *.class.example,\tlab.example",
        "RNNVIZ_ROOT_PATH": "/rnnviz",
        "RNNVIZ_FRAME_ANCESTORS": "https://moodle.example.org  https://other.example",
        "RNNVIZ_TRAINING": "No",
        "RNNVIZ_API": "yes",
    }
    found = serve_options(environment=said)
    assert found == serve_options(
        host=EVERYWHERE,
        port=8000,
        allow_hosts=["school.example", "*.class.example", "lab.example"],
        root_path="/rnnviz/",
        frame_ancestors=["https://moodle.example.org/", "https://other.example"],
        training=False,
        api=True,
        environment={},
    )
    assert found.training is False
    assert found.api is True
    assert found.allow_hosts[1] == "*.class.example"


@pytest.mark.parametrize("empty", ["", " "])
def test_a_variable_that_is_set_to_nothing_says_nothing(empty):
    """An empty host would be every address."""
    names = ("HOST", "ALLOW_HOSTS", "ROOT_PATH", "FRAME_ANCESTORS", "TRAINING", "API")
    others = ("GRADIO_SERVER_NAME", "PORT", "GRADIO_SERVER_PORT", "SPACE_ID", "SPACE_HOST")
    assert from_environment(**dict.fromkeys((*(f"RNNVIZ_{name}" for name in names), *others), empty)) == ServeOptions()
    assert from_environment(RNNVIZ_HOST=empty, GRADIO_SERVER_NAME=EVERYWHERE).host == EVERYWHERE


def test_an_option_goes_before_the_environment():
    said = {
        "RNNVIZ_HOST": EVERYWHERE,
        "PORT": "1",
        "RNNVIZ_ALLOW_HOSTS": "a.example",
        "RNNVIZ_ROOT_PATH": "/a",
        "RNNVIZ_FRAME_ANCESTORS": "https://a.example",
        "RNNVIZ_TRAINING": "yes",
        "RNNVIZ_API": "yes",
    }
    given = {"host": "", "port": 9, "allow_hosts": ("b.example",), "root_path": "", "frame_ancestors": ("b.example",)}
    assert serve_options(**given, training=False, api=False, environment=said) == ServeOptions(
        "", 9, ("b.example",), "", ("b.example",), False
    )


def test_the_port_is_port_before_gradio_server_port():
    assert from_environment(GRADIO_SERVER_PORT="9000").port == 9000
    assert from_environment(GRADIO_SERVER_PORT="9000", PORT="8000").port == 8000
    assert from_environment(PORT="").port is None


def test_a_space_is_known_by_its_host_and_owned_by_nobody():
    found = from_environment(
        SPACE_ID="somebody/page", SPACE_HOST="somebody-page.hf.space", GRADIO_SERVER_NAME=EVERYWHERE
    )
    assert found.host == EVERYWHERE
    assert found.visitors.owned is False
    assert set(found.visitors.names) == {"somebody-page.hf.space", "*.hf.space"}
    assert from_environment().visitors.owned
    assert list(from_environment().visitors.names) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("School.Example.", "school.example"),
        ("school.example:8443", "school.example"),
        ("*.School.example", "*.school.example"),
        ("*", "*"),
        ("192.168.1.20", "192.168.1.20"),
        ("fd00:0::5", "fd00::5"),
        ("[FD00::5]:7860", "fd00::5"),
        ("σχολείο.example", "xn--kxalrpdt2a.example"),
    ],
)
def test_a_host_is_allowed_as_browsers_name_it(said, meant):
    assert serve_options(allow_hosts=[said], environment={}).allow_hosts == (meant,)


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        *(("allow_hosts", [text]) for text in ("", "https://school.example", "school.example/x", "a b", "x" * 300)),
        *(("allow_hosts", [text]) for text in ("*.", "a*.example", "user@school.example", "..\udcff", "..σ")),
        *(("root_path", text) for text in ("rnnviz", "//", "/a//b", "/../x", "/a/..", "/./", "/a b", "/a\n", "/a?b")),
        *(("root_path", text) for text in ("https://school.example/rnnviz", "/é", "/a%2e")),
        *(("frame_ancestors", [text]) for text in ("", "*", "'none'", "https:", "https://", "ftp://a.example")),
        *(
            ("frame_ancestors", [f"https://a.example{more}"])
            for more in ("; script-src *", "\n", "\r\nX: y", " b", ",b")
        ),
        *(("frame_ancestors", [f"https://a.example{more}"]) for more in (";", "/x", "?y", "\x00", ":port", "é", "'")),
    ],
)
def test_an_option_that_means_nothing_is_said_in_a_sentence(option, wrong):
    with pytest.raises(SettingError, match=r"^['\"].*['\"] is no .*\.\nPass "):
        serve_options(**{option: wrong}, environment={})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("PORT", text) for text in ("abc", "0", "70000", "-1", "80.5", "٣")),
        ("GRADIO_SERVER_PORT", "x"),
        ("RNNVIZ_TRAINING", "perhaps"),
        ("RNNVIZ_API", "perhaps"),
        ("RNNVIZ_FRAME_ANCESTORS", "https://a.example;script-src"),
        ("RNNVIZ_ALLOW_HOSTS", "https://a.example"),
        ("RNNVIZ_ROOT_PATH", "rnnviz"),
    ],
)
def test_a_variable_that_means_nothing_is_said_in_a_sentence(name, wrong):
    with pytest.raises(SettingError, match=r"\.\n(Set|Pass) "):
        from_environment(**{name: wrong})
