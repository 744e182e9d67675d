// Documents and lines of a bundle: manifest, proofs, attached leaves, disclosed objects. All canonical, all closed.
import { base64, base64Of, checkFields, closed, flag, hexHash, index, listOf, moment, nullable, oneOf, text } from "./fields.js";
import { isObject, parseCanonical } from "./json.js";
import { MAX_ORIGIN, MAX_TYPE, VERSION } from "./leaf.js";
import { fromBase64, fromHex, textOf, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";

export const MANIFEST_TYPE = "application/vnd.countersign.manifest.v1+json";
export const MAX_LINE = 400000;
const MAX_USUAL = 32768;
const REDACTED = /^\{"index":(0|[1-9][0-9]{0,15}),"leaf_hash":"([0-9a-f]{64})"\}$/;

const word = nullable(text(2048));
const proof = (most) => listOf(base64Of(32), { most });
const entry = closed({ size: index, sha256: hexHash });

function files(value) {
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "An object of files is expected");
  }
  Object.values(value).forEach(entry);
}

const MANIFEST = {
  v: oneOf(VERSION),
  origin: text(MAX_ORIGIN),
  log: hexHash,
  from: index,
  to: index,
  size: index,
  root: hexHash,
  exported: moment,
  kid: text(32),
  disclosed: closed({ receipts: flag, attrs: flag, payloads: flag }),
  population: closed({ events: index, matching: index, outside: nullable(index) }),
  period: nullable(closed({
    basis: oneOf("recorded", "claimed"),
    start: nullable(moment),
    end: nullable(moment),
    type: nullable(text(MAX_TYPE)),
    source: word,
    subject: word,
  })),
  redacted: index,
  checkpoints_left_out: index,
  lacking: listOf(text(300), { most: 64 }),
  files,
};
const RANGE = { from: index, to: index, size: index, proof: proof(126) };
const CONSISTENCY = { size: index, proofs: listOf(closed({ size: index, proof: proof(126) }), { most: 10000 }) };
const ATTACHED = { index, leaf: base64Of(), proof: proof(63) };
const FORMS = { text: text(MAX_LINE, 0), data: base64Of(), file: text(100) };

function read(octets, schema) {
  const value = parseCanonical(octets);
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "A JSON object is expected");
  }
  checkFields(value, schema);
  return value;
}

export function parseManifest(body) {
  const value = read(body, MANIFEST);
  if (value.to < value.from) {
    throw new Refusal("leaf_schema", "A manifest's range ends before it begins", { path: "to" });
  }
  return { ...value, first: value.from, last: value.to };
}

const hashes = (rows) => rows.map((row) => base64(row));

// range-proof.json: hashes of the subtrees outside [first, last], left to right.
export function readRange(octets) {
  const value = read(octets, RANGE);
  return { first: value.from, last: value.to, size: value.size, proof: hashes(value.proof) };
}

// consistency.json: the proof for each older size.
export function readConsistency(octets) {
  const value = read(octets, CONSISTENCY);
  return { size: value.size, proofs: new Map(value.proofs.map((row) => [row.size, hashes(row.proof)])) };
}

// Index and hash of a leaf that is covered but not shown; null for any other line.
export function readRedacted(line) {
  const found = line.length < 120 ? REDACTED.exec(textOf(line) ?? "") : null;
  return found && { index: Number(found[1]), hash: fromHex(found[2]) };
}

export function readAttached(line) {
  const value = read(line, ATTACHED);
  return { index: value.index, leaf: base64(value.leaf), proof: hashes(value.proof) };
}

const STRING = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\["\\\\bfnrt])*"';
const USUAL_OBJECT = new RegExp(
  `^\\{"index":(0|[1-9][0-9]{0,14}),"media_type":"([ !#-\\[\\]-~]{0,255})","salt":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","text":(${STRING})\\}$`,
);

// A disclosed object in its usual form: what matches is canonical and has the fields of one. null for any other line.
export function usualObject(line) {
  const found = line.length < MAX_USUAL ? USUAL_OBJECT.exec(textOf(line) ?? "") : null;
  if (!found) {
    return null;
  }
  const text_ = found[4].includes("\\") ? JSON.parse(found[4]) : found[4].slice(1, -1);
  return { index: Number(found[1]), mediaType: found[2], salt: fromBase64(found[3]), text: text_, data: utf8(text_), file: null };
}

// A disclosed object: its bytes in `data`, or the name of the `file` that holds them.
export function readObject(line) {
  return usualObject(line) ?? anyObject(line);
}

function anyObject(line) {
  const value = parseCanonical(line);
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "A line must be a JSON object");
  }
  const form = Object.keys(FORMS).find((name) => Object.hasOwn(value, name)) ?? "data";
  checkFields(value, { index, media_type: text(255, 0), salt: base64Of(32), [form]: FORMS[form] });
  const data = form === "file" ? null : form === "text" ? utf8(value.text) : base64(value.data);
  return { index: value.index, mediaType: value.media_type, salt: base64(value.salt), data, file: value.file ?? null };
}

const DOMAIN = utf8("countersign/payload/1\0");
const mediaTypes = new Map();

function mediaOf(mediaType) {
  const known = mediaTypes.get(mediaType);
  if (known) {
    return known;
  }
  // eslint-disable-next-line no-control-regex
  if (!/^[\u0000-\u007f]{0,255}$/.test(mediaType)) {
    throw new Refusal("event_invalid", "A media type is at most 255 ASCII characters");
  }
  const octets = utf8(mediaType);
  if (mediaTypes.size < 1000) {
    mediaTypes.set(mediaType, octets);
  }
  return octets;
}

// What a commitment is over, in front of the bytes: domain, salt, u64 size, u8 length and media type.
export function commitmentHead(salt, mediaType, size) {
  const media = mediaOf(mediaType);
  if (salt.length !== 32) {
    throw new Refusal("event_invalid", "A salt is 32 bytes");
  }
  const head = new Uint8Array(DOMAIN.length + 41 + media.length);
  const at = DOMAIN.length + 32;
  head.set(DOMAIN);
  head.set(salt, DOMAIN.length);
  for (let [place, rest] = [7, size]; place >= 0; place -= 1, rest = Math.floor(rest / 256)) {
    head[at + place] = rest % 256;
  }
  head[at + 8] = media.length;
  head.set(media, at + 9);
  return head;
}
