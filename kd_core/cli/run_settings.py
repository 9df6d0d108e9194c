"""What the options of a training mean to the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kd_core.cli.options import Keywords
from kd_core.schema.config import LossWeights, TrainConfig, decode_plain, merged
from kd_core.schema.errors import DataError

if TYPE_CHECKING:
    from kd_core.api.labelled_data import LabelledSource
    from kd_core.api.machine import Machine


def chosen_config(options: Keywords, defaults: TrainConfig) -> TrainConfig:
    """Defaults, then the file --config, then options. Raises DataError for what no run can have."""
    config, path = defaults, options["config"]
    if path:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(
                f"The settings {path} cannot be read: {error.strerror}.",
                "Name an existing JSON file.",
            ) from error
        config = merged(defaults, decode_plain(content, path.name), path.name)
    losses = dict(msgspec.to_builtins(config.losses))
    losses.update(_weight(word) for word in options["weight"] or ())
    given = {
        name: options[name]
        for name in TrainConfig.__struct_fields__
        if options.get(name) is not None
    }
    return merged(config, {**given, "losses": losses}, "the options")


def _weight(word: str) -> tuple[str, float]:
    name, _, value = word.partition("=")
    try:
        return name, float(value)
    except ValueError:
        known = ", ".join(LossWeights.built_in())
        raise DataError(
            f"--weight {word} is not NAME=NUMBER.",
            f"For example --weight guide=2. Losses are {known}.",
        ) from None


def data_of(options: Keywords) -> LabelledSource:
    """Not read yet."""
    from kd_core.api.labelled_data import LabelledSource

    return LabelledSource(
        source=options["data"],
        classes=options["classes"],
        split=options["split"],
        split_seed=options["split_seed"],
        ignore_unknown=options["ignore_unknown"],
        name=options["data_name"],
        class_groups=options.get("class_groups", False),
        complete_labels=options.get("complete_labels", False),
    )


def machine_of(options: Keywords) -> Machine:
    """Not opened yet."""
    from kd_core.api.machine import Machine

    return Machine(**options)


def folders_of(texts: list[str]) -> list[Path]:
    """The folders of --teachers.

    A comma separates them, unless a folder of just that name is there.
    """
    return [
        Path(name)
        for text in texts
        for name in ([text] if Path(text).is_dir() else text.split(","))
    ]
