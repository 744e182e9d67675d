// Steps 3 to 5: all checkpoints, the head (the largest) under the reader's policy, the older ones by consistency to it.
import { FILES } from "./archive.js";
import { assess } from "./assess.js";
import { readConsistency } from "./documents.js";
import { verifyConsistency } from "./merkle.js";
import { MAX_NOTE, parseCheckpoint, parseNote } from "./notes.js";
import { counted, hexOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { TYPE } from "./vkeys.js";

const CHECKPOINTS = "checkpoints/";
const MAX_CHECKPOINTS = 10000;
const MAX_BYTES = 128 << 20;
export const SPLIT_VIEW =
  "That nobody was shown another history of this log (a split view): your policy asks for no witness, so nobody " +
  "independent says it. Compare heads with other readers, or hold a policy with witnesses.";

export async function checkNotes(it) {
  const { findings } = it;
  const since = findings.count;
  await readNotes(it);
  if (!it.notes.length) {
    findings.problem("file_missing", CHECKPOINTS, "The bundle holds no readable checkpoint");
    return;
  }
  it.head = await largest(it);
  compareOrigins(it);
  findings.ran("notes", { compared: it.notes.length, since });
  if (it.notes.some(({ checkpoint }) => checkpoint.extensions.length)) {
    findings.notClaimed("Checkpoints carry extension lines, which were not read.");
  }
}

async function readNotes({ findings, archive, notes }) {
  let [room, number] = [MAX_BYTES, 0];
  for (const path of archive.names(CHECKPOINTS)) {
    room -= archive.members.get(path).size;
    number += 1;
    if (number > MAX_CHECKPOINTS || room < 0) {
      findings.problem("archive_limit", path, "More checkpoints than the limits allow: the rest is not read");
      return;
    }
    try {
      const note = parseNote(await archive.read(path, MAX_NOTE));
      notes.push({ path, note, checkpoint: parseCheckpoint(note.text) });
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      findings.refused(problem, path);
    }
  }
}

// The largest checkpoint; of two of one size the one that a log key of the policy signed.
async function largest({ notes, reader, memory }) {
  const top = notes.reduce((most, { checkpoint }) => (checkpoint.size > most ? checkpoint.size : most), -1);
  const candidates = notes.filter(({ checkpoint }) => checkpoint.size === top);
  for (const held of candidates) {
    if ((await assess(memory, held.note, reader.policy, null)).logKeys.length) {
      return held;
    }
  }
  return candidates[0];
}

function compareOrigins({ findings, notes, manifest, head }) {
  const { origin } = head.checkpoint;
  const stated = notes.map(({ path, checkpoint }) => [path, checkpoint.origin]);
  if (manifest) {
    stated.push([FILES.MANIFEST, manifest.origin]);
  }
  for (const [path, other] of stated) {
    if (other !== origin) {
      findings.problem("origin_mismatch", path, `Origin ${other}, the head's is ${origin}`);
    }
  }
}

export async function checkHead({ findings, reader, head, manifest, memory }) {
  if (!head) {
    return;
  }
  const { origin, size, root } = head.checkpoint;
  Object.assign(findings.subject, { origin, size: told(size) });
  await checkSignedHead(findings, reader, head.path, head.note, memory);
  if (!manifest) {
    return;
  }
  if (size <= manifest.last || size < manifest.size) {
    const range = `the range ends at ${counted(manifest.last)} and the manifest names a head of ${counted(manifest.size)}`;
    findings.problem("checkpoint_stale", head.path, `The largest checkpoint has ${counted(size)} leaves; ${range}`);
  } else if (manifest.size !== size || manifest.root !== hexOf(root)) {
    findings.problem("manifest_file_mismatch", head.path, "The manifest names another size or root as head");
  }
}

// A size as it stands in a report: beyond 2^53-1 no JSON number holds it.
export function told(size) {
  return typeof size === "bigint" ? String(size) : size;
}

// A head's log lines, post-quantum line and quorum under the reader's policy.
export async function checkSignedHead(findings, reader, path, note, memory) {
  const trust = await assess(memory, note, reader.policy, reader.now);
  logLines(findings, path, trust);
  postQuantum(findings, reader, path, trust);
  witnesses(findings, path, trust);
  return trust;
}

export function signedByLog({ logKeys, wrongLogKeys }) {
  return logKeys.some(({ type }) => type !== TYPE.MLDSA44) && wrongLogKeys.length === 0;
}

function logLines(findings, path, trust) {
  for (const vkey of trust.wrongLogKeys) {
    const code = vkey.type === TYPE.MLDSA44 ? "pq_signature_wrong" : "log_signature_wrong";
    findings.problem(code, path, `The line of ${vkey.words} does not verify over this text`);
  }
  findings.ran("head", { passed: signedByLog(trust) });
  if (!signedByLog(trust) && !trust.wrongLogKeys.length) {
    findings.problem("log_key_unknown", path, `No log key that your policy names for ${trust.checkpoint.origin} signed this`);
  }
}

function postQuantum(findings, reader, path, { logKeys, notEvaluated }) {
  const isPq = ({ type }) => type === TYPE.MLDSA44;
  if (logKeys.some(isPq)) {
    findings.ran("post_quantum");
  } else if (!reader.trust.requirePq) {
    findings.notClaimed("No post-quantum signature was asked for.");
  } else if (notEvaluated.some(isPq)) {
    findings.problem("not_evaluated", path, "trust.json demands ML-DSA-44, which this browser cannot verify");
  } else {
    findings.problem("pq_signature_missing", path, "No ML-DSA-44 line by a key of your policy");
    findings.ran("post_quantum", { passed: false });
  }
}

function witnesses(findings, path, trust) {
  for (const name of trust.wrongWitnesses) {
    findings.problem("witness_signature_wrong", path, `The cosignature of witness ${name} does not verify`);
  }
  for (const name of trust.inFuture) {
    findings.problem("time_in_future", path, `The cosignature of witness ${name} is dated ahead of the clock`);
  }
  const passed = trust.wrongWitnesses.length === 0;
  if (trust.quorum.kind === "none") {
    findings.notClaimed(SPLIT_VIEW);
    findings.ran("quorum", { compared: 0, passed });
  } else if (trust.quorum.met) {
    findings.ran("quorum", { compared: trust.cosigned.length, passed });
  } else if (trust.quorumUnknown) {
    findings.problem("not_evaluated", path, `The quorum hangs on cosignatures that cannot be verified here: ${trust.quorum.words}`);
  } else {
    findings.problem("quorum_missing", path, trust.quorum.words);
    findings.ran("quorum", { passed: false });
  }
}

export async function checkConsistency(it) {
  const { findings, head, notes } = it;
  if (!head) {
    return;
  }
  const since = findings.count;
  const proofs = await consistencyProofs(it);
  const older = notes.filter(({ checkpoint }) => checkpoint.size > 0 && checkpoint.size < head.checkpoint.size);
  for (const held of older) {
    const { size } = held.checkpoint;
    const proof = proofs.get(size);
    if (proof) {
      checkPair(findings, held, head.checkpoint, proof);
    } else {
      findings.problem("proof_missing", held.path, `No proof from ${size} to ${head.checkpoint.size}`);
    }
  }
  findings.ran("consistency", { compared: older.length, since });
}

function checkPair(findings, { path, checkpoint: old }, head, proof) {
  try {
    verifyConsistency(old.size, head.size, proof, old.root, head.root);
  } catch (problem) {
    if (problem.code === "consistency_invalid") {
      const sizes = `from ${counted(old.size)} to ${counted(head.size)} leaves`;
      findings.problem(problem.code, path, `The proof ${sizes} does not lead to both signed roots`);
    } else if (problem instanceof Refusal) {
      findings.refused(problem, `${FILES.CONSISTENCY} size ${old.size}`);
    } else {
      throw problem;
    }
  }
}

async function consistencyProofs({ findings, archive, head }) {
  if (!archive.has(FILES.CONSISTENCY)) {
    return new Map();
  }
  try {
    const { size, proofs } = readConsistency(await archive.read(FILES.CONSISTENCY));
    if (size === head.checkpoint.size || !proofs.size) {
      return proofs;
    }
    const text = `Proofs are for a head of ${size}, the head has ${head.checkpoint.size}`;
    findings.problem("proof_malformed", FILES.CONSISTENCY, text);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, FILES.CONSISTENCY);
  }
  return new Map();
}

