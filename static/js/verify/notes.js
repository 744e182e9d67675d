// Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature): their one form.
import { EMPTY_ROOT } from "./merkle.js";
import { bigEndian, fromBase64, hexOf, joined, same, textOf, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { TYPE, checkKeyName } from "./vkeys.js";

export const MAX_NOTE = 1000000;
const MAX_LINES = 100;
const MAX_SIZE = 2n ** 63n - 1n;
const DASH = "\u2014 ";
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
// eslint-disable-next-line no-control-regex
const NO_LINE = /[\u0000-\u001f]|^$/;

function malformed(what, { why = "", path = "" } = {}) {
  return new Refusal("note_malformed", what, { why, path });
}

function signatureLine(line, path) {
  const words = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
  if (words.length !== 2) {
    throw malformed("A signature line is not '\u2014 <name> <base64>'", { path });
  }
  const raw = fromBase64(words[1]);
  checkKeyName(words[0]);
  if (!raw || raw.length < 5) {
    throw malformed("A signature is not canonical base64 of a 4-byte key ID and a signature", { path });
  }
  return { name: words[0], id: hexOf(raw.subarray(0, 4)), body: raw.subarray(4) };
}

// A text with its final newline and 1 to 100 signature lines, none of them verified yet.
export function parseNote(octets) {
  if (octets.length > MAX_NOTE) {
    throw malformed("A note is longer than 1,000,000 bytes", { why: String(octets.length) });
  }
  const whole = textOf(octets);
  if (whole === null) {
    throw malformed("A note is not UTF-8");
  }
  const end = whole.lastIndexOf("\n\n");
  if (end < 0 || !whole.endsWith("\n") || whole.length === end + 2) {
    throw malformed("A note is not a text, an empty line and signature lines that each end in a newline");
  }
  const text = whole.slice(0, end + 1);
  const lines = whole.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_LINES || CONTROL.test(text)) {
    throw malformed("A note has more than 100 signatures, or a control character");
  }
  return { text, lines: lines.map((line, place) => signatureLine(line, `signature ${place + 1}`)) };
}

// A decimal without sign or leading zeros up to 2^63-1; a BigInt where a double cannot hold it. null for other text.
export function decimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > MAX_SIZE) {
    return null;
  }
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

export function below(size) {
  return typeof size === "bigint" ? size - 1n : size - 1;
}

// Origin, size, root and extension lines of a note's text.
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3) {
    throw malformed("A checkpoint is not at least three lines that each end in a newline");
  }
  const [origin, stated, encoded, ...extensions] = lines;
  const [size, root] = [decimal(stated), fromBase64(encoded)];
  if (size === null) {
    throw malformed("The size of a checkpoint is not a number", { path: "line 2" });
  }
  if (root === null || root.length !== 32) {
    throw malformed("The root of a checkpoint is not base64 of 32 bytes", { path: "line 3" });
  }
  if ([origin, ...extensions].some((line) => NO_LINE.test(line))) {
    throw malformed("The origin or an extension line of a checkpoint is empty or has control characters");
  }
  return checkedCheckpoint({ origin, size, root, extensions });
}

export function checkedCheckpoint(checkpoint) {
  if (checkpoint.size === 0 && !same(checkpoint.root, EMPTY_ROOT)) {
    throw malformed("An empty log has another root than the hash of nothing", { path: "line 3" });
  }
  if (NO_LINE.test(checkpoint.origin)) {
    throw malformed("The origin of a checkpoint is empty or has control characters");
  }
  return checkpoint;
}

const SIGNATURE_BYTES = { [TYPE.COSIGNATURE]: 64, [TYPE.MLDSA44]: 2420 };

// The time (POSIX seconds, BigInt) and raw signature behind a key ID.
export function parseCosignature(body, type) {
  if (body.length !== 8 + SIGNATURE_BYTES[type]) {
    throw malformed("A cosignature has not the length of its type", { why: `${body.length} bytes` });
  }
  const time = new DataView(body.buffer, body.byteOffset).getBigUint64(0);
  if (time > MAX_SIZE) {
    throw malformed("The time of a cosignature is out of range", { why: String(time) });
  }
  return { time, signature: body.subarray(8) };
}

function opaque(text) {
  const raw = utf8(text);
  if (raw.length < 1 || raw.length > 255) {
    throw malformed("A name in an ML-DSA-44 cosignature is longer than 255 bytes");
  }
  return joined(Uint8Array.of(raw.length), raw);
}

// What this key signs for a checkpoint's text at a time.
export function cosignedMessage(vkey, text, time) {
  const checkpoint = parseCheckpoint(text);
  if (vkey.type === TYPE.COSIGNATURE) {
    return utf8(`cosignature/v1\ntime ${time}\n${text}`);
  }
  const range = joined(bigEndian(0, 8), bigEndian(checkpoint.size, 8));
  const [by, of] = [opaque(vkey.name), opaque(checkpoint.origin)];
  return joined(utf8("subtree/v1\n\0"), by, bigEndian(time, 8), of, range, checkpoint.root);
}
