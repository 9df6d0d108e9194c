"""One QObject a use case; the only place that joins engine, store and widgets."""
