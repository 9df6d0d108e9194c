"""Files that are no recordings, however they are named: never opened, always a sentence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.media import foreign_file
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips

PLAYLISTS = {
    "list.m3u8": (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:2.4,\n{name}\n#EXT-X-ENDLIST\n"
    ),
    "list.ffconcat": "ffconcat version 1.0\nfile '{name}'\n",
    "live.sdp": (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=No Name\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video"
        " 5000 RTP/AVP 96\r\n"
    ),
    "dash.mpd": (
        '<?xml version="1.0"?>\n<MPD'
        ' xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{name}</BaseURL></MPD>\n'
    ),
    "list.pls": "[playlist]\nFile1={name}\nNumberOfEntries=1\n",
    "list.asx": '<ASX version="3.0"><Entry><Ref href="{name}"/></Entry></ASX>\n',
    "list.xspf": '<?xml version="1.0"?>\n<playlist version="1"><trackList/></playlist>\n',
}


@pytest.mark.parametrize("renamed", ["", ".mp4", ".ts", ".mkv", ".avi"])
@pytest.mark.parametrize("name", PLAYLISTS)
def test_playlists_are_never_opened(tmp_path: Path, name: str, renamed: str) -> None:
    clips.make_clip(tmp_path / "part.ts", 10)
    path = tmp_path / (name + renamed)
    path.write_text(PLAYLISTS[name].format(name="part.ts"), encoding="utf-8")
    with pytest.raises(
        AppError, match=r"is (a playlist|the description of a live stream)"
    ) as caught:
        open_source(path)
    assert caught.value.way_out


@pytest.mark.parametrize("renamed", ["", ".mp4"])
@pytest.mark.parametrize("name", PLAYLISTS)
def test_ffmpeg_itself_takes_no_playlist_that_nobody_has_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, renamed: str
) -> None:
    """Beside the one above: only containers of video, and only files."""
    monkeypatch.setattr(foreign_file, "recognised", lambda _path: None)
    part = clips.make_clip(tmp_path / "part.ts", 10)
    path = tmp_path / (name + renamed)
    path.write_text(PLAYLISTS[name].format(name="part.ts"), encoding="utf-8")
    with pytest.raises(AppError, match="is not a video that can be read"):
        open_source(path)
    with open_source(part) as source:
        assert source.info.frame_count == 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_playlist_is_known_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(PLAYLISTS["list.m3u8"].format(name="a.ts"), encoding=encoding)
    with pytest.raises(AppError, match="playlist"):
        open_source(path)


def test_names_that_ffmpeg_would_take_for_addresses_or_patterns(tmp_path: Path) -> None:
    data = clips.make_clip(tmp_path / "a.mp4", 10).read_bytes()
    for name in (
        "rtsp:camera.mp4",
        "concat:a.mp4|a.mp4",
        "frame%03d.mp4",
        "subfile,,start,0,end,0,,:a.mp4",
        "-i.mp4",
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with open_source(path) as source:
            assert source.info.frame_count == 10, name


def contents(kind: str, folder: Path) -> bytes:
    if kind == "ZIP":
        with zipfile.ZipFile(folder / "made.zip", "w") as archive:
            archive.writestr("a.png", b"x")
        return (folder / "made.zip").read_bytes()
    return {
        "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(2000),
        "text": "Befund: unauffällig.\n".encode() * 200,
        "text ": "Befund: unauffällig.\r\n".encode("cp1252") * 200,
        "text file": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 50,
        "DICOM": bytes(128) + b"DICM" + bytes(3000),
        "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(2000),
    }[kind]


@pytest.mark.parametrize("suffix", [".mp4", ".mpg", ".bin", ".ts"])
@pytest.mark.parametrize("kind", ["PDF", "ZIP", "text", "text ", "text file", "DICOM", "RAR"])
def test_documents_and_archives_are_named(tmp_path: Path, kind: str, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(contents(kind, tmp_path))
    with pytest.raises(AppError, match=kind.strip()) as caught:
        open_source(path)
    assert path.name in caught.value.sentence
    assert caught.value.way_out


@pytest.mark.parametrize("with_cover", [False, True])
def test_sound_with_or_without_a_cover_is_no_video(tmp_path: Path, with_cover: bool) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=44100)
        cover = container.add_stream("mjpeg", rate=1) if with_cover else None
        if cover is not None:
            cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
            cover.disposition = type(cover.disposition).attached_pic
        samples = av.AudioFrame.from_ndarray(
            np.zeros((2, 44100), dtype=np.float32), format="fltp", layout="stereo"
        )
        samples.sample_rate = 44100
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
        if cover is not None:
            picture = av.VideoFrame.from_ndarray(
                np.zeros((64, 64, 3), dtype=np.uint8), format="rgb24"
            )
            container.mux(cover.encode(picture.reformat(format="yuvj420p")))
            container.mux(cover.encode(None))
    with pytest.raises(AppError, match="sound recording"):
        open_source(path)
