"""Names of the files in a run directory, which the trainer writes and the application reads."""

from __future__ import annotations

#: The state after the last epoch, from which a run is resumed; gone once a run has ended well.
STATE_NAME = "run-state.safetensors"
#: One line per epoch: its losses, scores, learning rate and seconds; it stays beside the card.
HISTORY_NAME = "epochs.jsonl"
#: Beside all runs: which procedures no model ever learns from (kd_core.schema.held_out).
HELD_OUT_NAME = "held-out.json"
#: The same of one run: what it decided by, so that a resumed run keeps it.
SIDES_NAME = "sides.json"
#: What the comparison with the model in use found, and the same of every held-out frame.
EVIDENCE_NAME, COMPARED_NAME = "evidence.json", "compared.json"
#: What evidence was called in 2026.
OLD_EVIDENCE_NAME = "proof.json"
#: The page for people.
REPORT_NAME = "report.html"
