"""The whole procedure classified: probabilities over time, findings, the timeline."""
