// A single checkpoint or proof before a reader, without a bundle around it.
import { checkSignedHead, signedByLog, told } from "./heads.js";
import { noteSigned } from "./keys.js";
import { parseLeaf } from "./leaf.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { decimal, MAX_NOTE, parseCheckpoint, parseNote } from "./notes.js";
import { counted, fromBase64, hexOf, same } from "./octets.js";
import { checkAge } from "./outside.js";
import { Refusal } from "./refusal.js";
import { Findings, guarded } from "./report.js";
import { SignatureMemory } from "./signatures.js";

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_HASHES = 63;
const MAX_EXTRA = 65535;

export async function verifyCheckpoint(octets, reader) {
  const findings = new Findings("checkpoint");
  await guarded(findings, "checkpoint", async () => {
    about(findings, await see(findings, reader, parseNote(octets)));
  });
  return findings.report();
}

function about(findings, { checkpoint }) {
  const { origin, size, root } = checkpoint;
  Object.assign(findings.subject, { origin, size: told(size), root: hexOf(root) });
}

// A checkpoint under the reader's policy, remembered heads and `max_age`; and whether a log key of the policy signed it.
export async function see(findings, reader, note) {
  const memory = new SignatureMemory();
  const checkpoint = parseCheckpoint(note.text);
  const trust = await checkSignedHead(findings, reader, "checkpoint", note, memory);
  for (const one of reader.trust.remembered) {
    await checkRemembered(findings, reader, { note, checkpoint, memory }, one);
  }
  await checkAge(findings, reader, "checkpoint", [note], memory);
  return { checkpoint, signed: signedByLog(trust) };
}

async function checkRemembered(findings, reader, { note, checkpoint, memory }, { note: other, checkpoint: kept }) {
  if (kept.origin !== checkpoint.origin) {
    return;
  }
  if (kept.size > checkpoint.size) {
    const text = `You remember a head of ${counted(kept.size)} leaves, this one has ${counted(checkpoint.size)}`;
    findings.problem("checkpoint_stale", "checkpoint", text);
  } else if (kept.size < checkpoint.size) {
    findings.notClaimed(`Your remembered head of ${counted(kept.size)} leaves was not joined to this one.`);
  } else if (!same(kept.root, checkpoint.root)) {
    const { logs } = reader.policy;
    const both = other && (await noteSigned(memory, note, kept.origin, logs)) && (await noteSigned(memory, other, kept.origin, logs));
    const text = `You remember another root for ${counted(kept.size)} leaves`;
    findings.problem(both ? "fork_proven" : "consistency_invalid", "checkpoint", text);
  }
}

function malformed(what, path = "") {
  return new Refusal("proof_malformed", what, { path });
}

function base64Line(text, number) {
  const octets = fromBase64(text);
  if (octets === null) {
    throw malformed("A line of a proof is not base64", `line ${number}`);
  }
  return octets;
}

function emptyLineIn(octets) {
  for (let at = octets.indexOf(10); at >= 0; at = octets.indexOf(10, at + 1)) {
    if (octets[at + 1] === 10) {
      return at;
    }
  }
  throw malformed("A proof has no empty line before its checkpoint");
}

function linesOf(octets) {
  if (octets.some((octet) => octet > 127)) {
    throw malformed("A proof has bytes that are not ASCII before its checkpoint");
  }
  const lines = new TextDecoder().decode(octets).split("\n");
  if (lines[0] !== HEADER) {
    throw malformed(`The first line of a proof is not ${HEADER}`, "line 1");
  }
  return lines;
}

// A `.tlog-proof` file: index, hashes, the note verbatim, and `extra` or null. The note stays unread.
export function parseProof(octets) {
  if (octets.length > MAX_NOTE + 100000) {
    throw malformed("A proof is longer than 1,100,000 bytes");
  }
  const end = emptyLineIn(octets);
  const [lines, note] = [linesOf(octets.subarray(0, end)), octets.subarray(end + 2)];
  const extra = lines[1]?.startsWith("extra ") ? base64Line(lines[1].slice(6), 2) : null;
  const at = extra === null ? 1 : 2;
  const index = lines[at]?.startsWith("index ") ? decimal(lines[at].slice(6)) : null;
  if (index === null || index === 2n ** 63n - 1n) {
    throw malformed("A proof has no index line where one is expected", `line ${at + 1}`);
  }
  const texts = lines.slice(at + 1);
  if (texts.length > MAX_HASHES) {
    throw malformed("A proof has more than 63 hashes");
  }
  const hashes = texts.map((text, place) => base64Line(text, at + 2 + place));
  return checkedProof({ index, hashes, note, extra });
}

function checkedProof(proof) {
  if (proof.hashes.some(({ length }) => length !== 32)) {
    throw malformed("A proof has a hash that is not 32 bytes");
  }
  if (proof.extra !== null && (proof.extra.length < 1 || proof.extra.length > MAX_EXTRA)) {
    throw malformed("The extra data of a proof is empty or longer than 65,535 bytes");
  }
  if (!proof.note.length || proof.note.length > MAX_NOTE) {
    throw malformed("The checkpoint of a proof is empty or longer than 1,000,000 bytes");
  }
  return proof;
}

export async function verifyProof(octets, leaf, reader) {
  const findings = new Findings("proof");
  await guarded(findings, "proof", () => provePlace(findings, reader, parseProof(octets), leaf));
  return findings.report();
}

async function provePlace(findings, reader, proof, leaf) {
  const entry = leaf ?? proof.extra;
  if (entry === null) {
    findings.problem("arguments", "proof", "The proof carries no leaf: give the leaf's bytes as well");
    return;
  }
  const seen = await see(findings, reader, parseNote(proof.note));
  const hash = leafHash(entry);
  about(findings, seen);
  Object.assign(findings.subject, { index: told(proof.index), leaf_hash: hexOf(hash) });
  included(findings, seen, proof, hash);
  samePlace(findings, seen, proof, entry);
}

// What a leaf of this product says about itself is what the proof says about it.
function samePlace(findings, { checkpoint }, proof, entry) {
  let leaf;
  try {
    leaf = parseLeaf(entry);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.notClaimed("What the leaf says about itself: it is not in the form of this product, and was not read.");
    return;
  }
  if (leaf.origin !== checkpoint.origin) {
    findings.problem("origin_mismatch", "leaf", `The leaf is of ${leaf.origin}, the checkpoint of ${checkpoint.origin}`);
  }
  if (leaf.index !== proof.index) {
    findings.problem("leaf_index_mismatch", "leaf", `The leaf states index ${leaf.index}, the proof ${proof.index}`);
  }
}

// Whether the proof shows the leaf under the checkpoint; where not, that is recorded.
export function included(findings, { checkpoint }, proof, hash, path = "proof") {
  try {
    verifyInclusion(proof.index, checkpoint.size, hash, proof.hashes, checkpoint.root);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, path);
    findings.ran("inclusion", { passed: false });
    return false;
  }
  findings.ran("inclusion");
  return true;
}

// Whether the proof shows this leaf, without recording anything.
export function shows({ checkpoint }, proof, hash) {
  try {
    verifyInclusion(proof.index, checkpoint.size, hash, proof.hashes, checkpoint.root);
    return true;
  } catch (problem) {
    if (problem instanceof Refusal) {
      return false;
    }
    throw problem;
  }
}

