"""Methods by which a heat map can be made, by the key that commands and the window use."""

from __future__ import annotations

from collections.abc import Mapping

#: The one that needs a forward pass per channel.
SCORE_CAM = "scorecam"
#: Key -> name in the literature.
METHODS: Mapping[str, str] = {
    "gradcam": "Grad-CAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "Eigen-CAM",
    "gradcam++": "Grad-CAM++",
    "xgradcam": "XGrad-CAM",
    SCORE_CAM: "Score-CAM",
    "ablationcam": "Ablation-CAM",
}
#: The student's last map.
LAST_LAYER = "stages.10"
