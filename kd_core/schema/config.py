"""What a training run is asked to do.

Frozen, JSON both ways; an unknown key is refused with the name that was likely meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, JsonObject, decode_json
from kd_core.schema.old_keys import renamed, renamed_keys
from kd_core.schema.progressive_sizes import size_stages

#: What old knowledge weighs in a retraining: see "What corrections are worth" in
#: resources/RESULTS.md.
REPLAY_WEIGHT = 8.0


class LossWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much each named loss counts; one of weight 0 is not computed.

    Any combination is a scheme.

    Response: ``kl`` softened KL, ``tckd``/``nckd`` DKD, ``inter``/``intra`` DIST. Feature: ``hint``
    FitNets, ``attention`` attention transfer; these and the fusion see a teacher's map along its
    strongest principal directions, 256 unless `train-teacher --directions` said otherwise, which
    its card names with the share of the map's energy that they keep. Relation: ``guide`` of the
    fused feature, ``fused_kl`` KL to the fusion's own classifier, ``distance``/``angle`` RKD
    against the fused feature. ``anchor`` teaches the fusion the classes. ``outlier_exposure`` keeps
    the student from preferring a class where an image shows none (kd_core.data.outliers),
    ``replay`` from forgetting what it knew (kd_core.artifacts.replay). ``own``: losses that
    kd_core.schemes.registry was told.
    """

    cross_entropy: float = 1.0
    kl: float = 0.0
    tckd: float = 0.0
    nckd: float = 0.0
    inter: float = 0.0
    intra: float = 0.0
    hint: float = 0.0
    attention: float = 0.0
    anchor: float = 0.0
    guide: float = 0.0
    fused_kl: float = 0.0
    distance: float = 0.0
    angle: float = 0.0
    outlier_exposure: float = 0.0
    replay: float = 0.0
    own: dict[str, float] = {}

    def any_of(self, *names: str) -> bool:
        """Whether one of the named losses counts."""
        return any(self.weight(name) for name in names)

    def weight(self, name: str) -> float:
        """Of a loss, built in or own; 0 for one that is not named."""
        if name in self.own:
            return self.own[name]
        return float(getattr(self, name)) if name in self.built_in() else 0.0

    @classmethod
    def built_in(cls) -> tuple[str, ...]:
        """The names of the losses of this package."""
        return tuple(name for name in cls.__struct_fields__ if name != "own")


#: Backbones that are fine-tuned as teachers where nobody names others: they install with their
#: ImageNet weights.
DEFAULT_TEACHERS = ("efficientnet_lite0", "efficientnet_lite1")
RESPONSE = ("kl", "tckd", "nckd", "inter", "intra")
FEATURE = ("hint", "attention")
RELATION = ("anchor", "guide", "fused_kl", "distance", "angle")

SCHEMES: dict[str, LossWeights] = {}


def register_scheme(name: str, losses: LossWeights) -> None:
    """Make a scheme known by ``name``: to the commands too, where it is done before they start."""
    SCHEMES[name] = losses


# Feature and relation add to what response teaches, as FitNets does. Weights and temperature were
# chosen on validation groups: see "Search" in resources/RESULTS.md.
register_scheme("alone", LossWeights())
register_scheme("response", LossWeights(cross_entropy=0.5, kl=0.5))
register_scheme("feature", LossWeights(cross_entropy=0.5, kl=0.5, hint=0.2))
register_scheme("relation", LossWeights(cross_entropy=0.5, kl=0.5, anchor=1.0, guide=0.2))


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One run; what each setting means stands beside it, and is what `kd-core config` prints."""

    epochs: Annotated[int, Meta(description="passes over the training part")] = 40
    batch_size: Annotated[int, Meta(description="images per step")] = 32
    learning_rate: Annotated[float, Meta(description="the highest of the run")] = 5e-3
    weight_decay: Annotated[float, Meta(description="of the optimiser")] = 0.02
    optimiser: Annotated[Literal["adamw", "sgd"], Meta(description="which one takes the steps")] = (
        "adamw"
    )
    momentum: Annotated[float, Meta(description="of sgd")] = 0.9
    warm_up: Annotated[
        float, Meta(description="share of the run in which the rate rises to its highest")
    ] = 0.05
    warm_up_epochs: Annotated[int, Meta(description="the fewest in which the rate rises")] = 0
    label_smoothing: Annotated[float, Meta(description="share given to the other classes")] = 0.05
    balance: Annotated[
        float,
        Meta(description="power by which rare classes are drawn more often: 0 not, 1 all alike"),
    ] = 0.5
    ema: Annotated[float, Meta(description="decay per step of the weights that are kept")] = 0.998
    clip_norm: Annotated[
        float, Meta(description="the largest norm of a gradient: the student's, and the rest's")
    ] = 2.0
    patience: Annotated[
        int,
        Meta(description="end after so many epochs without a better validation macro-F1; 0: never"),
    ] = 0
    views: Annotated[int, Meta(description="fixed augmentations that an image has")] = 6
    sizes: Annotated[
        str,
        Meta(
            description="SIDE:SHARE of the epochs, the last without a share, as"
            " 112:0.3,160:0.3,224; nothing: images as they are"
        ),
    ] = ""
    mixup: Annotated[
        float, Meta(description="MixUp's alpha; teachers are asked about what is mixed; 0: none")
    ] = 0.0
    strong_labels: Annotated[
        bool, Meta(description="labels count for strong views too, not the teachers alone")
    ] = False
    frozen_stem: Annotated[
        bool,
        Meta(description="leave the student's stem and its batch norms' statistics as they are"),
    ] = False
    trust_labels: Annotated[bool, Meta(description="correct teachers that contradict a label")] = (
        False
    )
    precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        Meta(description="auto: bf16 where the hardware computes in it"),
    ] = "auto"
    seed: Annotated[int, Meta(description="of weights, order and augmentation")] = 0
    losses: LossWeights = LossWeights()
    temperature: Annotated[float, Meta(description="of softened logits")] = 2.0
    standardise: Annotated[
        bool, Meta(description="standardise logits before they are compared")
    ] = False
    weighting: Annotated[
        Literal["average", "entropy", "confidence", "attention"],
        Meta(
            description="of several teachers' logits; attention: as a fusion by places reads them"
        ),
    ] = "average"
    fusion: Annotated[
        Literal["attention", "mean", "places"],
        Meta(
            description="of teachers' features: attention of one learned query, their mean, or"
            " places: each place of the student's map asks"
        ),
    ] = "attention"
    teacher_dropout: Annotated[
        float, Meta(description="how often a fusion by places does without a teacher in training")
    ] = 0.2
    head: Annotated[
        Literal["own", "reused"],
        Meta(
            description="of the student: its own, or its teachers' behind a projection that hint"
            " teaches, one matrix in the end (SimKD)"
        ),
    ] = "own"
    depths: Annotated[
        Literal[1, 2],
        Meta(
            description="maps of each teacher that a fusion by attention or places reads: its last"
            " one, or an earlier, finer one too"
        ),
    ] = 1

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that no run can have.

        When decoding, msgspec makes it a ValidationError.
        """
        for name in ("epochs", "batch_size", "views"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more")
        for name in ("learning_rate", "temperature", "clip_norm"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0")
        for name in ("weight_decay", "warm_up_epochs", "patience", "mixup", "balance"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be 0 or more")
        for name in ("label_smoothing", "ema", "momentum", "warm_up", "teacher_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be from 0 to below 1")
        losses = self.losses
        names = (*LossWeights.built_in(), *losses.own)
        for name in names:
            if not losses.weight(name) >= 0:
                raise ValueError(f"the weight of {name} must be 0 or more")
        if not losses.any_of(*names):
            raise ValueError("at least one loss must have a weight above 0")
        if self.weighting == "attention" and not (self.fusion == "places" and losses.anchor):
            raise ValueError(
                "weighting by attention needs a fusion that reads teachers: take fusion places and"
                " give anchor a weight"
            )
        if self.head == "reused" and not losses.hint:
            raise ValueError(
                "a reused head learns its projection from hint: give hint a weight, or take head"
                " own"
            )
        if self.depths == 2 and not (losses.anchor and self.fusion != "mean"):
            raise ValueError(
                "two depths need a fusion that reads them: take fusion attention or places and"
                " give anchor a weight"
            )
        size_stages(self.sizes)
        if losses.any_of(*RELATION) and not losses.anchor:
            raise ValueError(
                "without anchor the fusion learns nothing, and the student would follow noise: give"
                " anchor a weight"
            )


#: Of a teacher: few epochs at a low rate, because the backbone knows images already.
TEACHER_DEFAULTS = TrainConfig(
    epochs=6, learning_rate=4e-4, warm_up_epochs=1, ema=0.98, weight_decay=0.05
)


def teachers_needed(losses: LossWeights) -> bool:
    """Whether a scheme compares the student with teachers at all."""
    return losses.any_of(*RESPONSE, *FEATURE, *RELATION)


def decode_plain(content: bytes, name: str) -> JsonObject:
    """A JSON object. Raises DataError for anything else."""
    try:
        return decode_json(content, JsonObject)
    except JsonError as error:
        raise DataError(
            f"{name} is not a JSON object: {str(error).rstrip('.')}.", "Correct the file."
        ) from None


def merged(config: TrainConfig, changes: Mapping[str, object], name: str) -> TrainConfig:
    """``config`` with plain ``changes``; "losses", where given, replaces all weights.

    Raises DataError as ``make_config``.
    """
    return make_config({**msgspec.to_builtins(config), **changes}, name)


def make_config(plain: object, name: str) -> TrainConfig:
    """Plain dicts and numbers -> TrainConfig.

    Raises DataError that names an unknown key and the near one, or the value that cannot be.
    """
    try:
        return msgspec.convert(_with_new_names(plain), TrainConfig)
    except msgspec.ValidationError as error:
        unknown = re.search(r"unknown field `([^`]+)`(?:.*`\$\.(\w+))?", str(error))
        if not unknown:
            raise DataError(f"In {name}: {error}.", "Correct the value.") from None
        known = LossWeights.built_in() if unknown[2] == "losses" else TrainConfig.__struct_fields__
        near = get_close_matches(unknown[1], known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(known)}."
        raise DataError(f"In {name} there is no setting called '{unknown[1]}'.", hint) from None


#: What settings and losses are called now, and what they were called in files of 2026.
_OLD_SETTINGS = {"frozen_stem": "frozen_front"}
_OLD_LOSSES = {"outlier_exposure": "silence"}
#: Settings that there were none of then: a run without them is still called what it was.
_LATER_SETTINGS = ("warm_up", "sizes", "strong_labels", "teacher_dropout", "depths", "head")


def stored_form(config: TrainConfig) -> JsonObject:
    """As runs of 2026 stored it: a run is named by this, which must not change with wording."""
    losses: JsonObject = msgspec.to_builtins(config.losses)
    if not losses["own"]:
        del losses["own"]
    plain: JsonObject = {**msgspec.to_builtins(config), "losses": renamed_keys(losses, _OLD_LOSSES)}
    defaults = TrainConfig()
    for name in _LATER_SETTINGS:
        if plain[name] == getattr(defaults, name):
            del plain[name]
    return renamed_keys(plain, _OLD_SETTINGS)


def _with_new_names(plain: object) -> object:
    if not isinstance(plain, Mapping):
        return plain
    settings = renamed_keys(plain, _reversed(_OLD_SETTINGS))
    if "losses" in settings:
        settings["losses"] = renamed(settings["losses"], _reversed(_OLD_LOSSES))
    return settings


def _reversed(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for new, old in names.items()}
