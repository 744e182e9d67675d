// The encrypted key file: one form for browser, command line and offline page. A key is unwrapped for one signature,
// cannot be taken out of the browser's own memory, and is stored nowhere.
import { admissible, checkPublic, verify } from "../verify/ed25519.js";
import { base64Of, checkFields, closed, number, oneOf, text } from "../verify/fields.js";
import { canonical, isObject, parse } from "../verify/json.js";
import { fromBase64, hexOf, joined, toBase64, utf8 } from "../verify/octets.js";
import { Refusal, recoded } from "../verify/refusal.js";
import { sha256 } from "../verify/sha256.js";
import { refuse } from "./refusals.js";
import { ITERATIONS, KEY_VERSION, MOST_ITERATIONS } from "./tables.js";

export const SHORTEST_PASSPHRASE = 12;
const MOST_BYTES = 65536;
const PBKDF2 = "pbkdf2-hmac-sha256";
const ED25519 = { name: "Ed25519" };
const ZERO = new Uint8Array(1);

const SCHEMA = {
  v: oneOf(KEY_VERSION),
  kid: text(32, 32),
  public: base64Of(32),
  use: oneOf("decision", "native"),
  custody: oneOf("offline", "passkey", "passphrase", "demo"),
  person: text(255),
  kdf: closed({ name: oneOf(PBKDF2), iterations: number(ITERATIONS, MOST_ITERATIONS), salt: base64Of(16) }),
  cipher: closed({ name: oneOf("aes-256-gcm"), nonce: base64Of(12) }),
  wrapped: base64Of(64),
};

export function random(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}

// Identifier of a key: 32 hex digits over use, origin and public key.
export function kidOf(use, origin, octets) {
  const parts = ["countersign/kid/1", use, origin].flatMap((part) => [utf8(part), ZERO]);
  return hexOf(sha256(joined(...parts, octets)).subarray(0, 16));
}

// Reads an encrypted key file; refused with key_file_malformed.
export function readKey(octets) {
  return recoded("key_file_malformed", () => {
    if (octets.length > MOST_BYTES) {
      throw new Refusal("", "A key file is smaller than this");
    }
    const fields = parse(octets);
    if (!isObject(fields)) {
      throw new Refusal("", "A key file is an object");
    }
    checkFields(fields, SCHEMA);
    checkPublic(fromBase64(fields.public));
    return fields;
  });
}

export function fileOf(key) {
  return utf8(`${canonical(key)}\n`);
}

function headerOf({ wrapped, ...header }) {
  return header;
}

function gcm(header) {
  return { name: "AES-GCM", iv: fromBase64(header.cipher.nonce), additionalData: utf8(canonical(header)) };
}

async function fromPassphrase({ iterations, salt }, passphrase) {
  const material = await crypto.subtle.importKey("raw", utf8(passphrase), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64(salt), iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

async function fromPasskey({ salt }, secret) {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: fromBase64(salt), info: utf8("countersign/passkey-kek/1") };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

// The key that wraps: of a passphrase (text), or of what a passkey answered (32 octets).
function wrappingKey(header, secret) {
  return header.kdf.name === PBKDF2 ? fromPassphrase(header.kdf, secret) : fromPasskey(header.kdf, secret);
}

// The private key of a key file or of a key kept here. Refused with passphrase_wrong or passkey_failed.
export async function unwrap(key, secret, { extractable = false } = {}) {
  const header = headerOf(key);
  const opener = await wrappingKey(header, secret);
  let opened = null;
  try {
    opened = await crypto.subtle.unwrapKey("pkcs8", fromBase64(key.wrapped), opener, gcm(header), ED25519, extractable, ["sign"]);
  } catch {
    const code = typeof secret === "string" ? "passphrase_wrong" : "passkey_failed";
    throw refuse(code, typeof secret === "string" ? "The key does not open with this passphrase" : "The key does not open with this passkey");
  }
  await signed(opened, key, random(32));
  return opened;
}

// An encrypted key: the extractable private key under a passphrase or a passkey's secret.
export async function wrap(opened, about, secret, kdf) {
  const header = { v: KEY_VERSION, ...about, kdf, cipher: { name: "aes-256-gcm", nonce: toBase64(random(12)) } };
  const closer = await wrappingKey(header, secret);
  return { ...header, wrapped: toBase64(new Uint8Array(await crypto.subtle.wrapKey("pkcs8", opened, closer, gcm(header)))) };
}

export function passphraseKdf() {
  return { name: PBKDF2, iterations: ITERATIONS, salt: toBase64(random(16)) };
}

export function passkeyKdf(credential, salt) {
  return { name: "hkdf-sha256-webauthn-prf", credential, salt: toBase64(salt) };
}

export function opensWithPasskey(key) {
  return key.kdf.name !== PBKDF2;
}

// The signature over the octets, tried under the public key that the header shows before it leaves.
export async function signed(opened, key, octets) {
  const signature = new Uint8Array(await crypto.subtle.sign(ED25519, opened, octets));
  const shown = fromBase64(key.public);
  if (!admissible(shown, signature) || !(await verify(shown, octets, signature))) {
    throw refuse("key_differs", "The wrapped key is not the one whose public key the file shows");
  }
  return signature;
}

export async function generate() {
  const pair = await crypto.subtle.generateKey(ED25519, true, ["sign", "verify"]);
  return { opened: pair.privateKey, octets: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

// Whether this browser signs and verifies Ed25519 itself: tried, not asked.
export async function browserSigns() {
  try {
    const pair = await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"]);
    const octets = utf8("countersign");
    const signature = await crypto.subtle.sign(ED25519, pair.privateKey, octets);
    const other = await crypto.subtle.verify(ED25519, pair.publicKey, signature, utf8("countersigm"));
    return (await crypto.subtle.verify(ED25519, pair.publicKey, signature, octets)) && !other;
  } catch {
    return false;
  }
}
