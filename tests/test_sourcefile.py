"""YAML and CSV files as values that know their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from postclerk.sourcefile import MAX_OCTETS, Mistakes, read


def _mistakes(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(Mistakes) as caught:
        read(path, "FILE")
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"a: 1\nb: \xff\n", "FILE:2:4: the file is not UTF-8", id="not-utf-8"),
        pytest.param("a: 1\n".encode("utf-16"), "FILE:1:1: the file is not UTF-8", id="utf-16"),
        pytest.param(
            b"a: 1\nb: [\n",
            "FILE:3:1: this is not YAML: expected the node content, but found '<stream end>'",
            id="never-closed",
        ),
        pytest.param(
            b"a:\n\tb: 1\n",
            "FILE:2:1: this is not YAML: found character '\\t' that cannot start any token",
            id="a-tab",
        ),
        pytest.param(
            b"a: 1\n---\nb: 2\n",
            "FILE:2:1: this is not YAML: expected a single document in the stream but found another document",
            id="two-documents",
        ),
        pytest.param(
            b"a: 1\nb: x\0y\n",
            "FILE:2:5: the file holds a NUL character",
            id="nul",
        ),
        pytest.param(b"a: 1\nb: 2\na: 3\n", "FILE:3:1: the key `a` is written twice", id="a-key-twice"),
        pytest.param(b"? [a, b]\n: c\n", "FILE:1:3: a key must be a word", id="a-list-as-key"),
        pytest.param(b'"": c\n', "FILE:1:1: a key must be a word", id="no-key"),
        pytest.param(b"a: &x [1]\nb: *x\n", "FILE:2:4: aliases are not allowed; write the value out", id="an-alias"),
        pytest.param(
            b"a:\n  - &x 1\n  - *x\n", "FILE:3:5: aliases are not allowed; write the value out", id="an-alias-in-a-list"
        ),
        pytest.param(b"a: &x [*x]\n", "FILE:1:8: aliases are not allowed; write the value out", id="itself"),
        pytest.param(
            b"a: &x {b: c}\nd:\n  <<: *x\n", "FILE:3:7: aliases are not allowed; write the value out", id="a-merge"
        ),
        pytest.param(
            b"a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n",
            "FILE:2:8: aliases are not allowed; write the value out\n"
            "FILE:2:12: aliases are not allowed; write the value out\n"
            "FILE:3:5: aliases are not allowed; write the value out\n"
            "FILE:3:9: aliases are not allowed; write the value out",
            id="a-billion-laughs",
        ),
        pytest.param(b"a: !x 1\n", "FILE:1:1: the tag !x is not allowed", id="a-tag"),
        pytest.param(
            b"a: !!python/object/apply:os.system ['true']\n",
            "FILE:1:1: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed",
            id="a-tag-that-runs-programs",
        ),
        pytest.param(b"a: !!binary eA==\n", "FILE:1:1: the tag tag:yaml.org,2002:binary is not allowed", id="binary"),
        pytest.param(
            b"a: " + b"[" * 100_000, "FILE:1:103: the file is nested more than 100 levels deep", id="deep-lists"
        ),
        pytest.param(b"{a: " * 100_000, "FILE:1:401: the file is nested more than 100 levels deep", id="deep-mappings"),
        pytest.param(
            b"- " * 100_000 + b"x\n", "FILE:1:201: the file is nested more than 100 levels deep", id="deep-blocks"
        ),
        pytest.param(
            b"a: 1\na: 2\nb: !x 1\n",
            "FILE:2:1: the key `a` is written twice\nFILE:3:1: the tag !x is not allowed",
            id="several-at-once",
        ),
    ],
)
def test_yaml_that_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """What is no plain YAML is a mistake with its line and column, and no harm is done by reading it."""
    assert said == _mistakes(tmp_path / "x.yaml", content)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """A file of more than 64 MiB is not read."""
    path = tmp_path / "x.yaml"
    with path.open("wb") as opened:
        opened.truncate(MAX_OCTETS + 1)
    with pytest.raises(Mistakes, match=r"^FILE:1:1: the file is larger than 64 MiB$"):
        read(path, "FILE")


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(b"", None, id="empty"),
        pytest.param(b"# nothing\n", None, id="only-a-comment"),
        pytest.param(b"\xef\xbb\xbfa: 1\n", {"a": "1"}, id="byte-order-mark"),
        pytest.param(b"a: 1\r\nb: 2\r\n", {"a": "1", "b": "2"}, id="windows-lines"),
        pytest.param(
            b"a: no\nb: 010\nc: 12:30:00\nd: 2026-11-23\ne: ~\nf:\n",
            {"a": "no", "b": "010", "c": "12:30:00", "d": "2026-11-23", "e": None, "f": None},
            id="scalars-stay-as-written",
        ),
        pytest.param(b"a: {b: [1, {c: d}]}\n", {"a": {"b": ["1", {"c": "d"}]}}, id="nested"),
        pytest.param(b"a: " + b"[" * 99 + b"]" * 99, None, id="just-not-too-deep"),
        pytest.param("a: Жанна\n".encode(), {"a": "Жанна"}, id="utf-8"),
        pytest.param(b'%YAML 1.2\n---\na: "\\/"\n', {"a": "/"}, id="yaml-1.2"),
    ],
)
def test_yaml_that_is_read(tmp_path: Path, content: bytes, value: object) -> None:
    """A value stays the text that was written, nothing is nothing."""
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    found = read(path).value
    if content.startswith(b"a: [["):
        depth, inner = 0, found["a"]
        while inner:
            depth, inner = depth + 1, inner[0]
        assert depth == 98
    else:
        assert value == found


def test_places(tmp_path: Path) -> None:
    """A key's place is the key, an item's the item; what is not written stands where its surroundings are."""
    path = tmp_path / "x.yaml"
    path.write_text("a:\n  b: 1\n  c:\n    - d\n    - e: f\n")
    source = read(path, "FILE")
    places = {
        ("a",): "FILE:1:1: x",
        ("a", "b"): "FILE:2:3: x",
        ("a", "c", 0): "FILE:4:7: x",
        ("a", "c", 1, "e"): "FILE:5:7: x",
        ("a", "c", 9): "FILE:3:3: x",
        ("nowhere",): "FILE:1:1: x",
    }
    assert places == {location: str(source.mistake(location, "x")) for location in places}
    assert str(source.mistake(("a", "b"), "x", warning=True)) == "FILE:2:3: warning: x"


def test_mistakes_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Whoever finds a mistake first, the reader goes from the top down."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb: 2\n")
    source = read(path, "FILE")
    found = Mistakes([source.mistake(("b",), "x"), source.mistake(("a",), "y")])
    assert str(found) == "FILE:1:1: y\nFILE:2:1: x"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"login,name\n", [], id="only-a-header"),
        pytest.param(
            b"Login,May send as\na,x\n\n,\nb,\n", [{"login": "a", "may_send_as": "x"}, {"login": "b"}], id="rows"
        ),
        pytest.param(b'\xef\xbb\xbflogin;name\r\na;"x;y"\r\n', [{"login": "a", "name": "x;y"}], id="as-excel-writes"),
        pytest.param(b"login,name\na\n", [{"login": "a"}], id="a-short-row"),
        pytest.param(b'login,name\na,"x\ny"\n', [{"login": "a", "name": "x\ny"}], id="a-line-within-a-cell"),
    ],
)
def test_tables_are_read(tmp_path: Path, content: bytes, rows: list[dict[str, str]]) -> None:
    """A table is a list of rows without their empty cells."""
    path = tmp_path / "x.CSV"
    path.write_bytes(content)
    assert rows == read(path).value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"a,b\n1,2,3\n", "FILE:2:1: 3 cells, but the first line names 2 columns", id="too-many-cells"),
        pytest.param(b'a,b\n1,"2\n', "FILE:2:1: this is not CSV: unexpected end of data", id="a-quote-never-closed"),
        pytest.param(b'a,b\n1,"2"3\n', "FILE:2:1: this is not CSV: ',' expected after '\"'", id="text-after-a-quote"),
        pytest.param(b"a,b\n1,\xff\n", "FILE:2:3: the file is not UTF-8", id="not-utf-8"),
        pytest.param(b"a,b\n1,\0\n", "FILE:2:3: the file holds a NUL character", id="nul"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """What is no table is a mistake of its line."""
    assert said == _mistakes(tmp_path / "x.csv", content)
