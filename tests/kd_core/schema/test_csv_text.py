"""CSV as spreadsheets save it: the bytes below are written by hand, as Excel's and
LibreOffice's own dialogs name their encodings.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.data.folders import read_samples
from kd_core.data.official_split import read_official_split
from kd_core.schema import csv_text
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from tests.places import REPOSITORY

TEXT = "label;Größe\r\nBlutung größer;1,5\r\n"
ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "ANSI": TEXT.encode("cp1252"),
    "Unicode text": b"\xff\xfe" + TEXT.replace(";", "\t").encode("utf-16-le"),
    "big-endian": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "sep line": ("sep=;\r\n" + TEXT).encode("cp1252"),
    "quoted sep line": ('"sep=;"\n' + TEXT).encode(),
    "all quoted": '"label","Größe"\n"Blutung größer","1,5"\n'.encode(),
    "old Macintosh": TEXT.replace("\r\n", "\r").encode(),
}


def test_a_byte_that_means_nothing_in_ansi_costs_no_other_row() -> None:
    table = csv_text.read_table(
        csv_text.decode_text("a;b\r\nGröße;1\r\n".encode("cp1252") + b"\x81;2\r\n")
    )
    assert table.rows[0].cells["a"] == "Größe"
    assert len(table.rows) == 2


@pytest.mark.parametrize("name", ENCODED)
def test_a_table_is_read_however_a_spreadsheet_encoded_it(name: str) -> None:
    table = csv_text.read_table(csv_text.decode_text(ENCODED[name]))
    assert table.columns == ("label", "Größe")
    assert [dict(row.cells) for row in table.rows] == [{"label": "Blutung größer", "Größe": "1,5"}]
    assert not table.bad_rows


def test_a_row_that_does_not_fit_is_named_and_the_others_are_read() -> None:
    good = [f"{number},x" for number in range(12)]
    lines = [
        "a,b",
        *good[:3],
        "1,2,a remark",
        *good[3:6],
        '1,"never closed',
        *good[6:],
        "1,2,,,",
        ",,",
        "",
    ]
    table = csv_text.read_table("\n".join(lines))
    assert [row.cells["a"] for row in table.rows] == [*(str(number) for number in range(12)), "1"]
    assert [(row.line, row.reason) for row in table.bad_rows] == [
        (5, "it has 3 cells, 1 more than the header"),
        (9, "a quotation mark is not closed"),
    ]


def test_a_short_row_keeps_its_cells_unless_the_file_ends_in_it() -> None:
    table = csv_text.read_table("a,b,c\n1,2\n3,4,5\n")
    assert [dict(row.cells) for row in table.rows] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4", "c": "5"},
    ]
    assert [row.line for row in csv_text.read_table("a,b,c\n1,2,3\n4,5").bad_rows] == [3]


@pytest.mark.parametrize("text", ["", "\n\n", "sep=;\n", "a,a\n1,2\n", ",\n1,2\n"])
def test_what_has_no_header_is_no_table(text: str) -> None:
    with pytest.raises(ValueError, match="header"):
        csv_text.read_table(text)


def test_a_file_with_zero_bytes_is_no_text() -> None:
    for data in (bytes(range(256)) * 4, b"\0" * 100, b"a,b\n1,\0\n"):
        with pytest.raises(ValueError, match="zero byte"):
            csv_text.decode_text(data)


RISKY = [
    "=1+1",
    "+x",
    "-x",
    "@x",
    "\t=x",
    "\r=x",
    "\n=x",
    "  =x",
    "\u3000＝x",
    "＝x",
    "＋x",
    "－x",
    "＠x",
    "'=x",
    "'",
]


@pytest.mark.parametrize("cell", RISKY)
def test_no_cell_begins_a_formula_and_each_comes_back(cell: str) -> None:
    data = csv_text.write_table([["a", "b"], [cell, "2"]])
    assert data.startswith(b"\xef\xbb\xbf")
    written = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    assert written[0] == f"'{cell}"
    assert (
        csv_text.unguarded(csv_text.read_table(csv_text.decode_text(data)).rows[0].cells["a"])
        == cell
    )


def test_numbers_stay_numbers() -> None:
    assert [csv_text.guarded(cell) for cell in (-5, 1.5, "-3,5", None, "x", "-5 cm")] == [
        "-5",
        "1.5",
        "-3,5",
        "",
        "x",
        "'-5 cm",
    ]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
            min_size=2,
            max_size=2,
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    table = csv_text.read_table(csv_text.decode_text(csv_text.write_table([["a", "b"], *rows])))
    assert [[csv_text.unguarded(row.cells[name]) for name in "ab"] for row in table.rows] == rows
    assert not table.bad_rows


def test_a_manifest_that_excel_saved_is_read_with_all_its_images(shared_cases: Path) -> None:
    samples = read_samples(shared_cases / "export_saved_by_excel")
    lines = (
        (shared_cases / "export_saved_by_excel" / "manifest.csv")
        .read_text(encoding="utf-8-sig")
        .splitlines()
    )
    assert len(samples) == len(lines) - 1
    assert {sample.label for sample in samples} == {"polyps", "cecum"}
    assert all(Path(sample.path).is_file() for sample in samples)


@pytest.mark.parametrize("row", ["x.png,polyps,g,more", '"x.png,polyps,g', ",polyps,g"])
def test_a_manifests_odd_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "manifest.csv").write_text(
        f"file,label,group\na.png,polyps,g\n{row}\nb.png,cecum,h\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="Row 3 of the manifest"):
        read_samples(tmp_path)


@pytest.mark.parametrize(
    "name", ["official", "upper", "noext", "hemorroids", "excel", "comma", "missing"]
)
def test_the_official_split_is_read_in_every_spelling(shared_cases: Path, name: str) -> None:
    listed = [
        line.split(";")
        for line in (shared_cases / "hk_split_csv" / "official.csv")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    ]
    classes = {"polyp": "polyps", "normal-cecum": "cecum"}
    if name == "hemorroids":  # there the same images bear another class
        classes["normal-cecum"] = "hemorrhoids"
    samples = [
        Sample(f"/data/{image}", classes.get(label, label), image) for image, label, _ in listed
    ]
    path = shared_cases / "hk_split_csv" / f"{name}.csv"
    if name == "missing":
        with pytest.raises(
            DataError, match=r"1 images of .* are missing; the first is not-there \(row 50\)"
        ):
            read_official_split(path, samples, 0)
        return
    split = read_official_split(path, samples, 0)
    tested = {Path(sample.path).name for sample in split.part(samples, "test")}
    assert tested == {image for image, _, fold in listed if fold == "0"}


def test_every_table_is_written_here() -> None:
    """With the byte order mark and the guard that spreadsheets need; only what no reader opens
    may be written by hand.
    """
    root = REPOSITORY
    own = {
        "kd_core/schema/csv_text.py",
        "endoscope_app/labels/exchange/training_set.py",
        "endoscope_app/labels/exchange/unlabelled_frames.py",
        "endoscope_app/cli/benchmark/labels.py",
    }
    files = [
        path for package in ("kd_core", "endoscope_app") for path in (root / package).rglob("*.py")
    ]
    writers = {
        path.relative_to(root).as_posix()
        for path in files
        if "csv.writer(" in path.read_text(encoding="utf-8")
    }
    assert "kd_core/schema/csv_text.py" in writers
    assert writers <= own
