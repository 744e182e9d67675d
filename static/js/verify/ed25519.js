// Ed25519 verification (RFC 8032, 5.1.7), strict and without the cofactor. The equation is the browser's own WebCrypto
// where that decides like the rule, tried once with signatures that only a laxer one accepts; else it is computed here.
// In front of either stand checks of our own: keys and R of small order, keys in a second encoding, S not below L.
import { fromHex, hexOf, joined, same, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 1n << 255n;
const EIGHTH = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const D = modulo(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const BASE = `58${"66".repeat(31)}`;
const ORDER = littleEndian(L);
// Every encoding, sign cleared, of the eight points whose order divides 8.
const SMALL = [0n, 1n, P - 1n, EIGHTH, P - EIGHTH, P, P + 1n].map(littleEndian);

function modulo(number) {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    result = rest & 1n ? (result * square) % P : result;
    square = (square * square) % P;
  }
  return result;
}

function littleEndian(number) {
  return fromHex(number.toString(16).padStart(64, "0")).reverse();
}

function numberOf(octets) {
  return BigInt(`0x${hexOf(octets.slice().reverse())}`);
}

function isSmall(encoded, at = 0) {
  return SMALL.some((small) => {
    for (let place = 0; place < 31; place += 1) {
      if (encoded[at + place] !== small[place]) {
        return false;
      }
    }
    return (encoded[at + 31] & 0x7f) === small[31];
  });
}

function belowOrder(signature) {
  for (let place = 31; place >= 0; place -= 1) {
    if (signature[32 + place] !== ORDER[place]) {
      return signature[32 + place] < ORDER[place];
    }
  }
  return false;
}

// The point of 32 bytes; null where they are none, or a second encoding of one (RFC 8032, 5.1.3).
function decode(encoded) {
  const stated = numberOf(encoded);
  const y = stated & (SIGN - 1n);
  const odd = stated >> 255n;
  const u = modulo(y * y - 1n);
  const v = modulo(D * y * y + 1n);
  let x = modulo(u * v ** 3n * power(modulo(u * v ** 7n), (P - 5n) / 8n));
  if (modulo(v * x * x) !== u) {
    x = modulo(x * ROOT_OF_MINUS_ONE);
  }
  if (y >= P || modulo(v * x * x) !== u || (x === 0n && odd)) {
    return null;
  }
  return [(x & 1n) === odd ? x : P - x, y];
}

const weaknesses = new WeakMap();

// Why these bytes must not serve as a public key; empty where they may.
export function weakness(key) {
  if (!weaknesses.has(key)) {
    weaknesses.set(key, judged(key));
  }
  return weaknesses.get(key);
}

function judged(key) {
  if (key.length !== 32) {
    return `it has ${key.length} bytes where 32 belong`;
  }
  if (isSmall(key)) {
    return "its point has a small order: signatures that verify under it need no private key";
  }
  if ((numberOf(key) & (SIGN - 1n)) >= P) {
    return "its encoding is not canonical: the same point has another encoding";
  }
  return decode(key) ? "" : "it is not a point of the curve";
}

export function checkPublic(key) {
  const why = weakness(key);
  if (why) {
    throw new Refusal("weak_key", "This Ed25519 public key is refused", { why });
  }
}

// What our own checks say before the equation is looked at.
export function admissible(key, signature) {
  return signature.length === 64 && belowOrder(signature) && !isSmall(signature) && weakness(key) === "";
}

function added([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = modulo((y1 - x1) * (y2 - x2));
  const b = modulo((y1 + x1) * (y2 + x2));
  const c = modulo(2n * D * t1 * t2);
  const d = modulo(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [modulo(e * f), modulo(g * h), modulo(f * g), modulo(e * h)];
}

// scalar * point + base * B, in its encoding.
function combination(point, scalar, base) {
  const [of, ofBase] = [point, decode(fromHex(BASE))].map(([x, y]) => [x, y, 1n, modulo(x * y)]);
  const both = added(of, ofBase);
  let total = [0n, 1n, 1n, 0n];
  for (let bit = 253n; bit >= 0n; bit -= 1n) {
    total = added(total, total);
    const [one, other] = [(scalar >> bit) & 1n, (base >> bit) & 1n];
    if (one || other) {
      total = added(total, one && other ? both : one ? of : ofBase);
    }
  }
  const inverse = power(total[2], P - 2n);
  const [x, y] = [modulo(total[0] * inverse), modulo(total[1] * inverse)];
  return littleEndian(y | ((x & 1n) << 255n));
}

async function ownEquation(key, message, signature) {
  const digest = await crypto.subtle.digest("SHA-512", joined(signature.subarray(0, 32), key, message));
  const challenge = numberOf(new Uint8Array(digest)) % L;
  const [x, y] = decode(key);
  return same(combination([P - x, y], challenge, numberOf(signature.subarray(32))), signature.subarray(0, 32));
}

const imported = new WeakMap();

function importedKey(key) {
  if (!imported.has(key)) {
    imported.set(key, crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]));
  }
  return imported.get(key);
}

async function nativeEquation(key, message, signature) {
  return crypto.subtle.verify({ name: "Ed25519" }, await importedKey(key), signature, message);
}

const PROBED = "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409";
// The same key plus a point of order 8, which belongs to no private key.
const MIXED = "82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035";
// An honest signature, one under a mixed key, and one with a mixed R, over the word `countersign`.
const PROBES = [
  [PROBED, "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4429224f2c5d6dd4a2e891a3d6124ff09151e712269f35e0cf3a5c7a86694f50c", true],
  [MIXED, "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4d36a5e4da91002e33f36580ca29c2a84f70da7ae793d4b543d66a416c0381606", false],
  [PROBED, "b46d3334f30c4899832dfd21c58398f71a049f079208445e3eca96ff3f9a09c6cedd25286ff623ff7869f9f0686638bfa882c19b0662aa040b5b3ae99baa7c06", false],
];

async function chosen() {
  try {
    for (const [key, signature, verdict] of PROBES) {
      if ((await nativeEquation(fromHex(key), utf8("countersign"), fromHex(signature))) !== verdict) {
        return ownEquation;
      }
    }
    return nativeEquation;
  } catch {
    return ownEquation;
  }
}

let equation = null;

// Whether the 64-byte signature is the 32-byte key's over the message; false for every malformed or weak input.
export async function verify(key, message, signature) {
  if (!admissible(key, signature)) {
    return false;
  }
  equation ??= chosen();
  return (await equation)(key, message, signature);
}

// Whether the browser's own Ed25519 is in use.
export async function isNative() {
  equation ??= chosen();
  return (await equation) === nativeEquation;
}

// For tests: the verdict of the equation computed here.
export async function verifySlowly(key, message, signature) {
  return admissible(key, signature) && ownEquation(key, message, signature);
}
