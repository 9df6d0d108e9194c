"""Who made a model: a lab signs the files of a model folder, and whoever has its key can check."""
