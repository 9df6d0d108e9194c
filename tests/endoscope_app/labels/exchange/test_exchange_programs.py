"""Our exports in the programs that they are for, each in a process of its own: what these read is
held against frames given by hand.

Install them with ``pip install -e ".[exchange-test]"``; a program that is missing is skipped.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    label_studio_format,
)
from endoscope_app.labels.exchange import format_detection as detect
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FILM = "ab" * 20
LABELS = {3: "Polyp", 15: "Caecum", 16: "Polyp", 20: "Caecum", 21: "Caecum", 100: "Größe"}
"""Frames 20 and 21 are a range."""
FOLDERS = {"Polyp": "polyps", "Caecum": "cecum", "Größe": "Größe"}
WIDTH, HEIGHT = 64, 48


def document() -> ExchangeDocument:
    frames = [
        ExchangeFrame(
            FILM,
            Moment(512 * index, index, index / 25),
            "class",
            name,
            from_range=index in (20, 21),
        )
        for index, name in LABELS.items()
    ]
    classes = [
        ExchangeClass("Polyp", "#ff0000", key="polyps"),
        ExchangeClass("Caecum", key="cecum"),
        ExchangeClass("Größe"),
    ]
    return assemble(classes, [ExchangeProcedure(FILM, "", 120, 4.8, WIDTH, HEIGHT)], frames, ())


def picture(index: int) -> str:
    return f"abababababab-f{index:06d}-t{index / 25:09.3f}s-p{512 * index}.png"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """An export as class folders; its folder of images."""
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    class_folders.write(document(), tmp_path / "out", lambda film, pts: grey, blank=None)
    return tmp_path / "out" / "images"


def asked(package: str, program: str, *arguments: Path) -> object:
    """What the lines of ``program`` leave in ``found``, as JSON carries it."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed (pip install '.[exchange-test]')")
    quiet = "import contextlib, io, json, sys\nwith contextlib.redirect_stdout(io.StringIO()):"
    command = [
        sys.executable,
        "-c",
        f"{quiet}\n    {program.strip()}\nprint(json.dumps(found))",
        *map(str, arguments),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


COCO_TOOLS = """from pycocotools.coco import COCO
    coco = COCO(sys.argv[1])
    found = {
        coco.imgs[one["image_id"]]["file_name"]: coco.cats[one["category_id"]]["name"]
        for one in coco.loadAnns(coco.getAnnIds())
    }
"""
SUPERVISION_COCO = """import supervision
    data = supervision.DetectionDataset.from_coco(sys.argv[1], sys.argv[2])
    found = {
        path: [data.classes[at.class_id[0]], at.xyxy.tolist(), list(image.shape)]
        for path, image, at in data
    }
"""
SUPERVISION_FOLDERS = """import supervision
    data = supervision.ClassificationDataset.from_folder_structure(sys.argv[1])
    found = {path: data.classes[at.class_id[0]] for path, image, at in data}
"""
DATUMARO = """import datumaro
    data = datumaro.Dataset.import_from(sys.argv[1], sys.argv[2])
    names = data.categories()[datumaro.AnnotationType.label]
    found = {
        one.id: [one.attributes.get("frame"), [names[said.label].name for said in one.annotations]]
        for one in data
    }
"""
LABEL_STUDIO = """from pathlib import Path
    from label_studio_sdk.label_interface import LabelInterface
    asked = LabelInterface(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asked.validate()
    tasks = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    found = [
        [
            asked.validate_task({"data": one["data"]}),
            *map(asked.validate_annotation, one["annotations"]),
        ]
        for one in tasks
    ]
"""
DATUMARO_AGAIN = """import datumaro
    data = datumaro.Dataset.import_from(sys.argv[1], sys.argv[2])
    data.export(sys.argv[3], sys.argv[2], save_media=False)
    found = True
"""
SUPERVISION_AGAIN = """import supervision
    data = supervision.DetectionDataset.from_coco(sys.argv[1], sys.argv[2])
    data.as_coco(annotations_path=sys.argv[3])
    found = True
"""
PANDAS = """import pandas
    table = pandas.read_csv(sys.argv[1])
    found = {str(row.frame): [row.class_name, row.label, row.file] for row in table.itertuples()}
"""


def test_pycocotools_reads_the_class_of_every_image(tmp_path: Path) -> None:
    coco_format.write(document(), tmp_path / "coco.json")
    answer = asked("pycocotools", COCO_TOOLS, tmp_path / "coco.json")
    assert answer == {f"{FOLDERS[name]}/{picture(index)}": name for index, name in LABELS.items()}


def test_supervision_meets_images_and_labels_and_takes_nothing_else_for_a_class(
    tmp_path: Path, folders: Path
) -> None:
    coco_format.write(document(), tmp_path / "coco.json")
    whole = [[0.0, 0.0, WIDTH, HEIGHT]]
    places = {str(folders / FOLDERS[name] / picture(index)): name for index, name in LABELS.items()}
    answer = asked("supervision", SUPERVISION_COCO, folders, tmp_path / "coco.json")
    assert answer == {path: [name, whole, [HEIGHT, WIDTH, 3]] for path, name in places.items()}
    assert asked("supervision", SUPERVISION_FOLDERS, folders) == {
        path: FOLDERS[name] for path, name in places.items()
    }


def test_datumaro_reads_folders_coco_and_cvat(tmp_path: Path, folders: Path) -> None:
    read = asked("datumaro", DATUMARO, folders, Path("imagenet"))
    assert isinstance(read, dict)
    assert {(key.split(":")[-1].split("/")[-1], *names) for key, (_, names) in read.items()} == {
        (picture(index)[:-4], FOLDERS[name]) for index, name in LABELS.items()
    }
    (tmp_path / "coco" / "annotations").mkdir(parents=True)
    coco_format.write(document(), tmp_path / "coco" / "annotations" / "instances_default.json")
    shutil.copytree(folders, tmp_path / "coco" / "images" / "default")
    read = asked("datumaro", DATUMARO, tmp_path / "coco", Path("coco_instances"))
    assert read == {
        f"{FOLDERS[name]}/{picture(index)[:-4]}": [None, [name]] for index, name in LABELS.items()
    }
    (tmp_path / "cvat" / "images").mkdir(parents=True)
    for image in folders.glob("*/*.png"):
        shutil.copy(image, tmp_path / "cvat" / "images")
    cvat_format.write(document(), tmp_path / "cvat" / "default.xml")
    read = asked("datumaro", DATUMARO, tmp_path / "cvat", Path("cvat"))
    assert read == {picture(index)[:-4]: [index, [name]] for index, name in LABELS.items()}


def test_label_studios_own_checks_take_both_files_with_their_configurations(tmp_path: Path) -> None:
    unusable = ExchangeFrame(FILM, Moment(25600, 50, 2.0), "unusable", None)
    spans = [
        ExchangeRange(FILM, Moment(512 * first, first), Moment(512 * last, last), "Caecum")
        for first, last in ((20, 21), (30, 39))
    ]
    whole = assemble(
        document().classes, document().procedures, [*document().frames, unusable], spans
    )
    label_studio_format.write_images(whole, tmp_path / "images.json")
    label_studio_format.write_videos(whole, tmp_path / "videos.json")
    own = len(LABELS) - 2 + 1  # the range's frames are in its video task
    for name, videos, tasks, answers in (("images", False, own, 1), ("videos", True, 1, 1)):
        label_studio_format.write_configuration(whole, tmp_path / f"{name}.xml", videos=videos)
        answer = asked(
            "label_studio_sdk", LABEL_STUDIO, tmp_path / f"{name}.xml", tmp_path / f"{name}.json"
        )
        assert answer == [[True, *[True] * answers]] * tasks
    assert (
        asked("label_studio_sdk", LABEL_STUDIO, tmp_path / "videos.xml", tmp_path / "images.json")
        == [[False, False]] * own
    )


def labels_of(path: Path) -> dict[int, tuple[int | None, str | None]]:
    """By frame, its pts and class, with ranges as their frames."""
    read = detect.read(path)
    assert not read.unread
    assert {label.fingerprint for label in read.labels()} <= {FILM, FILM[:12]}
    found = {frame.at.frame_index: (frame.at.pts, frame.class_name) for frame in read.frames}
    for span in read.ranges:
        found |= {
            index: (512 * index, span.class_name)
            for index in range(span.first.frame_index, span.last.frame_index + 1)
        }
    return found


def test_labels_that_went_through_other_programs_come_back_on_their_frames(
    tmp_path: Path, folders: Path
) -> None:
    expected = {index: (512 * index, name) for index, name in LABELS.items()}
    (tmp_path / "coco" / "annotations").mkdir(parents=True)
    coco = tmp_path / "coco" / "annotations" / "instances_default.json"
    coco_format.write(document(), coco)
    shutil.copytree(folders, tmp_path / "coco" / "images" / "default")
    assert labels_of(coco) == expected
    asked("datumaro", DATUMARO_AGAIN, tmp_path / "coco", Path("coco_instances"), tmp_path / "again")
    assert labels_of(next((tmp_path / "again").rglob("*.json"))) == expected
    asked("supervision", SUPERVISION_AGAIN, folders, coco, tmp_path / "supervision.json")
    assert labels_of(tmp_path / "supervision.json") == expected
    (tmp_path / "cvat" / "images").mkdir(parents=True)
    for image in folders.glob("*/*.png"):
        shutil.copy(image, tmp_path / "cvat" / "images")
    cvat_format.write(document(), tmp_path / "cvat" / "default.xml")
    asked("datumaro", DATUMARO_AGAIN, tmp_path / "cvat", Path("cvat"), tmp_path / "cvat again")
    assert labels_of(next((tmp_path / "cvat again").rglob("*.xml"))) == expected


@pytest.mark.parametrize("write", [csv_format.write, None])
def test_pandas_reads_names_and_keys(
    tmp_path: Path, folders: Path, write: Callable[[ExchangeDocument, Path], None] | None
) -> None:
    path = folders.parent / "manifest.csv"
    if write is not None:
        path = tmp_path / "labels.csv"
        write(document(), path)
    assert asked("pandas", PANDAS, path) == {
        str(index): [name, FOLDERS[name], f"images/{FOLDERS[name]}/{picture(index)}"]
        for index, name in LABELS.items()
    }
