// Ed25519 (RFC 8032) by the browser's own WebCrypto, behind checks of our own: browsers differ on weak keys.
// Refused before anything is verified: keys and R of small order, keys in a second encoding, S not below the order.
import { bytesOf } from "./bytes.js";

const PRIME = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 1n << 255n;
const EIGHTH = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL = new Set([0n, 1n, PRIME - 1n, EIGHTH, PRIME - EIGHTH]);

export class Unsupported extends Error {}

function number(octets) {
  return octets.reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function ordinate(encoded) {
  return number(encoded) & (SIGN - 1n);
}

// Why these bytes must not serve as a public key; empty where they may.
export function weakness(key) {
  if (key.length !== 32) {
    return "the key is not 32 bytes long";
  }
  const y = ordinate(key);
  if (SMALL.has(y % PRIME)) {
    return "the key has a small order: anybody could sign under it";
  }
  return y >= PRIME ? "the key has a second encoding" : "";
}

export async function verify(key, message, signature) {
  const why = weakness(key);
  if (why) {
    throw new RangeError(why);
  }
  if (signature.length !== 64 || number(signature.slice(32)) >= ORDER || SMALL.has(ordinate(signature.slice(0, 32)) % PRIME)) {
    return false;
  }
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch (problem) {
    if (problem.name === "NotSupportedError" || (await lacksEd25519())) {
      throw new Unsupported();
    }
    throw problem;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

// A browser that refuses the key of RFC 8032, 7.1, test 1, does not know the algorithm at all.
async function lacksEd25519() {
  const known = bytesOf("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  try {
    await crypto.subtle.importKey("raw", known, { name: "Ed25519" }, false, ["verify"]);
    return false;
  } catch {
    return true;
  }
}
