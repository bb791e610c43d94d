"""Reading in Ray's processes: a cluster of two on this machine gives the bytes that one process gives."""

import subprocess
import sys

import numpy as np
import pytest

from rnnviz.corpus import build
from rnnviz.errors import SettingError
from tests import builders
from tests.corpus.corpora import TEXTS, saved

BOTH = """
import sys
import ray
from rnnviz.checkpoint.folder import load
from rnnviz.corpus import build, reader
reader.PART_TOKENS = 300
network, texts = load(sys.argv[1]), [line for line in open(sys.argv[2]).read().split("\\n") if line]
build(network, texts, sys.argv[3])
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200_000_000)
build(network, texts, sys.argv[4], ray=True)
print(int(ray.cluster_resources()["CPU"]))
"""


def test_two_processes_of_ray_write_the_same_bytes_as_one_process(tmp_path):
    pytest.importorskip("ray")
    saved(tmp_path / "network")
    texts = [" ".join(np.random.default_rng(seed).choice(builders.WORDS, 1 + seed % 37)) for seed in range(150)]
    (tmp_path / "texts").write_text("\n".join(texts))
    names = ("network", "texts", "one.index", "two.index")
    done = subprocess.run(
        [sys.executable, "-c", BOTH, *(tmp_path / name for name in names)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "2"
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in names[2:])
    assert one == two


def test_without_the_package_ray_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "rnnviz.corpus.ray_reading", raising=False)
    with pytest.raises(SettingError, match=r"Run: pip install 'rnnviz\[ray\]'"):
        build(saved(tmp_path / "network"), TEXTS, tmp_path / "films.index", ray=True)
    assert not (tmp_path / "films.index").exists()
