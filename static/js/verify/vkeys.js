// Verifier keys (C2SP signed-note): who may sign a note, as one line of text. The key ID is computed, never believed.
import { checkPublic } from "./ed25519.js";
import { bigEndian, fromBase64, fromHex, hexOf, joined, quoted, same, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { sha256 } from "./sha256.js";

export const TYPE = { ED25519: 1, ECDSA: 2, COSIGNATURE: 4, RFC6962: 5, MLDSA44: 6 };
const NAMES = Object.fromEntries(Object.entries(TYPE).map(([name, value]) => [value, name]));
const MLDSA44_BYTES = 1312;
// SubjectPublicKeyInfo up to the uncompressed point, and the bytes of its coordinates: the only DER accepted.
const SPKI = [
  ["3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64, "P-256"],
  ["3076301006072a8648ce3d020106052b8104002203620004", 96, "P-384"],
  ["30819b301006072a8648ce3d020106052b810400230381860004", 132, "P-521"],
].map(([head, size, curve]) => ({ head: fromHex(head), size, curve }));
// eslint-disable-next-line no-control-regex
const FOREIGN = /[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]/u;

function malformed(what, why = "") {
  return new Refusal("note_malformed", what, { why });
}

export function checkKeyName(name) {
  if (!name || FOREIGN.test(name)) {
    throw malformed("A key name is empty or has a space, '+' or control character", quoted(name));
  }
}

// The curve and size of an ECDSA key in the one form accepted; undefined for any other bytes.
export function curveOf(spki) {
  return SPKI.find(({ head, size }) => spki.length === head.length + size && same(spki.subarray(0, head.length), head));
}

function hasShape(type, key) {
  if (type === TYPE.ED25519 || type === TYPE.COSIGNATURE) {
    return key.length === 32;
  }
  return type === TYPE.MLDSA44 ? key.length === MLDSA44_BYTES : curveOf(key) !== undefined;
}

function checkKey(type, key) {
  if (!NAMES[type]) {
    throw malformed("The signature type of a verifier key is not known here", `0x${hexOf(bigEndian(type, 1))}`);
  }
  if (!hasShape(type, key)) {
    throw malformed("A public key has not the shape of its type", `${NAMES[type]}, ${key.length} bytes`);
  }
  if (type === TYPE.ED25519 || type === TYPE.COSIGNATURE) {
    checkPublic(key);
  }
}

function keyId(name, type, key) {
  if (type === TYPE.ECDSA) {
    return sha256(key).slice(0, 4);
  }
  const material = type === TYPE.RFC6962 ? sha256(key) : key;
  return sha256(utf8(name), Uint8Array.of(10, type), material).slice(0, 4);
}

function read(text) {
  const found = /^([^+]*)\+([0-9a-f]{8})\+([^]*)$/.exec(text);
  if (!found) {
    throw malformed("A verifier key is not <name>+<8 hex digits>+<base64>", quoted(text));
  }
  const [name, stated, material] = [found[1], found[2], fromBase64(found[3])];
  if (!material || !material.length) {
    throw malformed("The key material of a verifier key is not base64");
  }
  const [type, key] = [material[0], material.subarray(1)];
  checkKeyName(name);
  checkKey(type, key);
  const id = hexOf(keyId(name, type, key));
  if (id !== stated) {
    throw malformed("The key ID of a verifier key does not follow from it", `stated ${stated}, computed ${id}`);
  }
  return { text, name, type, key, id, words: `${name}+${id}` };
}

const known = new Map();

// One verifier key: the same text gives the same object. Refused with note_malformed or weak_key.
export function parseVkey(text) {
  const found = known.get(text) ?? read(text);
  known.set(text, found);
  return found;
}
