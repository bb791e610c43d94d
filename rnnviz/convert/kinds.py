"""What kind of file somebody calls weights: told from its bytes, never from its name.

Left out: opening it (``rnnviz.convert.foreign``).
"""

import io
import zipfile
from typing import Literal, NamedTuple

Kind = Literal["safetensors", "torch", "keras", "hdf5", "onnx", "npz"]

_SAVE_STATE = "Save model.state_dict() alone with torch.save"
_ONNX_FIELDS = b"\x08\x12\x1a\x22\x28\x32\x3a\x42\x72"  # keys of the fields that a ModelProto begins with


class Strange(NamedTuple):
    """A file that is not opened: what it is, and what to do about it."""

    problem: str
    advice: str


_BEGINNINGS = (
    (b"\x1f\x8b", "it is packed with gzip", "Unpack it with gunzip"),
    (b"BZh", "it is packed with bzip2", "Unpack it with bunzip2"),
    (b"\xfd7zXZ\x00", "it is packed with xz", "Unpack it with unxz"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive", "Unpack it and pass the file of weights that is in it"),
    (b"Rar!", "it is a RAR archive", "Unpack it and pass the file of weights that is in it"),
    (b"GGUF", "it is a GGUF file, which holds a language model", "Pass the weights of a recurrent classifier"),
    (b"\x93NUMPY", "it is one NumPy array, and a network has several", "Save all of them by name with numpy.savez"),
)
_TEXTS = (
    ((b"<!doctype", b"<html"), "it is a web page, as a download that failed leaves", "Download the file itself again"),
    ((b"{", b"["), "it is a text of JSON, which holds no weights that rnnviz reads", _SAVE_STATE),
)


def kind_of(data: bytes) -> Kind | Strange:
    r"""Which reader opens a file of these bytes, or why none does.

    Example:
        >>> from rnnviz.convert.kinds import kind_of
        >>> kind_of(b"\x1f\x8b...").problem
        'it is packed with gzip'
    """
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _archive(data)
    if data.startswith(b"\x89HDF\r\n\x1a\n"):
        return "hdf5"
    for start, problem, advice in _BEGINNINGS:
        if data.startswith(start):
            return Strange(problem, advice)
    if _is_safetensors(data):
        return "safetensors"
    if data[257:262] == b"ustar":
        return Strange("it is a tar archive, whatever its name", "Unpack it and pass the file of weights that is in it")
    if data[4:8] == b"TFL3":
        return Strange("it is a TensorFlow Lite model", "Save the Keras model that it was made of as .keras or .h5")
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for marks, problem, advice in _TEXTS:
        if start.startswith(marks):
            return Strange(problem, advice)
    return "onnx" if _is_onnx(data) else "torch"


def _is_safetensors(data: bytes) -> bool:
    """It begins with the length of its header, which is an object of JSON; a damaged header is still one."""
    return data[8:9] == b"{" or (len(data) >= 8 and data[5:8] == b"\0\0\0" and data[:1] != b"\x80")


def _is_onnx(data: bytes) -> bool:
    """A protobuf whose first field is ``ir_version``, a small number, and whose second is one of a ModelProto."""
    return len(data) > 3 and data[0] == 0x08 and data[1] < 0x20 and data[2] in _ONNX_FIELDS


def _archive(data: bytes) -> Kind | Strange:
    """Which zip archive it is, from the names in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return "torch"  # which says what is wrong with it
    inner = {name.split("/", 1)[-1] for name in names}
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        return Strange(
            "it is TorchScript (torch.jit.save), a program with its weights, and no program is run",
            "Where you trust it, save its weights alone: "
            "torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pt')",
        )
    if any(name.startswith("models/") and name.endswith(".json") for name in inner):
        return Strange("it is a program of torch.export, and no program is run", _SAVE_STATE)
    if "data.pkl" in inner:
        return "torch"
    if {"config.json", "model.weights.h5"} <= set(names):
        return "keras"
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    for end in (".h5", ".keras", ".pt", ".pth", ".bin", ".onnx", ".safetensors"):
        if any(name.endswith(end) for name in names):
            return Strange(f"it is a zip archive with a {end} file in it", "Unpack it and pass that file")
    if any(name.endswith("saved_model.pb") for name in names):
        return Strange("it is a packed SavedModel of TensorFlow", "Save the Keras model as .keras or .h5")
    return Strange("it is a zip archive without weights that rnnviz reads", _SAVE_STATE)
