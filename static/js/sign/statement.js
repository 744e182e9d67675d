// A statement: read strictly from the bytes that are to be signed, with every digest and difference computed again.
// Nothing is believed that does not follow from these bytes; what is refused here is never shown and never signed.
import { pae } from "../verify/dsse.js";
import { checkFields } from "../verify/fields.js";
import { canonical, isObject, parseCanonical } from "../verify/json.js";
import { counted, utf8 } from "../verify/octets.js";
import { Refusal, recoded } from "../verify/refusal.js";
import { hexDigest, sha256 } from "../verify/sha256.js";
import { isAssigned } from "./characters.js";
import { differences } from "./diff.js";
import { SCHEMA } from "./schema.js";
import { CODE_WORDS, MOST_BYTES, PAYLOAD_TYPES, WORDS } from "./tables.js";

const CODE = "statement_malformed";
const words = WORDS.split(" ");

function malformed(what, path = "", why = "") {
  return new Refusal(CODE, what, { path, why });
}

export function digestOf(value) {
  return hexDigest(utf8(canonical(value)));
}

// The first octets of a digest as words, to be compared aloud.
export function spoken(digest, count) {
  return Array.from(digest.subarray(0, count), (octet) => words[octet]).join(" ");
}

// Six words of a public key, the same wherever it is shown; to be compared aloud.
export function fingerprint(key) {
  return spoken(sha256(utf8(canonical({ public: key.public }))), CODE_WORDS);
}

function checkText(value, path) {
  if (isObject(value)) {
    for (const name of Object.keys(value).sort()) {
      checkText(name, path);
      checkText(value[name], `${path}.${name}`);
    }
  } else if (Array.isArray(value)) {
    value.forEach((inner, place) => checkText(inner, `${path}[${place}]`));
  } else if (typeof value === "string") {
    checkCharacters(value, path);
  } else if (value !== null && typeof value !== "boolean" && !Number.isSafeInteger(value)) {
    throw malformed("A statement holds no fractions; write them as decimal strings", path);
  }
}

function checkCharacters(text, path) {
  if (!isAssigned(text)) {
    throw malformed("Text holds a character that Unicode 14 does not know", path);
  }
  if (text.normalize("NFC") !== text) {
    throw malformed("Text must be in Unicode's normal form C", path);
  }
}

function checkDigests({ change, effect }) {
  const told = [
    ["change.body_digest", change.body_digest, digestOf(change.body)],
    ["effect.base_state", effect.base_state, digestOf(effect.base)],
    ["effect.result_state", effect.result_state, digestOf(effect.result)],
    ["effect.diff", digestOf(effect.diff), digestOf(differences(effect.base, effect.result))],
  ];
  for (const [path, found, wanted] of told) {
    if (found !== wanted) {
      throw malformed("A digest or difference does not follow from the statement", `$.${path}`);
    }
  }
}

function readFields(raw) {
  const fields = parseCanonical(raw);
  if (!isObject(fields)) {
    throw malformed("A statement is an object");
  }
  checkFields(fields, SCHEMA);
  return fields;
}

// Reads `raw` (Uint8Array) as { raw, fields, payloadType, signedBytes, code }. The bytes are copied first, so that
// nobody who holds the array changes between reading and signing what was read.
export function parsed(raw) {
  if (raw.length > MOST_BYTES) {
    throw malformed("A statement has at most 64 KiB", "", `${counted(raw.length)} bytes`);
  }
  const own = Uint8Array.from(raw);
  const fields = recoded(CODE, () => readFields(own));
  checkText(fields, "$");
  checkDigests(fields);
  const payloadType = PAYLOAD_TYPES[fields.verb];
  const signedBytes = pae(payloadType, own);
  return { raw: own, fields, payloadType, signedBytes, code: spoken(sha256(signedBytes), CODE_WORDS) };
}

// The same, of a statement that came with a payload type and perhaps a short code told beside it.
export function received(raw, payloadType, code = "") {
  if (typeof payloadType !== "string" || !Object.values(PAYLOAD_TYPES).includes(payloadType)) {
    throw new Refusal("payload_type_wrong", "No statement is signed under this payload type");
  }
  const statement = parsed(raw);
  if (statement.payloadType !== payloadType) {
    throw new Refusal("payload_type_wrong", "The payload type is another verb's", { why: `${statement.fields.verb} inside, ${payloadType} outside` });
  }
  if (code && code !== statement.code) {
    throw new Refusal("code_differs", "The short code told beside the statement is not the code of its bytes", { why: statement.code });
  }
  return statement;
}
