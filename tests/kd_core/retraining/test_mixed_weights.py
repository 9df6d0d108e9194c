"""A retraining keeps nine tenths of the way that it went, and all of what is new in the head."""

from __future__ import annotations

import torch

from kd_core.models.student import Student
from kd_core.retraining.extended import extended_student
from kd_core.retraining.mixed_weights import mix_weights


def test_every_weight_lies_on_the_way_and_rows_of_new_classes_stay() -> None:
    torch.manual_seed(0)
    base = Student(3).eval()
    seen = torch.rand(2, base.head.in_features)
    learner = extended_student(base, [seen], torch.zeros_like(seen)).eval()
    with torch.no_grad():
        for tensor in learner.parameters():
            tensor.add_(torch.randn_like(tensor))
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    went = {name: tensor.clone() for name, tensor in learner.state_dict().items()}
    mix_weights(learner, base, 0.75)
    for name, tensor in learner.state_dict().items():
        if not tensor.is_floating_point():
            continue
        count = len(before[name])
        torch.testing.assert_close(tensor[:count], 0.25 * before[name] + 0.75 * went[name][:count])
        assert torch.equal(tensor[count:], went[name][count:])
    assert learner.head.weight.shape[0] == 4
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())
