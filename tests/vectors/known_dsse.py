"""Known answers for DSSE, values only: the test vector of protocol.md 1.0.2 (ECDSA P-256) and its PAE."""

from __future__ import annotations

PAYLOAD_TYPE = "http://example.com/HelloWorld"
PAYLOAD = b"hello world"
PAE = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
ENVELOPE = (
    b'{"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld","signatures":[{"sig":'
    b'"A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}'
)
X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
