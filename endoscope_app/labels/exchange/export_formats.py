"""The formats of an export, as the dialog offers them: what each is for, and what it leaves out."""

from __future__ import annotations

from endoscope_app.labels.exchange.export_dialog import ExportFormat

FORMATS = (
    ExportFormat(
        "json",
        "JSON of this program",
        "For this program on another computer. Holds everything but the journal.",
    ),
    ExportFormat(
        "csv",
        "CSV table",
        "For Excel, LibreOffice, R and pandas: a row per labelled frame or range. Leaves out"
        " colours and empty classes.",
        names_images=True,
    ),
    ExportFormat(
        "class folders",
        "Class folders of images",
        "For training image classifiers: the folder “images” holds a folder per class, as PyTorch,"
        " Keras and supervision read it, and manifest.csv beside it is for kd-core. Leaves out"
        " frames of none of the classes.",
        writes_images=True,
        names_images=True,
        lists_frames=True,
    ),
    ExportFormat(
        "coco",
        "COCO JSON",
        "For FiftyOne, datumaro, supervision and pycocotools: each image with its class. File names"
        " are those of an export as class folders, below “images”.",
        names_images=True,
        lists_frames=True,
    ),
    ExportFormat(
        "cvat",
        "CVAT XML (for images 1.1)",
        "For CVAT: a file per procedure. In a task on the procedure's video, or on its images from"
        " an export as class folders, choose “Upload annotations”, CVAT 1.1. Leaves out which"
        " classes are retired.",
        names_images=True,
        lists_frames=True,
        is_folder=True,
    ),
    ExportFormat(
        "label studio",
        "Label Studio JSON",
        "For Label Studio: labelled frames as image tasks and ranges as video tasks, each for a"
        " project of its own with the labelling configuration that is written beside it. Leaves out"
        " colours and empty classes.",
        names_images=True,
        is_folder=True,
    ),
)
