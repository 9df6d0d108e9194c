"""From labels to a promoted model."""
