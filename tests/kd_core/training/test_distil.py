"""Teachers and students through the commands: fine-tune, distil, refuse what does not fit, and
the table of a reproduction.
"""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open

from kd_core.__main__ import main
from kd_core.artifacts.teacher_folder import load_teacher, write_teacher_folder
from kd_core.cli.run_settings import chosen_config
from kd_core.cli.running import parsed
from kd_core.data.image_files import content_of
from kd_core.data.labelled import load_data_set
from kd_core.models.fusion import WIDTH
from kd_core.models.student import Student, deployed_parameters
from kd_core.models.teacher import Teacher, strongest_directions
from kd_core.schema.card_text import as_markdown
from kd_core.schema.config import TEACHER_DEFAULTS, make_config
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import RESEARCH_USE, read_card, write_card
from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME, WEIGHTS_NAME
from kd_core.schema.model_origin import Basis, DataNotes, ParameterCounts, TrainingNotes
from kd_core.schemes.scheme import Scheme
from kd_core.training.resume import Progress, save_state
from kd_core.vision.predictor import Predictor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Output = pytest.CaptureFixture[str]
CLASSES = ("cecum", "polyps")
BACKBONE = "mobilenet_v3_large"  # the quickest


def teacher_folder(
    out: Path, classes: tuple[str, ...] = CLASSES, seed: int = 0, seen: tuple[str, ...] = ()
) -> Path:
    """An untrained teacher on disk."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        teacher = Teacher(BACKBONE, len(classes), weights=None)
        basis, _ = strongest_directions(torch.randn(2, teacher.embedding_size, 7, 7))
    write_teacher_folder(
        teacher,
        basis,
        seen,
        out,
        classes=classes,
        temperature=1.0,
        data=DataNotes(),
        training=TrainingNotes(),
        scores={},
    )
    return out


def command(*words: str | Path) -> list[str]:
    return [str(word) for word in words]


@pytest.mark.timeout(240)
def test_a_teacher_is_fine_tuned_and_two_teach_a_student(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    data = (
        "--data",
        data_dir,
        "--classes",
        ",".join(CLASSES),
        "--epochs",
        "1",
        "--views",
        "1",
        "--threads",
        "1",
    )
    first = tmp_path / "first"
    assert (
        main(
            command(
                "train-teacher",
                *data,
                "--backbone",
                BACKBONE,
                "--weights",
                "none",
                "--directions",
                "0",
                "--out",
                first,
            )
        )
        == 0
    )
    card = read_card(first)
    assert (card.architecture, card.classes, card.notice) == (BACKBONE, CLASSES, RESEARCH_USE)
    assert {part: scores.n for part, scores in card.scores.items()} == {"validation": 6}
    assert card.training.basis is not None
    # the full map, of which 256 directions are the default
    assert card.training.basis == Basis(960, 1.0)
    assert "along 960 principal directions, which keep 100.0 %" in as_markdown(card)
    assert card.parameters == {"teacher": card.training.parameters.deployed}
    assert card.parameters["teacher"] > 1_000_000
    second = teacher_folder(tmp_path / "second", seed=1)
    capsys.readouterr()

    out = tmp_path / "student"
    words = command(
        "distil",
        *data,
        "--teachers",
        f"{first},{second}",
        "--scheme",
        "relation",
        "--out",
        out,
        "--events",
    )
    assert main(words) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    started = next(event for event in events if event["type"] == "started")
    epoch = next(event for event in events if event["type"] == "epoch")
    config = make_config(read_card(out).training.config, "card.json")
    weights = msgspec.to_builtins(config.losses).items()
    assert set(epoch["losses"]) == {name for name, weight in weights if weight}
    assert "guide" in epoch["losses"]
    made = Predictor.load(out).card
    assert made.parameters == {"deployed": deployed_parameters(Student(2))}
    counts = ParameterCounts(started["parameters"], started["training_only"])
    assert made.training.parameters == counts
    assert [teacher.version for teacher in made.training.teachers] == [
        read_card(first).version,
        read_card(second).version,
    ]
    shares = [teacher.attention_share or 0.0 for teacher in made.training.teachers]
    assert sum(shares) == pytest.approx(1.0, abs=0.01)
    assert not list(out.glob("run-state*"))
    assert sorted(path.name for path in out.iterdir()) == [
        "card.json",
        "epochs.jsonl",
        "seen.safetensors",
        "student.onnx",
        "student.safetensors",
    ]

    # The same command again asks no teacher anything new: every file of the cache stays as it was
    # written.
    before = {path: path.stat().st_size for path in (tmp_path / "kd-cache").glob("??/*.bin")}
    again = command(
        "distil",
        *data,
        "--teachers",
        f"{first},{second}",
        "--scheme",
        "relation",
        "--out",
        tmp_path / "again",
    )
    assert main(again) == 0
    assert {
        path: path.stat().st_size for path in (tmp_path / "kd-cache").glob("??/*.bin")
    } == before
    assert (tmp_path / "again" / "student.safetensors").read_bytes() == (
        out / "student.safetensors"
    ).read_bytes()


def test_a_teacher_comes_back_as_it_was_written(tmp_path: Path) -> None:
    folder = teacher_folder(tmp_path / "t")
    images = torch.randn(2, 3, 64, 64)
    torch.manual_seed(0)
    # A folder holds half precision
    original = Teacher(BACKBONE, 2, weights=None).eval().half().float()
    loaded = load_teacher(folder, CLASSES).teacher
    with torch.no_grad():
        assert torch.equal(loaded(images).logits, original(images).logits)
        # Loaded for the classes in another order, its logits are in that order.
        turned = load_teacher(folder, CLASSES[::-1]).teacher
        assert torch.allclose(turned(images).logits, original(images).logits.flip(1), atol=1e-6)
    assert not loaded.teacher.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


def test_teachers_of_other_classes_are_refused_by_name(tmp_path: Path) -> None:
    folder = teacher_folder(tmp_path / "t", ("cecum", "ileum"))
    with pytest.raises(DataError) as caught:
        load_teacher(folder, CLASSES)
    assert "only it has ileum; it lacks polyps" in caught.value.sentence
    assert "fine-tune this one for these classes" in caught.value.way_out


def test_damaged_exchanged_and_foreign_weights_are_refused(tmp_path: Path) -> None:
    folder = teacher_folder(tmp_path / "t")
    weights = folder / TEACHER_WEIGHTS_NAME
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1000])
    with pytest.raises(ModelError, match="not the ones its card describes"):
        load_teacher(folder, CLASSES)
    weights.unlink()
    with pytest.raises(ModelError, match="holds no teacher"):
        load_teacher(folder, CLASSES)
    weights.write_bytes(whole)
    write_card(folder, msgspec.structs.replace(read_card(folder), architecture="resnet18"))
    with pytest.raises(ModelError, match="damaged"):
        load_teacher(folder, CLASSES)
    with pytest.raises(ModelError, match="no model folder"):
        load_teacher(tmp_path / "nowhere", CLASSES)


def test_a_pickle_is_refused_and_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "teacher.pt").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="is a pickle, which can run any program"):
        load_teacher(folder, CLASSES)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sizes", "100:0.5,224"], "a size must be a multiple of 16"),
        (
            ["--weight", "anchor=0", "--weight", "guide=0", "--weight", "kl=0"],
            "These losses compare with no teacher.",
        ),
        (["--teachers", "nowhere"], "There is no model folder at nowhere."),
        (["--temperature", "0"], "temperature must be above 0"),
        (["--device", "gpu"], "There is no kind of device called 'gpu'."),
        (
            ["--scheme", "relation", "--weight", "anchor=0", "--weight", "kl=0"],
            "without anchor the fusion learns nothing",
        ),
        (["--device", "cuda"], "There is no such GPU that torch can use here."),
    ],
)
def test_distillations_that_cannot_work(
    data_dir: Path, tmp_path: Path, capsys: Output, words: list[str], said: str
) -> None:
    if "cuda" in words and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    start = command(
        "distil", "--data", data_dir, "--classes", "cecum,polyps", "--out", tmp_path / "m"
    )
    if "--teachers" not in words:
        start += command("--teachers", tmp_path / "t")
    assert main([*start, "--threads", "1", *words]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("kd-core: ")
    assert said in last
    assert not (tmp_path / "m" / "card.json").exists()


def test_a_teacher_that_has_seen_held_out_images_is_refused(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    data = load_data_set(data_dir, CLASSES)
    folder = teacher_folder(
        tmp_path / "t", seen=(content_of(data.test.crops[0]), content_of(data.train.crops[0]))
    )
    assert load_teacher(folder, CLASSES).seen == {
        content_of(data.test.crops[0])[:16],
        content_of(data.train.crops[0])[:16],
    }
    start = command(
        "distil",
        "--data",
        data_dir,
        "--classes",
        "cecum,polyps",
        "--teachers",
        folder,
        "--out",
        tmp_path / "m",
    )
    assert main([*start, "--threads", "1"]) == 2
    assert (
        f"1 images that are held out here were seen by the teacher {BACKBONE} in training."
        in capsys.readouterr().err
    )


def test_a_finished_model_and_an_unfinished_run_are_never_overwritten(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "m"
    words = command(
        "train",
        "--data",
        data_dir,
        "--classes",
        "cecum,polyps",
        "--epochs",
        "1",
        "--views",
        "1",
        "--threads",
        "1",
    )
    words += ["--out", str(out)]
    assert main(words) == 0
    before = {path: path.read_bytes() for path in out.iterdir()}
    assert main(words) == 2
    assert "holds a finished model. Choose another place" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.iterdir()} == before

    progress = Progress(run="another", epoch=1, steps=1, best_epoch=1, best_scores={})
    save_state(tmp_path / "n" / "run-state.safetensors", {"best": {"x": torch.zeros(1)}}, progress)
    assert main([*words[:-1], str(tmp_path / "n")]) == 2
    assert "holds an unfinished run with other settings or data." in capsys.readouterr().err
    assert (tmp_path / "n" / "run-state.safetensors").exists()


def test_settings_from_a_file_change_only_what_they_name(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"views": 1, "temperature": 2.5, "epochs": 7}')
    words = [
        "--data",
        str(data_dir),
        "--out",
        str(tmp_path / "m"),
        "--config",
        str(tmp_path / "settings.json"),
        "--epochs",
        "2",
    ]
    made = chosen_config(vars(parsed("train-teacher", words)), TEACHER_DEFAULTS)
    assert made == msgspec.structs.replace(TEACHER_DEFAULTS, views=1, temperature=2.5, epochs=2)


def test_parts_are_views_of_one_array_and_belong_to_the_split(data_dir: Path) -> None:
    data = load_data_set(data_dir, CLASSES)
    sizes = [len(part.labels) for part in (data.train, data.val, data.test)]
    assert sizes == [26, 6, 8]
    assert data.train.crops.base is not None
    assert not set(data.train.groups) & (set(data.val.groups) | set(data.test.groups))
    # The two classes differ in colour: red polyps, blue cecum; so crops and labels still belong
    # together.
    for part in (data.train, data.val, data.test):
        redder = part.crops[:, 60:160, 60:160, 0].mean((1, 2)) > part.crops[
            :, 60:160, 60:160, 2
        ].mean((1, 2))
        assert (redder == (part.labels == CLASSES.index("polyps"))).all()


@pytest.mark.timeout(300)
def test_a_reproduction_makes_the_table_and_resumes_where_it_stopped(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "table"
    words = command(
        "reproduce", "--data", data_dir, "--classes", "cecum,polyps", "--out", out, "--seeds", "1"
    )
    words += [
        "--teachers",
        "efficientnet_lite0",
        "--epochs",
        "1",
        "--teacher-epochs",
        "1",
        "--views",
        "1",
        "--threads",
        "1",
    ]
    assert main(words) == 0
    closed = json.loads((out / "table.json").read_text())
    assert all(
        row.keys() >= {"validation"} and "test" not in row for row in closed["rows"].values()
    )
    assert "validation part (which also chose each run's epoch)" in (out / "table.md").read_text()
    assert closed["compared"] == "validation"
    assert next((pair["b"], pair["a"]) for pair in closed["comparisons"]) == (
        "response",
        "student alone, as long",
    )
    capsys.readouterr()

    # What was trained is asked about the test part once that is wanted, and not trained again.
    assert main([*words, "--part", "test"]) == 0
    told = capsys.readouterr()
    assert "seed 0 ..." not in told.err
    page = told.out
    table = json.loads((out / "table.json").read_text())
    names = [
        "teacher efficientnet_lite0",
        "student alone",
        "response",
        "feature",
        "relation, mean",
        "relation, attention",
        "relation, places",
        "student alone, as long",
    ]
    assert list(table["rows"]) == names
    assert [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")][
        1:
    ] == names
    assert page == (out / "table.md").read_text() + "\n"
    assert RESEARCH_USE in page
    assert (out / "table.png").stat().st_size > 5000

    # The table's numbers, once more from the logits that each run left.
    truth = load_data_set(data_dir, CLASSES).test.labels
    for name in names:
        with np.load(
            out / "seed-0" / name.replace(", ", "-").replace(" ", "-") / "logits.npz"
        ) as file:
            called = file["test"].argmax(1)
        assert table["rows"][name]["test"]["accuracy"]["mean"] == pytest.approx(
            (called == truth).mean()
        )
        assert table["rows"][name]["test"]["macro_f1"]["mean"] == pytest.approx(
            by_hand(truth, called)
        )

    # A search compares variants on validation, with the table's teachers and without a look at the
    # test part.
    (tmp_path / "variants.json").write_text('{"alone": {}, "kl 1": {"losses": {"kl": 1}}}')
    assert main([*words, "--search", str(tmp_path / "variants.json")]) == 0
    told = capsys.readouterr()
    assert [
        line.removesuffix(", seed 0 ...")
        for line in told.err.splitlines()
        if line.endswith(", seed 0 ...")
    ] == ["alone", "kl 1"]
    searched = json.loads((out / "search.json").read_text())
    assert list(searched["rows"]) == ["teacher efficientnet_lite0", "alone", "kl 1"]
    assert (
        "test"
        not in json.loads((out / "seed-0" / "search" / "kl-1" / "result.json").read_text())[
            "scores"
        ]
    )
    assert "test" not in told.out.split("Mean and standard")[1]
    refusals = {
        '{"../x": {}}': "cannot be the name",
        '{"a": {"viewz": 1}}': "Did you mean 'views'",
        '{"a": 1}': "cannot be read",
    }
    for bad, said in refusals.items():
        (tmp_path / "bad.json").write_text(bad)
        assert main([*words, "--search", str(tmp_path / "bad.json")]) == 2
        assert said in capsys.readouterr().err

    # One row is lost: it alone is run again.
    shutil.rmtree(out / "seed-0" / "response")
    others = {path: path.stat().st_mtime_ns for path in out.glob("seed-0/*/result.json")}
    assert main([*words, "--part", "test"]) == 0
    told = capsys.readouterr()
    assert told.err.count("seed 0 ...") == 1
    assert "response, seed 0 ..." in told.err
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert json.loads((out / "table.json").read_text())["rows"] == {
        **table["rows"],
        "response": {
            **table["rows"]["response"],
            "minutes": pytest.approx(table["rows"]["response"]["minutes"], abs=0.5),
        },
    }


@pytest.mark.timeout(300)
def test_a_reproduction_with_teachers_that_are_trained_and_with_chosen_rows(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    teacher, out = tmp_path / "taught-before", tmp_path / "table"
    made = command("train-teacher", "--data", data_dir, "--classes", "cecum,polyps")
    made += ["--backbone", BACKBONE, "--weights", "none", "--epochs", "1", "--views", "1"]
    assert main([*made, "--out", str(teacher)]) == 0
    capsys.readouterr()
    words = command("reproduce", "--data", data_dir, "--classes", "cecum,polyps", "--out", out)
    settings = tmp_path / "settings.json"  # and no number beside it
    settings.write_text('{"epochs": 1, "views": 1}')
    words += ["--seeds", "2", "--threads", "1", "--config", str(settings)]
    words += ["--trained-teachers", str(teacher), "--rows", "alone,response"]
    assert main(words) == 0
    told = capsys.readouterr()
    table = json.loads((out / "table.json").read_text())
    assert list(table["rows"]) == [f"teacher {teacher.name}", "student alone", "response"]
    assert [(pair["b"], pair["a"], pair["seeds"]) for pair in table["comparisons"]] == [
        ("response", "student alone", 2)
    ]
    assert "test" not in table["rows"]["response"]
    assert "test accuracy" not in told.out
    # The teacher is the same in every seed, and what taught stays with the table
    digests = {
        path.read_bytes() for path in out.glob(f"seed-*/teacher-{teacher.name}/*.safetensors")
    }
    assert digests == {(teacher / TEACHER_WEIGHTS_NAME).read_bytes()}
    for wrong, said in {
        "alone,respons": "There is no row 'respons'",
        "as-long": "is measured by others",
    }.items():
        assert main([*words, "--rows", wrong]) == 2
        assert said in capsys.readouterr().err

    # A row with other settings leaves none of the logits of the one before.
    before = (out / "seed-0" / "response" / "logits.npz").read_bytes()
    assert main([*words, "--epochs", "2"]) == 0
    assert (out / "seed-0" / "response" / "logits.npz").read_bytes() != before


def by_hand(truth: NDArray[np.int64], called: NDArray[np.int64]) -> float:
    """Macro-F1 of two classes, from its definition."""
    ones = []
    for label in (0, 1):
        hits = sum(1 for t, c in zip(truth, called, strict=True) if t == c == label)
        wrong = sum(1 for t, c in zip(truth, called, strict=True) if (t == label) != (c == label))
        ones.append(2 * hits / (2 * hits + wrong) if hits else 0.0)
    return sum(ones) / 2


def test_a_student_reuses_its_teachers_heads_by_command(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    teachers = [teacher_folder(tmp_path / name, seed=seed) for seed, name in enumerate("ab")]
    words = command(
        "distil",
        *("--data", data_dir, "--classes", ",".join(CLASSES), "--threads", "1"),
        *("--epochs", "1", "--views", "1", "--head", "reused", "--weight", "cross_entropy=0"),
        *("--weight", "kl=0", "--weight", "hint=1", "--events"),
        *("--teachers", ",".join(map(str, teachers)), "--out", tmp_path / "out"),
    )
    assert main(words) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    epoch = next(event for event in events if event["type"] == "epoch")
    assert set(epoch["losses"]) == {"hint"}
    # What is stored is the student as ever, and the file of ONNX says what its weights say
    card = Predictor.load(tmp_path / "out").card
    assert card.parameters == {"deployed": deployed_parameters(Student(2))}
    with safe_open(tmp_path / "out" / WEIGHTS_NAME, "pt") as file:
        assert {"head.weight", "head.bias"} <= set(file.keys())
        assert not any("parametrizations" in name for name in file.keys())  # noqa: SIM118


def test_a_fusion_reads_two_depths_by_command(data_dir: Path, tmp_path: Path) -> None:
    teachers = [teacher_folder(tmp_path / name, seed=seed) for seed, name in enumerate("ab")]
    words = command(
        "distil",
        *("--data", data_dir, "--classes", ",".join(CLASSES), "--threads", "1"),
        *("--epochs", "1", "--views", "1", "--scheme", "relation", "--fusion", "places"),
        *("--depths", "2", "--teachers", ",".join(map(str, teachers)), "--out", tmp_path / "out"),
    )
    assert main(words) == 0
    training = read_card(tmp_path / "out").training
    assert training.config["depths"] == 2
    # Of both depths: the card says of each teacher how much it was read, and where
    assert sum(one.attention_share or 0.0 for one in training.teachers) == pytest.approx(
        1.0, abs=2e-3
    )
    # Beside what one depth learns: two projections of 112 channels, and the embedding of the depth
    plain = msgspec.structs.replace(make_config(training.config, "card.json"), depths=1)
    one = Scheme(Student(2), plain, [256, 256]).parameter_counts()
    more = training.parameters.training_only - one.training_only
    assert more == 2 * (2 * 112 + 112 * WIDTH + WIDTH) + WIDTH
