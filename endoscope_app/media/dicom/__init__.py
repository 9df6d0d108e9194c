"""DICOM files: where their pixels lie, and how a frame is made of them.

No tag that names a patient is kept.
"""
