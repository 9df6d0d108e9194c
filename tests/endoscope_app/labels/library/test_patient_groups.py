"""Which procedures are suggested to be of one patient, by folders and file names alone."""

from __future__ import annotations

import pytest

from endoscope_app.labels.library.patient_groups import suggested_patients
from endoscope_app.labels.library.records import Procedure


def suggested(*paths: str, patients: dict[str, str] | None = None) -> dict[str, str]:
    """Path -> suggestion."""
    films = [
        Procedure(path, path.rsplit("/", 1)[-1], path, 100, 4.0, (patients or {}).get(path, ""))
        for path in paths
    ]
    return suggested_patients(films)


@pytest.mark.parametrize(
    ("paths", "groups"),
    [
        # a folder per patient
        (
            ("/d/P1/a.mp4", "/d/P1/b.mp4", "/d/P2/c.mp4"),
            {"/d/P1/a.mp4": "P1", "/d/P1/b.mp4": "P1", "/d/P2/c.mp4": "P2"},
        ),
        # one folder, names with one beginning
        (
            ("/v/P012_part1.mp4", "/v/P012_part2.mp4", "/v/P013.mp4"),
            {"/v/P012_part1.mp4": "P012", "/v/P012_part2.mp4": "P012"},
        ),
        (("/v/P012_1.mp4", "/v/P012_2.mp4"), {"/v/P012_1.mp4": "P012", "/v/P012_2.mp4": "P012"}),
        (
            ("/v/green teil 1.mkv", "/v/green Teil 2.mkv"),
            {"/v/green teil 1.mkv": "green", "/v/green Teil 2.mkv": "green"},
        ),
        (("/v/a-1.mp4", "/v/a-2.mp4", "/v/b-1.mp4"), {"/v/a-1.mp4": "a", "/v/a-2.mp4": "a"}),
        # a plain series counts patients as often as parts
        (("/v/colon 1.mp4", "/v/colon 2.mp4"), {}),
        (("/v/case1.mp4", "/v/case2.mp4"), {}),
        # names group inside a folder of a day; folders that hold whatever comes say nothing
        (
            ("/day1/x7-a.mp4", "/day1/x7-b.mp4", "/day2/y.mp4"),
            {"/day1/x7-a.mp4": "x7", "/day1/x7-b.mp4": "x7", "/day2/y.mp4": "day2"},
        ),
        (("/home/Videos/one.mp4", "/home/Downloads/two.mp4"), {}),
        (("/v/only.mp4",), {}),
        ((), {}),
    ],
)
def test_groups_are_suggested(paths: tuple[str, ...], groups: dict[str, str]) -> None:
    assert suggested(*paths) == groups


def test_a_known_patient_is_suggested_for_the_rest_of_the_group() -> None:
    paths = ("/v/P012_1.mp4", "/v/P012_2.mp4", "/v/P012_3.mp4")
    assert suggested(*paths, patients={paths[1]: "K-17"}) == {paths[0]: "K-17", paths[2]: "K-17"}
