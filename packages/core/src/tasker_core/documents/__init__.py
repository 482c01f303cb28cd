"""The documents in MongoDB, one module a collection: the log sink alone writes them, the API reads them.

All instants are BSON dates (UTC, milliseconds). User-given JSON (payloads, results, schedules) is kept as JSON text
under names ending in `_json`: it may hold what BSON cannot (large integers, any key, any depth), and it comes back
byte for byte.

Beside each document stands a `Literal` of its field names: filters, projections, sort keys, updates and indexes are
typed by it. A test holds it against the document.
"""
