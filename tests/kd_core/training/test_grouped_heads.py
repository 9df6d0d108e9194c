"""A student with a softmax for each class group, by the commands: trained, distilled, scored,
exported and asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime as ort
import pytest

from kd_core.__main__ import main
from kd_core.artifacts.checkpoint import load_student
from kd_core.models.student import Student, deployed_parameters
from kd_core.schema.errors import ModelError
from kd_core.schema.model_card import FORMAT_WITH_HEADS, ModelCard, read_card, write_card
from kd_core.schema.model_files import ONNX_NAME
from kd_core.vision.predictor import Predictor
from tests.kd_core.grouped_images import CLASSES, image_of, written_manifest
from tests.kd_core.training.test_distil import teacher_folder

Output = pytest.CaptureFixture[str]
COPIES = 6
QUICK = ("--epochs", "20", "--views", "2", "--batch-size", "16", "--learning-rate", "0.02")
ONE_EPOCH = ("--epochs", "1", "--views", "1")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(capsys: Output, *words: str | Path) -> str:
    capsys.readouterr()
    assert main([str(word) for word in words]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def as_json(capsys: Output, *words: str | Path) -> Any:
    return json.loads(run(capsys, *words, "--json"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of the data and of a student that was trained on it."""
    folder = tmp_path_factory.mktemp("grouped")
    data, out = written_manifest(folder / "data", COPIES), folder / "model"
    words = ["train", "--class-groups", "--data", data, "--out", out, *QUICK]
    assert main([str(word) for word in words]) == 0
    return data, out


def test_a_polyp_and_good_preparation_are_both_named_on_one_image(
    trained: tuple[Path, Path],
) -> None:
    _, model = trained
    predictor = Predictor.load(model)
    card = predictor.card
    polyp, clean = CLASSES.index("polyps"), CLASSES.index("bbps-2-3")
    row = predictor.predict([image_of("polyps", "bbps-2-3", 9999)])[0].probabilities
    assert row[polyp] >= card.threshold("polyps")
    assert row[clean] >= card.threshold("bbps-2-3")
    assert row[2:].sum() <= 1.0  # the rest is for none of a pathology
    assert row[:2].sum() == pytest.approx(1.0, abs=1e-6)
    healthy = predictor.predict([image_of("none", "bbps-2-3", 9998)])[0].probabilities
    assert healthy[2:].sum() < 0.5


def test_the_card_holds_a_softmax_for_each_group_and_as_many_parameters_as_before(
    trained: tuple[Path, Path],
) -> None:
    _, model = trained
    card = read_card(model)
    assert card.format == FORMAT_WITH_HEADS
    assert card.classes == CLASSES
    assert [(head.group, head.classes, head.none) for head in card.heads] == [
        ("Pathology", ("polyps", "ulcerative-colitis"), True),
        ("Preparation", ("bbps-0-1", "bbps-2-3"), False),
    ]
    for head in card.heads:
        assert head.naming is not None
        assert head.temperature != 1.0
        assert card.threshold(head.classes[0]) == head.naming.level
    student, _ = load_student(model)
    assert deployed_parameters(student) == deployed_parameters(Student(4))
    scores = card.scores["validation"]
    assert set(scores.by_group) == {"Pathology", "Preparation"}
    assert scores.n == sum(row.n for row in scores.by_group.values())
    assert scores.by_group["Preparation"].macro_f1 is not None
    assert scores.by_group["Preparation"].macro_f1 > 0.9


def test_the_exported_graph_gives_the_probabilities_of_the_predictor(
    trained: tuple[Path, Path], tmp_path: Path, capsys: Output
) -> None:
    _, model = trained
    out = tmp_path / "model.onnx"
    run(capsys, "export", "--model", model, "--out", out)
    assert out.read_bytes() == (model / ONNX_NAME).read_bytes()
    session = ort.InferenceSession(out.read_bytes(), providers=["CPUExecutionProvider"])
    stored = json.loads(session.get_modelmeta().custom_metadata_map["heads"])
    assert stored == [head.stored for head in read_card(model).heads]
    predictor = Predictor.load(model)
    image = image_of("polyps", "bbps-0-1", 77)
    tensor, _ = predictor._prepared(image)
    logits = session.run(["logits"], {"input": tensor[None]})[0][0].astype(np.float64)
    found = predictor.predict([image])[0].probabilities
    for head in read_card(model).heads:
        own = np.array([logits[CLASSES.index(name)] for name in head.classes])
        powers = np.exp(own / head.temperature)
        whole = powers.sum() + (1.0 if head.none else 0.0)
        for name, power in zip(head.classes, powers, strict=True):
            assert found[CLASSES.index(name)] == pytest.approx(power / whole, rel=1e-4)


def test_commands_say_what_is_shown_of_each_group(
    trained: tuple[Path, Path], tmp_path: Path, capsys: Output
) -> None:
    data, model = trained
    images = [data / "0-0.png", data / "5-0.png"]
    rows = as_json(capsys, "predict", "--model", model, *images)["images"]
    called = [{group: row["label"] for group, row in image["groups"].items()} for image in rows]
    assert called == [
        {"Pathology": "polyps", "Preparation": "bbps-2-3"},
        {"Pathology": "no pathology", "Preparation": "bbps-0-1"},
    ]
    spoken = run(capsys, "predict", "--model", model, images[0])
    assert "polyps" in spoken
    assert "bbps-2-3" in spoken
    scored = as_json(capsys, "evaluate", "--model", model, "--data", data)
    assert scored["n"] == COPIES * 14  # labels, of which an image may have two
    assert scored["by_group"]["Pathology"]["n"] == COPIES * 7
    assert scored["classes"] == [*CLASSES, "no pathology"]
    info = run(capsys, "info", "--model", model)
    assert "no pathology" in info
    assert "unsure      Preparation:" in info
    run(capsys, "explain", "--model", model, "--image", images[0], "--out", tmp_path / "map.png")


def test_its_card_is_completed_by_group(
    trained: tuple[Path, Path], tmp_path: Path, capsys: Output
) -> None:
    data, model = trained
    split = tmp_path / "split.json"
    run(capsys, "split", "--data", data, "--out", split, "--seed", "1")
    words = ("--model", model, "--data", data, "--split", split)
    page = run(capsys, "card", *words, "--quick")
    assert "| Pathology |" in page
    assert "| no pathology |" in page
    assert main([str(word) for word in ("calibrate", *words)]) == 2
    assert "naming level for each class group" in capsys.readouterr().err
    assert main([str(word) for word in ("compare", model, model, "--data", data)]) == 2
    assert "several classes an image" in capsys.readouterr().err


@pytest.mark.parametrize("scheme", ["response", "relation"])
def test_two_teachers_with_one_softmax_teach_it(
    scheme: str, tmp_path: Path, capsys: Output
) -> None:
    data, out = written_manifest(tmp_path / "data", 4), tmp_path / "model"
    teachers = [teacher_folder(tmp_path / f"teacher{seed}", CLASSES, seed) for seed in (0, 1)]
    common: list[str | Path] = ["--class-groups", "--data", data, "--out", out, *ONE_EPOCH]
    given = [f"{teachers[0]},{teachers[1]}", "--scheme", scheme, "--batch-size", "16"]
    run(capsys, "distil", "--teachers", *given, *common)
    card = read_card(out)
    assert len(card.heads) == 2
    assert len(card.training.teachers) == 2
    assert Predictor.load(out).card.heads == card.heads


def test_what_an_image_without_a_label_shows_is_for_the_reader_of_the_data_to_say(
    tmp_path: Path, capsys: Output
) -> None:
    """``--complete-labels``: an image without a pathology shows none."""
    data, out = written_manifest(tmp_path / "data", 4), tmp_path / "model"
    common: list[str | Path] = ["train", "--data", data, *ONE_EPOCH, "--complete-labels"]
    assert main([str(word) for word in (*common, "--out", out)]) == 2
    assert "--class-groups" in capsys.readouterr().err
    run(capsys, *common, "--out", out, "--class-groups")
    assert read_card(out).data.complete_labels
    scored = as_json(capsys, "evaluate", "--model", out, "--data", data)
    assert scored["by_group"]["Pathology"]["n"] == 4 * 8
    assert scored["by_group"]["Preparation"]["n"] == 4 * 7


def changed(model: Path, folder: Path, card: ModelCard) -> Path:
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    write_card(folder, card)
    return folder


def test_a_card_of_other_groups_than_its_weights_is_refused(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    _, model = trained
    card = read_card(model)
    none = msgspec.structs.replace(card, heads=())
    with pytest.raises(ModelError, match="other class groups"):
        Predictor.load(changed(model, tmp_path / "none", none))
    half = msgspec.structs.replace(card, heads=card.heads[:1])
    with pytest.raises(ModelError, match="share its classes"):
        Predictor.load(changed(model, tmp_path / "half", half))
    newer = msgspec.structs.replace(card, format=FORMAT_WITH_HEADS + 1)
    with pytest.raises(ModelError, match="newer"):
        Predictor.load(changed(model, tmp_path / "newer", newer))
