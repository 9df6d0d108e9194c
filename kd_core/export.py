"""Student -> ONNX with two outputs (logits, last feature map), checked against torch before anyone can load it."""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch

from kd_core.contract.errors import ModelError
from kd_core.datasets.preprocess import INPUT_SIZE
from kd_core.models.student import Student, folded

OPSET = 17
#: Largest difference to torch that is accepted, on either output.
TOLERANCE = 1e-4


class _TwoOutputs(torch.nn.Module):
    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output = self.student(pictures)
        return output.logits, output.features


def to_onnx(student: Student, metadata: dict[str, str]) -> bytes:
    """The ONNX file's bytes: input "input" (N, 3, S, S), outputs "logits" (N, C) and "features" (N, K, h, w), N free.

    ``metadata`` is stored in the file together with "head_weight", the (C, K) float32 weights as hex, which the closed-form
    Grad-CAM needs. Raises ModelError when ONNX Runtime disagrees with torch by more than TOLERANCE.
    """
    module = _TwoOutputs(folded(student)).eval()
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(3, 3, INPUT_SIZE, INPUT_SIZE, generator=generator)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated in favour of one that needs a further package for the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (sample,),
            buffer,  # type: ignore[arg-type]  # the TorchScript exporter takes a file object
            input_names=["input"],
            output_names=["logits", "features"],
            dynamic_axes={name: {0: "batch"} for name in ("input", "logits", "features")},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    head = student.head.weight.detach().cpu().numpy().astype(np.float32)
    for key, value in {**metadata, "head_weight": head.tobytes().hex()}.items():
        model.metadata_props.add(key=key, value=value)
    content: bytes = model.SerializeToString()
    difference = difference_to_torch(content, student, sample)
    if not difference <= TOLERANCE:  # also where it is not a number
        raise ModelError(f"The exported model differs from the trained one by {difference:.1e}.", "Please report this fault.")
    return content


def difference_to_torch(content: bytes, student: Student, sample: torch.Tensor) -> float:
    """Largest absolute difference of either output on ``sample`` (N, 3, S, S), for the whole batch and one by one."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    student.eval()
    with torch.inference_mode():
        expected = student(sample)
    differences = []
    for part in (slice(0, len(sample)), slice(0, 1)):
        logits, features = session.run(None, {"input": sample[part].numpy()})
        differences += [np.abs(logits - expected.logits[part].numpy()).max(), np.abs(features - expected.features[part].numpy()).max()]
    return float(np.max(differences))  # not max(): that one would lose a NaN
