"""Labels of frames whose procedures need not be open: one act, undone where it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from endoscope_app.labels import act_wording
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameMoment, Procedure
from endoscope_app.labels.wording import joined
from endoscope_app.similar import wording
from endoscope_app.similar.nearest import Hit

Build = Callable[[LabelReader, str, list[FrameMoment]], Act]


class HitLabels:
    """``scope``: the procedure on screen, whose undo takes the act back."""

    def __init__(self, session: LabelSession, writer: LabelWriter, scope: Callable[[], str]):
        self._session, self._writer, self._scope = session, writer, scope

    def label(self, hits: Sequence[Hit], place: int, key: str) -> str:
        """The class at this place of the panel; why it could not be given, as a sentence."""
        classes = self._session.panel_classes()
        if place >= len(classes):
            return act_wording.no_class_on_key(key)
        chosen = classes[place]
        self._write(
            hits,
            lambda library, where, frames: edits.label_frames(library, where, frames, chosen.id),
            Echo(wording.labelled(chosen.name, len(hits), key), chosen.colour),
        )
        return ""

    def mark_unusable(self, hits: Sequence[Hit], key: str) -> None:
        """None of the classes."""
        self._write(
            hits, edits.mark_unusable, Echo(wording.labelled(wording.UNUSABLE, len(hits), key))
        )

    def clear(self, hits: Sequence[Hit], key: str) -> None:
        """Take the frames' own labels off."""
        self._write(
            hits,
            lambda library, where, frames: edits.clear_frames(
                library, where, [frame.pts for frame in frames]
            ),
            Echo(wording.labelled("Cleared", len(hits), key)),
        )

    def of(self, hit: Hit) -> str:
        """What the reader says of a frame: of each group its own label, else the newest range
        around it.
        """
        library, where = self._session.library, hit.place.fingerprint
        own = library.labels_at(where, hit.stamp)
        if any(label.class_id is None for label in own):
            return wording.UNUSABLE
        groups = library.groups()
        around = sorted(library.ranges(where), key=lambda span: span.id)
        said = {
            groups[span.class_id]: span.class_id
            for span in around
            if span.first_index <= hit.index <= span.last_index
        }
        said |= {groups[label.class_id]: label.class_id for label in own if label.class_id}
        return joined(self._name(said[group]) for group in GROUPS if group in said)

    def _name(self, class_id: int) -> str:
        return self._session.library.resolved_class(class_id).name

    def _write(self, hits: Sequence[Hit], build: Build, echo: Echo) -> None:
        by_place: dict[str, list[Hit]] = {}
        for hit in hits:
            by_place.setdefault(hit.place.fingerprint, []).append(hit)
        unknown = [
            group[0]
            for where, group in by_place.items()
            if self._session.library.procedure(where) is None
        ]
        if unknown and not self._note(unknown):
            return

        def whole(store: LabelStore) -> Act:
            acts = [
                build(store.read, where, [FrameMoment(hit.stamp, hit.index) for hit in group])
                for where, group in by_place.items()
            ]
            return replace(edits.compound(echo.text, acts), scope=self._scope())

        self._writer.write(whole, echo=echo)

    def _note(self, hits: Sequence[Hit]) -> bool:
        """Labels need their procedure noted first, which no undo takes back."""
        procedures = [
            Procedure(
                hit.place.fingerprint,
                hit.place.path.name,
                str(hit.place.path),
                hit.place.frame_count,
                hit.place.duration_s,
                hit.place.patient,
            )
            for hit in hits
        ]
        return self._writer.write(
            lambda store: edits.compound(
                "", [edits.register_procedure(store.read, item) for item in procedures]
            ),
            lost=len(hits),
        )
