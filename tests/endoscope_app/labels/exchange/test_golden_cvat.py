"""CVAT's XML as this program writes it, held against a file written by hand."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from endoscope_app.labels.exchange import cvat_format
from endoscope_app.labels.exchange.document import (
    ExchangeFrame,
    ExchangeProcedure,
    Moment,
    assemble,
)
from tests.endoscope_app.exchange_documents import SMALL_KEY, SMALL_NAME, small

SAID = f'<attribute name="procedure">{SMALL_KEY}</attribute>'


CVAT = f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><name>labels</name><size>5000</size><mode>interpolation</mode>
<start_frame>0</start_frame><stop_frame>4999</stop_frame><labels>
<label><name>polyps</name><color>#ff0000</color><type>tag</type></label>
<label><name>cecum</name><color>#00ff00</color><type>tag</type></label>
<label><name>unusable</name><type>tag</type></label></labels><original_size><width>640</width><height>480</height></original_size>
<source>colon 1</source></task></meta>
<image id="10" name="{SMALL_NAME}-f000010-t00000.400s-p400.png" width="640" height="480"><tag label="polyps" source="manual">{SAID}
<attribute name="frame">10</attribute><attribute name="pts">400</attribute><attribute name="seconds">0.4</attribute>
<attribute name="kind">class</attribute><attribute name="picture">{"0f" * 32}</attribute></tag></image>
<image id="11" name="{SMALL_NAME}-f000011-t00000.440s-p440.png" width="640" height="480"><tag label="cecum" source="manual">{SAID}
<attribute name="frame">11</attribute><attribute name="pts">440</attribute><attribute name="seconds">0.44</attribute>
<attribute name="kind">agreed</attribute></tag></image>
<image id="12" name="{SMALL_NAME}-f000012-t00000.480s-p480.png" width="640" height="480"><tag label="unusable" source="manual">{SAID}
<attribute name="frame">12</attribute><attribute name="pts">480</attribute><attribute name="seconds">0.48</attribute>
<attribute name="kind">unusable</attribute></tag></image>
</annotations>"""


def test_cvat_is_as_written_by_hand(tmp_path: Path) -> None:
    cvat_format.write(small(), tmp_path / "a.xml")
    written = ElementTree.fromstring((tmp_path / "a.xml").read_text(encoding="utf-8"))
    for label in written.iter("label"):
        if (attributes := label.find("attributes")) is not None:
            label.remove(attributes)
    assert flat(written) == flat(ElementTree.fromstring(CVAT))
    (tmp_path / "b.xml").write_text(CVAT, encoding="utf-8")
    assert cvat_format.read(tmp_path / "b.xml") == assemble(small().classes, (), small().frames, ())


def test_cvat_puts_each_label_on_its_own_frame_by_cvats_own_rule(tmp_path: Path) -> None:
    """For a task on a video CVAT takes an image's id for the number of the frame, and its name
    for nothing that it knows.
    """
    expected = {3: "polyps", 15: "cecum", 16: "polyps", 4711: "cecum"}
    frames = [
        ExchangeFrame(SMALL_KEY, Moment(512 * index, index), "class", name)
        for index, name in reversed(expected.items())
    ]
    cvat_format.write(
        assemble((), [ExchangeProcedure(SMALL_KEY, "", 5000, 200.0, 640, 480)], frames, ()),
        tmp_path / "a.xml",
    )
    images = ElementTree.parse(tmp_path / "a.xml").getroot().findall("image")
    assert {
        int(image.get("id", "")): [tag.get("label") for tag in image.findall("tag")]
        for image in images
    } == {index: [name] for index, name in expected.items()}
    assert {(image.get("width"), image.get("height")) for image in images} == {("640", "480")}
    two = [ExchangeFrame(film, Moment(0, 0), "class", "polyps") for film in (SMALL_KEY, "cd" * 20)]
    with pytest.raises(ValueError, match="one procedure"):
        cvat_format.write(assemble((), (), two, ()), tmp_path / "b.xml")


def flat(root: ElementTree.Element) -> list[tuple[str, dict[str, str], str]]:
    return [(one.tag, one.attrib, (one.text or "").strip()) for one in root.iter()]
