"""Weights of others for a teacher: found under their own names, refused in one sentence where they
are of another network, and never run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from kd_core.__main__ import main
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.models.backbones import make_trunk
from kd_core.models.teacher import Teacher
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import read_card

Output = pytest.CaptureFixture[str]
TIMM = "timm/resnet10t"


def _of_torchvision(classes: int = 1000) -> dict[str, Tensor]:
    from kd_core.platform.torchvision_compat import make_torchvision_importable

    make_torchvision_importable()
    from torchvision import models

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return dict(models.resnet18(weights=None, num_classes=classes).state_dict())


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize(
    ("nest", "wrapper"), [("", ""), ("state_dict", "module."), ("model", "module.backbone.")]
)
def test_weights_are_found_however_others_have_saved_them(
    tmp_path: Path, suffix: str, nest: str, wrapper: str
) -> None:
    # Of 23 classes of endoscopy: the head is not what is asked for.
    state = _of_torchvision(23)
    renamed = {f"{wrapper}{key}": tensor.contiguous() for key, tensor in state.items()}
    file = tmp_path / f"w{suffix}"
    if suffix == ".safetensors":
        safetensors.torch.save_file(renamed, file)
    else:
        torch.save({nest: renamed, "epoch": 3} if nest else renamed, file)
    trunk = make_trunk("resnet18", file)
    assert torch.equal(next(iter(trunk.parameters())), state["conv1.weight"])
    last = [tensor for name, tensor in trunk.state_dict().items() if "bn2.weight" in name][-1]
    assert torch.equal(last, state["layer4.1.bn2.weight"])


def test_weights_of_another_network_are_refused_by_what_differs(tmp_path: Path) -> None:
    state = _of_torchvision()
    file = tmp_path / "w.safetensors"
    safetensors.torch.save_file({k: t for k, t in state.items() if "layer4.1" not in k}, file)
    with pytest.raises(
        ModelError,
        match=r"not those of resnet18: of its 120 tensors it lacks 10 \(the first is layer4\.1\.c",
    ):
        make_trunk("resnet18", file)
    state["conv1.weight"] = torch.zeros(64, 1, 7, 7)
    safetensors.torch.save_file(state, file)
    with pytest.raises(
        ModelError,
        match=r"1 have another shape \(the first is conv1\.weight: \(64, 1, 7, 7\), not"
        r" \(64, 3, 7, 7\)\)",
    ):
        make_trunk("resnet18", file)
    torch.save(["no", "tensors"], tmp_path / "w.pth")
    with pytest.raises(ModelError, match="it lacks 100"):
        make_trunk("resnet18", tmp_path / "w.pth")


def test_a_teacher_of_timm_gives_map_and_embedding_and_takes_a_file(tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="the extra timm is not installed")
    teacher = Teacher(TIMM, 6, weights=None).eval()
    with torch.no_grad():
        output = teacher(torch.zeros(2, 3, 96, 96))
    assert output.features.shape == (2, teacher.embedding_size, 3, 3)
    assert output.logits.shape == (2, 6)
    state = {key.removeprefix("net."): t for key, t in teacher.trunk.state_dict().items()}
    torch.save(state, tmp_path / "w.pth")
    again = make_trunk(TIMM, tmp_path / "w.pth").state_dict()
    assert all(torch.equal(again[f"net.{key}"], tensor) for key, tensor in state.items())
    with pytest.raises(
        DataError, match=r"timm has no network called resnet10x\. Near are .*resnet10t"
    ):
        make_trunk("timm/resnet10x", None)
    with pytest.raises(DataError, match=r"gives no feature map.* Take a convolutional one"):
        Teacher("timm/vit_tiny_patch16_224.augreg_in21k", 2, weights=None)


@pytest.mark.slow
def test_the_command_fine_tunes_a_network_of_timm_from_a_file(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    pytest.importorskip("timm", reason="the extra timm is not installed")
    file = tmp_path / "endoscopy.safetensors"
    safetensors.torch.save_file(make_trunk(TIMM, None).state_dict(), file)
    words = ["train-teacher", "--data", str(data_dir), "--backbone", TIMM, "--threads", "1"]
    words += ["--epochs", "1", "--views", "1", "--no-cache"]
    out = tmp_path / "teacher"
    assert main([*words, "--weights", str(file), "--out", str(out)]) == 0
    card = read_card(out)
    assert card.architecture == TIMM
    assert "from endoscopy.safetensors weights" in card.training.scheme
    assert load_teacher(out, card.classes).teacher.grid == 7
    capsys.readouterr()
    assert main([*words, "--weights", str(data_dir / "polyps"), "--out", str(tmp_path / "b")]) == 2
    assert "cannot be read" in capsys.readouterr().err
