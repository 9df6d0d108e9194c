"""The timeline: one strip of pixels over 45,000 frames, with labels, findings and gaps."""
