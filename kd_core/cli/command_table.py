"""Every command: what it is for, the function of the library that does it, and its options."""

from __future__ import annotations

from typing import NamedTuple

DATA = "data! split split_seed classes ignore_unknown data_name"
GROUPED = f"{DATA} class_groups complete_labels"
LABELLED = "data! ignore_unknown split part"
MACHINE = "cache cache.none cache_gb device threads=2"
#: With these come all settings of a TrainConfig.
RUN = f"out! config weight {MACHINE} events"


class Command(NamedTuple):
    """``options``: see add_options.

    ``text``: a function that makes a page of the result, where its own text will not do; ``part``:
    what --json prints of the result, where not all of it. ``private``: what it warns of may name
    patients, and is not said where a program listens.
    """

    purpose: str
    function: str
    options: str
    example: str = ""
    text: str = ""
    part: str = ""
    private: bool = False


COMMANDS = {
    "train-teacher": Command(
        "fine-tune a pretrained backbone as teacher",
        "kd_core.api.training:train_teacher",
        f"{DATA} {RUN} backbone weights directions keep_test_closed",
        "--backbone efficientnet_lite0 --data DIR --split split.json --out teachers/lite0. Then"
        " teach a student with: kd-core distil --teachers teachers/lite0",
    ),
    "distil": Command(
        "train the student with teachers: response, feature, relation",
        "kd_core.api.training:distil",
        f"teachers! scheme student {GROUPED} {RUN} name keep_test_closed",
        "--scheme relation --teachers teachers/lite0,teachers/lite1 --data DIR --split split.json"
        " --out student. Teachers and student must share a split: one that has seen held-out"
        " images is refused.",
    ),
    "train": Command(
        "train the student alone on labelled images",
        "kd_core.api.training:train_student",
        f"student {GROUPED} {RUN} name keep_test_closed",
        "--data DIR --split split.json --out student. The baseline that every distilled student"
        " has to beat.",
    ),
    "retrain": Command(
        "distil a better student from a reader's labels, and compare it",
        "kd_core.api.retraining:retrain",
        f"labels! base! teachers! replay! scheme thorough held_out sides unlabelled name {RUN}",
        "--labels EXPORT --base resources/models/student --teachers A,B --replay"
        " resources/models/replay.safetensors --out candidate",
        private=True,
    ),
    "reproduce": Command(
        "the table of the paper on any labelled data set",
        "kd_core.api.reproduction:reproduce",
        f"{DATA} out! part.closed seeds teachers.names trained rows epochs teacher_epochs views"
        f" settings teacher_settings variants {MACHINE} json events",
        "--data DIR --seeds 3 --out table. Start it again after a stop and it is resumed; to"
        " compare settings on validation add --search variants.json.",
        part="summary",
    ),
    "config": Command(
        "explain the settings of a training, or write them as a file",
        "kd_core.cli.config:run",
        "print scheme.any teacher",
        "--print > settings.json. Change some, then: kd-core distil --config settings.json ...",
    ),
    "dedupe": Command(
        "find near-duplicate images, whatever their border and inset",
        "kd_core.api.duplicates:find_duplicates",
        "data.place out.groups against_groups threshold json",
    ),
    "split": Command(
        "write a seeded split that keeps groups together",
        "kd_core.api.splitting:split_data",
        "data! classes join_near_copies threshold official fold drop_straddling out.file! val test"
        " seed source json",
        "--data DIR --out split.json --seed 7 --join-near-copies. All classes of the data are kept"
        " unless --classes names some.",
    ),
    "replay": Command(
        "store latents of labelled images for retraining",
        "kd_core.api.replay:store_replay",
        "model! teachers! data! split! ignore_unknown per_class source out.file! threads json",
        "--model resources/models/student --teachers A,B --data DIR --split split.json --out"
        " replay.safetensors",
    ),
    "info": Command(
        "show a model's card",
        "kd_core.api.card_summary:stored_card",
        "model! json",
        text="kd_core.api.card_summary:card_summary",
    ),
    "predict": Command(
        "classify images",
        "kd_core.cli.predict:run",
        "model! images list threads json.predict lines",
        "--model resources/models/student polyp.png. Of thousands: --list files.txt --lines tells"
        " each as soon as it is done.",
    ),
    "evaluate": Command(
        "score a model on labelled images",
        "kd_core.api.scoring:evaluate",
        f"model! {LABELLED} plots plot_format json",
    ),
    "compare": Command(
        "say whether one model is better than another on the same images",
        "kd_core.api.scoring:compare",
        f"a b {LABELLED} json",
    ),
    "probe": Command(
        "ask what could be cheated on, and whether preprocessing leaves any of it",
        "kd_core.api.shortcuts:probe_shortcuts",
        "data! split part.closed classes ignore_unknown model seed threads json",
    ),
    "card": Command(
        "complete a model's card: test scores, robustness, explanation, shortcuts",
        "kd_core.api.card:complete_card",
        "model! data! split! part.closed again ignore_unknown quick threads",
        "--part test --model resources/models/student --data DIR --split split.json. Without --part"
        " test it asks about the validation part, and only prints.",
        text="kd_core.schema.card_text:as_markdown",
    ),
    "calibrate": Command(
        "give an older model's card its naming level, by the validation part",
        "kd_core.api.calibration:choose_naming_level",
        "model! data! split! ignore_unknown threads",
        "--model teachers/lite0 --data DIR --split split.json. Weights stay as they are, and the"
        " test part stays closed.",
        text="kd_core.schema.card_text:as_markdown",
    ),
    "make-key": Command(
        "make the two keys with which a lab signs its models",
        "kd_core.api.signing:make_key",
        "out.key! password json",
        "--out lab.key. The private key is lab.key, which stays with you; lab.key.pub is for those"
        " who trust your models.",
    ),
    "sign-model": Command(
        "sign a finished model, so that whoever has your public key can check it",
        "kd_core.api.signing:sign_model",
        "folder key! json",
        "candidate --key lab.key. Sign last: whatever changes a card (card, calibrate) takes the"
        " signature away.",
    ),
    "verify-model": Command(
        "check that a model is as the owner of a public key signed it",
        "kd_core.api.signing:verify_model",
        "folder key.public! json",
        "candidate --key lab.key.pub. Exits 2 where it is not.",
    ),
    "explain": Command(
        "heat map of one image by any method of the grad-cam package",
        "kd_core.api.explanation:explain",
        "model! image! out.file! method layer target map_file json",
    ),
    "explain-scores": Command(
        "score heat maps against lesion masks, and by insertion and deletion",
        "kd_core.api.explanation_scores:score_explanations",
        "model! data! split part methods=gradcam,hirescam,layercam,eigencam limit steps tolerance"
        " json",
    ),
    "export": Command(
        "ONNX (float or int8) or torch.export, checked against torch",
        "kd_core.api.export:export_model",
        "model! out.file! form int8 data split ignore_unknown json",
    ),
    "benchmark": Command(
        "time the student, preprocessing and heat map",
        "kd_core.api.benchmark:benchmark",
        "model runs training frames json",
    ),
}
