"""Labels in and out: a neutral document, one file a format, and an import that is planned and counted before it is written."""
