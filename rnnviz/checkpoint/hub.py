"""Checkpoints on the Hugging Face Hub: of a repository, only a checkpoint's own files are fetched or written.

The network is used when these functions are called, and only then. Left out: what is in the files; nothing here opens
them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from rnnviz.checkpoint.checks import CONFIG, FILES, LETTERS, WEIGHTS, WORDS
from rnnviz.checkpoint.weights import OURS
from rnnviz.errors import CheckpointError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_NEEDED = (CONFIG, WORDS, WEIGHTS)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def is_name(name: str | Path) -> bool:
    """Whether something could be a repository's name: owner, slash, name."""
    return bool(_NAME.fullmatch(str(name)))


def download(name: str, revision: str | None = None) -> Path:
    """Fetch the files of a checkpoint into huggingface_hub's cache; find them there where the Hub cannot be reached.

    Args:
        name: The repository.
        revision: Branch, tag or commit; None is the main branch.

    Returns:
        The folder that holds them.

    Raises:
        CheckpointError: The repository cannot be read, holds no checkpoint, or a file of it is too large.
    """
    hub = _huggingface_hub()
    try:
        info = hub.HfApi().model_info(name, revision=revision, files_metadata=True)
        _check_listing(name, {entry.rfilename: entry.size or 0 for entry in info.siblings or ()})
        return Path(hub.snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
    except CheckpointError:
        raise
    except (hub.errors.RepositoryNotFoundError, hub.errors.RevisionNotFoundError) as error:
        raise CheckpointError("hub_missing", name=name, revision=revision or "main") from error
    except Exception as error:  # huggingface_hub and the libraries below it have dozens of kinds of objection
        try:  # no network, perhaps: but it may have been fetched before
            return Path(hub.snapshot_download(name, revision=revision, local_files_only=True))
        except OSError:
            raise CheckpointError("hub_unreachable", name=name, problem=_first_line(error)) from error


def _check_listing(name: str, sizes: Mapping[str, int]) -> None:
    """Refuse a repository by the names and sizes of its files, before any of them is fetched."""
    missing = [file for file in _NEEDED if file not in sizes and not (file == WORDS and LETTERS in sizes)]
    pickles = sorted(file for file in sizes if file.endswith(_PICKLES))
    advice = "Name a repository that push_to_hub has written."
    if pickles:
        advice = f"Pickles such as {pickles[0][:100]!r} are never opened: turn them into one with `rnnviz convert`."
    if missing:
        raise CheckpointError("hub_files", name=name, missing=" and ".join(missing), advice=advice)
    for file in FILES:
        if sizes.get(file, 0) > OURS.whole:
            raise CheckpointError("checkpoint_large", path=f"{name}/{file}", found=sizes[file], limit=OURS.whole)


def upload(name: str, contents: Mapping[str, bytes], private: bool | None = None) -> str:
    """Write a checkpoint's files in one commit, and remove those of an older one that it does not have.

    Args:
        name: The repository; it is made if it is not there.
        contents: The bytes of each file.
        private: Whether a new repository is private; None leaves that to the account's settings.

    Returns:
        The address of the commit.

    Raises:
        CheckpointError: It could not be written.
    """
    hub = _huggingface_hub()
    try:
        api = hub.HfApi()
        api.create_repo(name, private=private, exist_ok=True)
        stale = [file for file in api.list_repo_files(name) if file in FILES and file not in contents]
        operations = [
            *(hub.CommitOperationAdd(path_in_repo=file, path_or_fileobj=data) for file, data in contents.items()),
            *(hub.CommitOperationDelete(path_in_repo=file) for file in stale),
        ]
        return str(api.create_commit(name, operations, commit_message="Save a checkpoint of rnnviz").commit_url)
    except Exception as error:  # as above
        raise CheckpointError("hub_write", name=name, problem=_first_line(error)) from error


def _huggingface_hub() -> ModuleType:
    try:
        import huggingface_hub  # an extra: nobody who stays offline needs it
        import huggingface_hub.errors  # noqa: F401 - loaded only where somebody imports it
    except ImportError:
        raise CheckpointError("hub_extra") from None
    return huggingface_hub


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")
