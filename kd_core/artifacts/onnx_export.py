"""Student or teacher as an ONNX file or a torch.export program.

Both give logits and last feature map, checked against torch before anyone can load them.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import nn

from kd_core.models.network import output_of
from kd_core.models.student import Student, folded
from kd_core.schema.errors import ModelError
from kd_core.vision.preprocess import INPUT_SIZE

OPSET = 17
#: Largest difference to torch that is accepted of an ONNX file, on either output; see
#: ``difference_to_torch`` for its unit.
TOLERANCE = 1e-4
#: The same of a torch.export program: it holds torch's own operators, so nothing but the order of a
#: sum may differ.
PROGRAM_TOLERANCE = 1e-5
#: The file inside a torch.export program that holds the metadata.
METADATA_NAME = "metadata.json"


class _TwoOutputs(torch.nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        # Its name is written into the names of the graph's nodes: with another, models on disk
        # could not be written again alike.
        self.student = model

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output = output_of(self.student, images)
        return output.logits, output.features


def to_onnx(model: nn.Module, metadata: dict[str, str], input_size: int = INPUT_SIZE) -> bytes:
    """The bytes of an ONNX file with input "input" (N, 3, S, S), N free.

    Outputs are "logits" (N, C) and "features" (N, K, h, w). ``metadata`` is stored in the file
    together with "head_weight", the (C, K) float32 weights as hex, which the closed-form Grad-CAM
    needs. The model is left in eval mode. Raises ModelError when ONNX Runtime disagrees with torch
    by more than TOLERANCE.
    """
    model.eval()
    # The exporter folds the batch norms of a teacher by itself where a convolution comes first; the
    # student's are folded here.
    module = _TwoOutputs(folded(model) if isinstance(model, Student) else model).eval()
    sample = _noise(input_size)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated in favour of one that needs a further package for
        # the same graph.
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
    graph = onnx.load_from_string(buffer.getvalue())
    head = head_weights(model, sample)
    for key, value in {**metadata, "head_weight": head.tobytes().hex()}.items():
        graph.metadata_props.add(key=key, value=value)
    content: bytes = graph.SerializeToString()
    _accept(difference_to_torch(content, model, sample), TOLERANCE)
    return content


@torch.no_grad()
def head_weights(model: nn.Module, sample: torch.Tensor) -> NDArray[np.float32]:
    """(C, K) weights of the linear layer over the mean of the map, which makes Grad-CAM exact.

    Zeros, and so an empty heat map, for a network that ends in another way.
    """
    output = output_of(model, sample)
    classes, width = output.logits.shape[1], output.features.shape[1]
    mean = output.features.mean(dim=(2, 3))
    for layer in model.modules():
        if (
            isinstance(layer, nn.Linear)
            and (layer.out_features, layer.in_features) == (classes, width)
            and torch.allclose(layer(mean), output.logits, rtol=1e-3, atol=1e-4)
        ):
            weights: NDArray[np.float32] = layer.weight.cpu().numpy().astype(np.float32)
            return weights
    return np.zeros((classes, width), np.float32)


def to_program(model: nn.Module, metadata: dict[str, str], input_size: int = INPUT_SIZE) -> bytes:
    """The bytes of a .pt2 file: images (N, 3, S, S) -> (logits (N, C), features (N, K, h, w)).

    N is free, the model in eval mode. ``metadata`` lies in it as METADATA_NAME (``extra_files`` of
    torch.export.load). The model is left in eval mode. Raises ModelError when the file, loaded
    again, disagrees with the model by more than PROGRAM_TOLERANCE.

    Opening such a file unpickles parts of it and may run code: never open one from an unknown
    source.
    """
    sample = _noise(input_size)
    program = torch.export.export(
        _TwoOutputs(model.eval()).eval(),
        (sample,),
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        strict=False,
    )
    program.example_inputs = None  # 1.8 MB of noise, nine times the student
    buffer = io.BytesIO()
    torch.export.save(program, buffer, extra_files={METADATA_NAME: json.dumps(metadata)})
    content = buffer.getvalue()
    _accept(program_difference(content, model, sample), PROGRAM_TOLERANCE)
    return content


def difference_to_torch(content: bytes, model: nn.Module, sample: torch.Tensor) -> float:
    """Largest difference to torch of either output of an ONNX file.

    On ``sample`` (N, 3, S, S), for the whole batch and one by one. Absolute for a student. For a
    teacher in parts of the output's largest magnitude where that is above 1: a float32 sum is exact
    to about 1e-7 of its terms, and an untrained ResNet-50's map reaches 240, where two correct
    runtimes differ by 4e-4.
    """
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    return _difference(lambda part: session.run(None, {"input": part.numpy()}), model, sample)


def program_difference(content: bytes, model: nn.Module, sample: torch.Tensor) -> float:
    """As ``difference_to_torch`` of the bytes of a torch.export program.

    One that this process has made itself.
    """
    program = torch.export.load(io.BytesIO(content)).module()
    return _difference(lambda part: [output.numpy() for output in program(part)], model, sample)


def _difference(
    run: Callable[[torch.Tensor], list[NDArray[np.float32]]],
    model: nn.Module,
    sample: torch.Tensor,
) -> float:
    model.eval()
    differences = []
    with torch.inference_mode():
        expected = output_of(model, sample)
        for part in (slice(0, len(sample)), slice(0, 1)):
            for output, tensor in zip(
                run(sample[part]), (expected.logits, expected.features), strict=True
            ):
                wanted = tensor[part].numpy()
                scale = 1.0 if isinstance(model, Student) else np.maximum(1.0, np.abs(wanted).max())
                differences.append(np.abs(output - wanted).max() / scale)
    return float(np.max(differences))  # not max(): that one would lose a NaN


def _accept(difference: float, tolerance: float) -> None:
    if not difference <= tolerance:  # also where it is not a number
        raise ModelError(
            f"The exported model differs from the trained one by {difference:.1e}.",
            "Please report this fault.",
        )


def _noise(size: int = INPUT_SIZE) -> torch.Tensor:
    return torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(0))
