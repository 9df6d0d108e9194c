"""Methods by which a heat map can be made, by the key that commands and the window use."""

from __future__ import annotations

from collections.abc import Mapping

#: Key -> name in the literature. Those that need no pass backwards and no further pass forwards
#: come first.
METHODS: Mapping[str, str] = {
    "gradcam": "Grad-CAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "Eigen-CAM",
    "gradcam++": "Grad-CAM++",
    "xgradcam": "XGrad-CAM",
    "scorecam": "Score-CAM",
    "ablationcam": "Ablation-CAM",
}
#: What the live view shows, in closed form; the package's map of this layer is the same.
LIVE_METHOD = "gradcam"
#: The student's last map.
LAST_LAYER = "stages.10"
