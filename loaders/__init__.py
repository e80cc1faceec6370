"""Sources and sinks: the only place that touches a database or a file. Knows Arrow schemas, never the contract."""
