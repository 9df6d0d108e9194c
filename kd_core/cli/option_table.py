"""Every option of every command, by the parameter of the library that it fills."""

from __future__ import annotations

import argparse
from pathlib import Path

from kd_core.cli.options import ONE_MAY, ONE_MUST, Option
from kd_core.schema.config import DEFAULT_TEACHERS, SCHEMES, TEACHER_DEFAULTS, TrainConfig
from kd_core.schema.heat_map_methods import METHODS
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME
from kd_core.schema.student_shapes import STUDENTS

PARTS = ("train", "val", "test")
TAUGHT = tuple(name for name in SCHEMES if name != "alone")


def names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def initial_weights(word: str) -> str | None:
    """None for random ones."""
    return None if word == "none" else word


def threshold(word: str) -> float:
    """Below, most images of a bowel resemble each other; above, rounding parts copies of a file."""
    if not 0.5 <= float(word) <= 0.99:
        raise argparse.ArgumentTypeError(f"{word} is not between 0.5 and 0.99")
    return float(word)


OPTIONS = {
    # what is read
    "model": Option("a model folder", Path),
    "a": Option("a model folder: the one to compare with", Path, flag="", metavar="A"),
    "b": Option("the model of the same classes that may be better", Path, flag="", metavar="B"),
    "folder": Option("a model folder", Path, flag="", metavar="FOLDER"),
    "key": Option("your private key, from kd-core make-key", Path, metavar="FILE"),
    "key.public": Option("the lab's public key", Path, metavar="FILE"),
    "data": Option("class folders, a manifest.csv, KVASIR-V2 or Hyper-KVASIR", Path),
    "data.place": Option("class folders, or a manifest.csv", Path, flag="", metavar="DIR"),
    "split": Option("a split made by `kd-core split` (default: made here, by groups)", Path),
    "part": Option("of --split; test is opened by asking for it, and that is noted", PARTS, "val"),
    "part.closed": Option("val, or test: opened by asking for it, and noted", PARTS[1:], "val"),
    "split_seed": Option("of the split made here", int, 0),
    "classes": Option("comma-separated, in output order (default: the split's, else all)", names),
    "ignore_unknown": Option("leave images of other classes out, do not refuse", bool, False),
    "class_groups": Option(
        "a softmax for each class group (pathology, landmarks, preparation, other), so that an"
        " image may show a class of each; reads the labels of all groups",
        bool,
        False,
    ),
    "complete_labels": Option(
        "with --class-groups: an image without a label of a group shows none of it", bool, False
    ),
    "data_name": Option("what the card says of the data: name, licence, citation", str, ""),
    "image": Option("a still of any size", Path),
    "images": Option("stills", Path, [], flag="", metavar="IMAGE", many=True, group=ONE_MUST),
    "list": Option(
        "a text file that names one image per line", Path, metavar="FILE", group=ONE_MUST
    ),
    "labels": Option("the application's label export: class folders with manifest.csv", Path),
    "base": Option("the model to start from and to compare with", Path),
    "replay": Option("the replay set of the base's ancestor (kd-core replay)", Path),
    "teachers": Option("folders of train-teacher: repeatable, or with commas between", many=True),
    "teachers.names": Option("backbones to fine-tune", names, DEFAULT_TEACHERS),
    "trained": Option(
        "folders of train-teacher to take as they are, for every seed (not --teachers)",
        names,
        [],
        flag="--trained-teachers",
    ),
    "rows": Option(
        "alone, response, feature, relation-mean, relation-attention, relation-places, as-long"
        " (default: all)",
        names,
    ),
    "held_out": Option("procedures that no model ever learns from (default: beside --out)", Path),
    "sides": Option("such a file for this run alone (default: chosen here)", Path),
    "unlabelled": Option("file, group, moment of unlabelled frames that teachers tell", Path),
    "official": Option("Hyper-KVASIR's 2_fold_split.csv or 5_fold_split.csv", Path),
    "fold": Option("of --official, which is the test part", int, 0),
    "variants": Option("JSON of variants to compare on validation", Path, flag="--search"),
    # what is written
    "out": Option("the folder to write; a run that was killed is resumed from it", Path),
    "out.file": Option("the file to write", Path),
    "out.groups": Option("file, label and group of every image: usable as --data", Path),
    "out.key": Option(
        "the file of the private key; the public one is FILE.pub", Path, metavar="FILE"
    ),
    "password": Option("ask for a password that protects the private key", bool, False),
    "json": Option("numbers for programs; standard output holds nothing else", bool, False),
    "json.predict": Option("probabilities of all classes", bool, False, group=ONE_MAY),
    "lines": Option("JSON lines: the model, then each image when done", bool, False, group=ONE_MAY),
    "events": Option(
        "JSON lines on standard output; a line 'cancel' on standard input stops", bool, False
    ),
    "plots": Option("draw reliability, confusion and recall per class here", Path, metavar="DIR"),
    "plot_format": Option("svg stays sharp, its text can be searched", ("png", "svg"), "png"),
    "map_file": Option("also the map as .npy: (h, w) float32, 0 to 1", Path, flag="--map"),
    "name": Option("the model's name in its card", str, "student"),
    "source": Option("name, licence and citation of the data, kept in the file", str, ""),
    "print": Option("write all settings with their defaults as JSON, for --config", bool, False),
    # how it is done
    "scheme": Option(
        "how the student is taught; --weight combines losses freely", TAUGHT, DEFAULT_SCHEME
    ),
    "student": Option("the shape of what is trained", STUDENTS, STUDENTS[0]),
    "scheme.any": Option("whose losses are written", tuple(SCHEMES), DEFAULT_SCHEME),
    "teacher": Option("the settings of train-teacher", bool, False),
    "config": Option("a JSON file of settings (kd-core config); options override it", Path),
    "weight": Option("of a named loss, e.g. guide=2; repeatable", metavar="LOSS=W", many=True),
    "backbone": Option(
        "efficientnet_lite0 to 2, torchvision's by name, or timm/NAME", str, DEFAULT_TEACHERS[0]
    ),
    "directions": Option(
        "principal ones, along which hint, attention and the fusion see its map; 0: all", int, 256
    ),
    "weights": Option("imagenet, none, or a file of tensors", initial_weights, "imagenet"),
    "keep_test_closed": Option("", bool, False),
    "thorough": Option("four times as long", bool, False),
    "again": Option("even where the test part was opened before", bool, False),
    "quick": Option("without heat maps and probes, which take minutes", bool, False),
    "method": Option("how the map is made", tuple(METHODS), "gradcam"),
    "methods": Option(
        f"of {', '.join(METHODS)}; eigencam knows no class, its sign is arbitrary", names
    ),
    "layer": Option("the student's layer to look at; this one is the last", str, "stages.10"),
    "target": Option("the class to explain (default: the predicted one)", flag="--class"),
    "limit": Option("only the first N images that have a mask", int),
    "steps": Option("portions in which pixels are inserted and deleted", int, 28),
    "tolerance": Option("px of 224 that the pointing game may miss by", float, 15.0),
    "join_near_copies": Option("near-copies (kd-core dedupe) stay in one part too", bool, False),
    "against_groups": Option("compare with the data set's own groups", bool, False),
    "threshold": Option("correlation from which on two are near-copies", threshold, 0.8),
    "drop_straddling": Option("no training images with a near-copy in the fold", bool, False),
    "val": Option("share of each class for validation", float, 0.15),
    "test": Option("share of each class for the test", float, 0.2),
    "seed": Option("of what is drawn", int, 0),
    "seeds": Option("how many, from 0 on; the split stays the same", int, 3),
    "epochs": Option(f"of every student (default: {TrainConfig().epochs})", int),
    "teacher_epochs": Option(f"of every teacher (default: {TEACHER_DEFAULTS.epochs})", int),
    "views": Option(f"fixed augmentations that an image has (default: {TrainConfig().views})", int),
    "settings": Option(
        "a JSON file of settings of every student (kd-core config); its losses are left out",
        Path,
        flag="--config",
        metavar="FILE",
    ),
    "teacher_settings": Option(
        "the same of every teacher", Path, flag="--teacher-config", metavar="FILE"
    ),
    "per_class": Option("most images of a class to replay", int, 80),
    "form": Option(
        "onnx: for ONNX Runtime and this application; torch: for torch.export.load, which can run"
        " code that a .pt2 file holds: never open one from a source you do not trust",
        ("onnx", "torch"),
        "onnx",
        "--format",
    ),
    "int8": Option("8-bit integers, and what that costs; needs --data", bool, False),
    "runs": Option("each number is the median of so many", int, 5),
    "training": Option("time teachers, steps, the cache and the losses instead", bool, False),
    "frames": Option("time a whole distillation of so many noise frames instead", int, 0),
    # where
    "cache": Option("folder of views and teachers' logits (default: beside --out)", Path, True),
    "cache.none": Option("make and ask anew every time (for a GPU)", bool, True, "--no-cache"),
    "cache_gb": Option("largest size of that folder", float, 6.0),
    "device": Option("auto, cpu or cuda", str, "auto"),
    "threads": Option("torch's threads (set OMP_WAIT_POLICY=PASSIVE)", int, 1),
}
