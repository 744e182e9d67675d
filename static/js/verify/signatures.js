// One signature body against one verifier key, by the key's type: `valid`, `wrong`, or `not_evaluated` where this
// browser lacks the algorithm. Absence is never taken for a verdict.
import { verify } from "./ed25519.js";
import { bigEndian, hexOf, joined, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { cosignedMessage, parseCheckpoint, parseCosignature } from "./notes.js";
import { TYPE, curveOf } from "./vkeys.js";

export const MAX_LINES_OF_A_KEY = 8;
const TREE_HEAD = Uint8Array.of(0, 1);

// r and s of a strict DER signature, side by side as WebCrypto takes them; null for other bytes.
function derToRaw(der, width) {
  const integers = [];
  let at = der[1] === 0x81 ? 3 : 2;
  const length = der[1] === 0x81 ? der[2] : der[1];
  if (der[0] !== 0x30 || (der[1] === 0x81 && length < 128) || length > 255 || der.length !== at + length) {
    return null;
  }
  while (integers.length < 2) {
    const size = der[at + 1];
    const value = der.subarray(at + 2, at + 2 + size);
    const padded = value[0] === 0 && value[1] < 128 && size > 1;
    if (der[at] !== 2 || size === 0 || value.length !== size || value[0] > 127 || padded) {
      return null;
    }
    integers.push(value[0] === 0 ? value.subarray(1) : value);
    at += 2 + size;
  }
  if (at !== der.length || integers.some((one) => one.length > width)) {
    return null;
  }
  return joined(...integers.map((one) => joined(new Uint8Array(width - one.length), one)));
}

async function ecdsa(spki, message, der) {
  const { curve, size } = curveOf(spki);
  const raw = derToRaw(der, size / 2);
  if (raw === null) {
    return false;
  }
  const algorithm = { name: "ECDSA", namedCurve: curve };
  let key;
  try {
    key = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
  } catch (problem) {
    return problem.name === "NotSupportedError" ? null : false;
  }
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw, message);
}

function importMldsa(key) {
  return crypto.subtle.importKey("raw-public", key, { name: "ML-DSA-44" }, false, ["verify"]);
}

// Whether this browser's WebCrypto knows ML-DSA-44 (FIPS 204).
export async function hasMldsa() {
  try {
    await importMldsa(new Uint8Array(1312));
    return true;
  } catch {
    return false;
  }
}

// Whether an ML-DSA-44 key signed the message; null where this browser cannot tell.
export async function verifyMldsa(key, message, signature) {
  if (!(await hasMldsa())) {
    return null;
  }
  try {
    return await crypto.subtle.verify({ name: "ML-DSA-44" }, await importMldsa(key), signature, message);
  } catch {
    return false;
  }
}

function mldsa(vkey, text, body) {
  const { time, signature } = parseCosignature(body, vkey.type);
  return verifyMldsa(vkey.key, cosignedMessage(vkey, text, time), signature);
}

function cosignature(vkey, text, body) {
  const { time, signature } = parseCosignature(body, vkey.type);
  return verify(vkey.key, cosignedMessage(vkey, text, time), signature);
}

// RFC 6962, 3.5: an ECDSA signature over a tree head.
function treeHead(vkey, text, body) {
  const checkpoint = parseCheckpoint(text);
  const [time, algorithms, length, signature] = [body.subarray(0, 8), body.subarray(8, 10), body.subarray(10, 12), body.subarray(12)];
  const stated = length.length === 2 ? length[0] * 256 + length[1] : -1;
  const usual = hexOf(algorithms) === "0403" && !checkpoint.extensions.length && checkpoint.origin === vkey.name;
  if (!usual || signature.length !== stated) {
    return false;
  }
  return ecdsa(vkey.key, joined(TREE_HEAD, time, bigEndian(checkpoint.size, 8), checkpoint.root), signature);
}

const CHECKS = {
  [TYPE.ED25519]: (vkey, text, body) => verify(vkey.key, utf8(text), body),
  [TYPE.ECDSA]: (vkey, text, body) => ecdsa(vkey.key, utf8(text), body),
  [TYPE.COSIGNATURE]: cosignature,
  [TYPE.RFC6962]: treeHead,
  [TYPE.MLDSA44]: mldsa,
};

async function checkSignature(vkey, text, body) {
  try {
    const answer = await CHECKS[vkey.type](vkey, text, body);
    return answer === null ? "not_evaluated" : answer ? "valid" : "wrong";
  } catch (problem) {
    if (problem instanceof Refusal) {
      return "wrong";
    }
    throw problem;
  }
}

// Remembers its answers: one verification sees the same note in many steps.
export class SignatureMemory {
  constructor() {
    this.answers = new Map();
  }

  check(vkey, text, body) {
    const name = `${vkey.text}\n${hexOf(body)}\n${text}`;
    if (!this.answers.has(name)) {
      this.answers.set(name, checkSignature(vkey, text, body));
    }
    return this.answers.get(name);
  }
}

const ORDER = ["valid", "not_evaluated", "wrong"];

async function judged(memory, text, line, candidates) {
  const found = [];
  for (const vkey of candidates) {
    found.push({ vkey, line, verdict: await memory.check(vkey, text, line.body) });
  }
  return found.sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))[0];
}

// The lines of a note that belong to one of `vkeys`, checked, in the note's order. Behind the first wrong line of a key
// its lines are left out, and one beyond the limit is wrong without a look: a flood costs no more than one.
export async function checkLines(memory, note, vkeys) {
  const known = new Map();
  for (const vkey of new Set(vkeys)) {
    known.set(vkey.words, [...(known.get(vkey.words) ?? []), vkey]);
  }
  const seen = new Map();
  const found = [];
  for (const line of note.lines) {
    const owner = `${line.name}+${line.id}`;
    const candidates = known.get(owner);
    const before = seen.get(owner) ?? [];
    if (!candidates || before.at(-1) === "wrong") {
      continue;
    }
    const flood = before.length >= MAX_LINES_OF_A_KEY;
    found.push(flood ? { vkey: candidates[0], line, verdict: "wrong" } : await judged(memory, note.text, line, candidates));
    seen.set(owner, [...before, found.at(-1).verdict]);
  }
  return found;
}
