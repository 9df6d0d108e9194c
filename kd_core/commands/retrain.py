"""``kd-core retrain``: a better student from a reader's labels, proved on procedures that were held out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from kd_core.commands.training import EVENTS_HELP, add_machine, carry_out, chosen_config, chosen_device, free_place
from kd_core.contract.config import SCHEMES
from kd_core.contract.model_card import CARD_NAME, read_card, write_card

HELP = "distil a better student from a reader's labels, and prove it"
EXAMPLE = "--labels EXPORT --base resources/models/student --teachers A,B --replay resources/models/replay.safetensors --out candidate"
NAMES = tuple(name for name in SCHEMES if name != "alone")
PROOF_NAME = "proof.json"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--labels", required=True, type=Path, help="the application's label export: class folders with manifest.csv")
    parser.add_argument("--base", required=True, type=Path, help="the model to start from and to compare with")
    parser.add_argument("--teachers", required=True, help="comma-separated teacher folders")
    parser.add_argument("--replay", required=True, type=Path, help="the replay set of the base's ancestor (kd-core replay)")
    parser.add_argument("--scheme", choices=NAMES, default="relation", help="default: %(default)s")
    parser.add_argument("--thorough", action="store_true", help="five times as long")
    parser.add_argument("--held-out", type=Path, help="file that says which procedures are never learnt from (default: beside --out)")
    parser.add_argument("--out", required=True, type=Path, help="the candidate's folder; a run that was killed goes on from it")
    parser.add_argument("--name", default="student", help="the model's name in its card (default: %(default)s)")
    parser.add_argument("--epochs", type=int, help="instead of as many as the number of labels asks for")
    parser.add_argument("--temperature", type=float, help="of softened answers")
    parser.add_argument("--learning-rate", type=float, help="the highest of the run")
    parser.add_argument("--weight", action="append", default=[], metavar="LOSS=W", help="weight of a named loss; repeatable")
    parser.add_argument("--seed", type=int, help="of order and augmentation (default: 0)")
    parser.add_argument("--config", type=Path, help="a JSON file of settings; the options here override it")
    add_machine(parser)
    parser.add_argument("--events", action="store_true", help=EVENTS_HELP)


def run(options: argparse.Namespace) -> int:
    """Read, hold out, retrain, prove; the proof is in the candidate's folder and in its card."""
    place = free_place(options, chosen_device(options))
    retraining, data = _prepared(options, place)
    for sentence in data.warnings:
        print(f"kd-core: {sentence}", file=sys.stderr)
    status = carry_out(retraining, options.events)
    if (options.out / CARD_NAME).exists():
        sentence = _prove(options, data)
        print(sentence, file=sys.stderr)
    return status


def _prepared(options: argparse.Namespace, place: Any) -> tuple[Any, Any]:
    from kd_core.model_files.checkpoint import load_student
    from kd_core.model_files.replay import read_replay
    from kd_core.model_files.teacher_folder import load_teacher
    from kd_core.retraining.extended import extend_teacher
    from kd_core.retraining.held_out import choose_held_out, read_held_out, write_held_out
    from kd_core.retraining.reader_data import data_set, read_labels
    from kd_core.retraining.run import Base, Retraining, retrain_config

    student, card = load_student(options.base)
    replay = read_replay(options.replay, student)
    samples, classes, warnings = read_labels(options.labels, card.classes)
    kept = options.held_out or options.out.absolute().parent / "held-out.json"
    chosen = choose_held_out(samples, read_held_out(kept))
    write_held_out(kept, chosen)
    data = data_set(samples, classes, chosen, "labels of a reader", warnings)
    teachers = [load_teacher(Path(folder), card.classes) for folder in options.teachers.split(",")]
    for loaded in teachers:
        extend_teacher(loaded.teacher.teacher, len(classes))
    config = chosen_config(options, retrain_config(options.scheme, len(data.train.labels), thorough=options.thorough))
    return Retraining(config, data, place, teachers, Base(student, card), replay, options.name), data


def _prove(options: argparse.Namespace, data: Any) -> str:
    """Compare on the held-out procedures and on old knowledge; write it beside the candidate and into its card. Returns the sentence."""
    from kd_core.model_files.checkpoint import write_atomically, writing
    from kd_core.retraining.proof import proof

    new, old = _answers(options, data)
    made = proof(new, old, data.classes)
    card = read_card(options.out)
    with writing(options.out):
        write_atomically(options.out / PROOF_NAME, msgspec.json.format(msgspec.json.encode(made), indent=1))
        write_card(options.out, msgspec.structs.replace(card, checks={**card.checks, "comparison": made}))
    return str(made["sentence"])


def _answers(options: argparse.Namespace, data: Any) -> tuple[Any, Any]:
    import numpy as np

    from kd_core.model_files.checkpoint import load_student
    from kd_core.model_files.replay import read_replay
    from kd_core.predictor import softmax
    from kd_core.retraining.proof import Answers
    from kd_core.training.train import logits_of, replayed_logits

    models = [load_student(options.base), load_student(options.out)]
    replay = read_replay(options.replay, models[0][0])

    def probabilities(logits: Any, card: Any) -> Any:
        made = np.zeros((len(logits), len(data.classes)), np.float32)
        made[:, : len(card.classes)] = softmax(logits / np.float32(card.temperature))
        return made

    truth = replay.labels[replay.held_out].numpy()
    active, candidate = (probabilities(replayed_logits(model, replay), card) for model, card in models)
    old = Answers(active, candidate, truth, np.arange(len(truth)).astype(str))
    if not len(data.test.labels):
        return None, old
    active, candidate = (probabilities(logits_of(model, data.test.squares), card) for model, card in models)
    return Answers(active, candidate, data.test.labels, data.test.groups), old
