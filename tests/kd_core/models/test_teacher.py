"""Teachers: every backbone gives the student's three outputs, and a frozen one stays as it was
whatever is tried.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from kd_core.models.backbones import LITE, NAMES, make_trunk
from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.schema.errors import DataError, ModelError


@pytest.mark.parametrize("name", NAMES)
def test_every_backbone_gives_logits_map_and_embedding(name: str) -> None:
    teacher = Teacher(name, 6, weights=None).eval()
    with torch.no_grad():
        output = teacher(torch.zeros(2, 3, 96, 96))
    assert output.logits.shape == (2, 6)
    assert output.features.shape == (2, teacher.embedding_size, 3, 3)
    torch.testing.assert_close(output.embedding, output.features.mean(dim=(2, 3)))
    torch.testing.assert_close(
        output.logits, output.embedding @ teacher.head.weight.T + teacher.head.bias
    )


@pytest.mark.parametrize("name", LITE)
def test_the_default_teachers_bring_imagenet_weights_without_a_network(name: str) -> None:
    """Weights of ImageNet look nothing like random ones: the first filters differ in strength
    by far more.
    """
    trained, random = make_trunk(name), make_trunk(name, None)
    spread = [
        float(trunk.get_parameter("net._conv_stem.weight").detach().std(dim=(1, 2, 3)).std())
        for trunk in (trained, random)
    ]
    assert spread[0] > 3 * spread[1]


def test_the_torchvision_trunk_is_its_classifier_without_the_head() -> None:
    from kd_core.platform.torchvision_compat import make_torchvision_importable

    make_torchvision_importable()
    from torchvision import models

    from kd_core.models.backbones import trunk_of

    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        resnet = models.resnet18(weights=None).eval()
        torch.testing.assert_close(
            resnet.fc(trunk_of(resnet)(images).mean(dim=(2, 3))), resnet(images)
        )
        densenet = models.densenet121(weights=None).eval()
        torch.testing.assert_close(
            densenet.classifier(trunk_of(densenet)(images).mean(dim=(2, 3))), densenet(images)
        )


def test_a_frozen_teacher_stays_in_eval_and_gets_no_gradient() -> None:
    frozen = FrozenTeacher(Teacher("resnet18", 3, weights=None))
    whole = nn.ModuleDict({"teacher": frozen, "student": nn.Linear(512, 3)})
    before = {name: tensor.clone() for name, tensor in frozen.state_dict().items()}
    whole.train()
    assert not any(module.training for module in frozen.modules())
    images = torch.randn(4, 3, 64, 64, requires_grad=True)
    output = frozen(images)
    assert not output.logits.requires_grad
    whole["student"](output.embedding).sum().backward()
    assert all(parameter.grad is None for parameter in frozen.parameters())
    assert images.grad is None
    assert all(torch.equal(tensor, before[name]) for name, tensor in frozen.state_dict().items())


def test_an_unknown_name_and_weights_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no teacher called resnet19"):
        make_trunk("resnet19")
    with pytest.raises(ModelError, match="not there"):
        make_trunk("resnet18", tmp_path / "missing.pth")


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    """The classic attack: a pickle whose loading calls a function.

    The file it would write must not appear.
    """
    victim = tmp_path / "owned"

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (victim,))

    torch.save({"conv1.weight": Bomb()}, tmp_path / "bomb.pth")
    with pytest.raises(ModelError, match="cannot be read"):
        make_trunk("resnet18", tmp_path / "bomb.pth")
    assert not victim.exists()


def test_a_local_file_gives_the_same_trunk(tmp_path: Path) -> None:
    from torchvision import models

    net = models.resnet18(weights=None)
    torch.save(net.state_dict(), tmp_path / "w.pth")
    trunk = make_trunk("resnet18", tmp_path / "w.pth")
    assert torch.equal(next(iter(trunk.parameters())), net.conv1.weight)
