import os

import pytest

from multipress.commands.text_input import MAX_LINE_BYTES, read_texts, windows
from multipress.core.errors import UserError


@pytest.fixture
def pipe():
    """Both ends, unbuffered."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as file:
        yield reading, file
    os.close(reading)


def read(path, max_lines):
    with path.open("rb") as file:
        return list(windows(file.fileno(), "here", max_lines))


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_windows_grow_from_32_lines_and_together_hold_every_line_once(tmp_path, end):
    lines = [f"{number}".encode() for number in range(10_000)]
    path = tmp_path / "lines"
    path.write_bytes(b"\n".join(lines) + end)
    found = read(path, 256)
    assert [line for window in found for line in window] == lines
    assert [len(window) for window in found[:5]] == [32, 64, 128, 256, 256]
    assert max(map(len, found)) == 256


def test_no_window_is_larger_than_asked_for(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"a\n" * 10)
    assert [len(window) for window in read(path, 4)] == [4, 4, 2]


def test_a_window_of_long_lines_has_few_of_them(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes((b"a" * 100_000 + b"\n") * 300)
    found = read(path, 512)
    assert sum(map(len, found)) == 300
    assert max(sum(map(len, window)) for window in found) < 500_000


def test_a_window_takes_what_is_there_and_waits_for_no_more(pipe):
    reading, writing = pipe
    found = windows(reading, "here", 512)
    for sent in (b"one\n", b"two\nthree\nfo", b"ur\n"):
        writing.write(sent)
        assert next(found) == {b"o": [b"one"], b"t": [b"two", b"three"], b"u": [b"four"]}[sent[:1]]
    writing.write(b"five")
    writing.close()
    assert list(found) == [[b"five"]]


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"good\n" + b"x" * (20 * MAX_LINE_BYTES))
    with path.open("rb") as file:
        texts = read_texts(file.fileno(), "here", 512, lambda text: None)
        assert next(texts) == ["good"]
        with pytest.raises(UserError, match="here, line 2: longer than 1 MiB"):
            list(texts)
        assert os.lseek(file.fileno(), 0, os.SEEK_CUR) < 2 * MAX_LINE_BYTES


def test_a_closed_input_is_refused(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    os.close(descriptor)
    with pytest.raises(UserError, match="here cannot be read"):
        list(windows(descriptor, "here", 4))
