// Step 9: the pinned genesis, and every checkpoint signed by the keys that the log had at its size. A key that is added at
// leaf i and retired at leaf j signs checkpoints of sizes i < s <= j; while two are valid, both lines stand on each.
import { KEY_TYPE, keyStatement } from "./control.js";
import { pae } from "./dsse.js";
import { verify } from "./ed25519.js";
import { counted, fromBase64, hexOf } from "./octets.js";
import { loosened, parsePolicy, sameRule } from "./policies.js";
import { Refusal } from "./refusal.js";
import { checkLines, verifyMldsa } from "./signatures.js";
import { TYPE, parseVkey } from "./vkeys.js";

const ED25519_BYTES = 32;
const MLDSA44_SIGNATURE = 2420;

export function checkGenesis({ findings, history, manifest, reader }) {
  const pin = reader.trust.genesis;
  if (pin === null) {
    findings.notClaimed("The genesis leaf was not pinned: your policy's log key alone identifies the log.");
  }
  if (!history) {
    if (pin !== null) {
      findings.problem("not_evaluated", "genesis", "trust.json pins a genesis that could not be read here");
    }
    return;
  }
  const found = hexOf(history.genesis.hash);
  if (manifest && manifest.log !== found) {
    findings.problem("genesis_mismatch", "manifest.dsse.json", "The manifest names another genesis leaf");
  }
  if (pin !== null && pin !== found) {
    findings.problem("genesis_mismatch", "genesis", `You pinned ${pin}, the log begins with ${found}`);
  }
  if (pin !== null) {
    findings.ran("genesis", { passed: pin === found });
  }
}

export async function checkKeyValidity(it) {
  const { findings, head, history, notes } = it;
  if (!head) {
    return;
  }
  const since = findings.count;
  for (const held of notes) {
    if (held !== head) {
      await checkOlder(it, held);
    }
  }
  if (!history) {
    return;
  }
  const valid = validKeys(await checkLines(it.memory, head.note, it.reader.policy.logs));
  if (valid.size) {
    await checkValidAt(it, head, valid);
  }
  for (const leaf of history.leaves.filter(({ kind }) => kind === "key")) {
    await checkKeyLeaf(findings, history, leaf);
  }
  findings.ran("key_validity", { compared: notes.length, since });
}

function validKeys(lines) {
  return new Set(lines.filter(({ verdict }) => verdict === "valid").map(({ vkey }) => vkey));
}

function keysAt(history, size) {
  return history ? history.logKeysAt(size).map(parseVkey) : [];
}

// Whether a log key signed: one of the policy, or, under a signed head alone, one of the log's own history at that size.
export function logSigned(it, { note, checkpoint }) {
  const own = it.headSigned ? keysAt(it.history, checkpoint.size) : [];
  return noteSigned(it.memory, note, checkpoint.origin, [...it.reader.policy.logs, ...own]);
}

export async function noteSigned(memory, note, origin, keys) {
  return validKeys(await checkLines(memory, note, keys.filter(({ name }) => name === origin))).size > 0;
}

async function checkOlder(it, held) {
  const { findings, history, reader, memory } = it;
  const policy = reader.policy.logs.filter(({ name }) => name === held.checkpoint.origin);
  const lines = await checkLines(memory, held.note, [...policy, ...keysAt(history, held.checkpoint.size)]);
  const valid = validKeys(lines);
  if (lines.some(({ verdict }) => verdict === "wrong")) {
    findings.problem("log_signature_wrong", held.path, "A line by a known log key does not verify over this text");
  } else if (!valid.size) {
    findings.problem("log_key_unknown", held.path, "No log key that was valid at this size signed it");
  } else if (history) {
    await checkValidAt(it, held, valid);
  }
}

// `valid` are keys whose line verifies; they are compared with those in force at the size.
async function checkValidAt({ findings, history, head, memory }, held, valid) {
  const { size } = held.checkpoint;
  const inForce = [...new Set(keysAt(history, size))];
  if (!inForce.some((vkey) => valid.has(vkey))) {
    const retired = history.logKeys.filter(({ stop }) => stop !== null && stop < size).map(({ key }) => key);
    const late = held === head && [...valid].some(({ text }) => retired.includes(text));
    const text = `Signed by a key that was not in force at ${counted(size)} leaves`;
    findings.problem(late ? "key_retired" : "key_not_valid_at_size", held.path, text);
    return;
  }
  await checkPresent(findings, memory, held, inForce);
}

// Each key in force has its line: without an Ed25519 one the rotation is unsigned; ML-DSA-44 has its own codes.
async function checkPresent(findings, memory, held, inForce) {
  const verdicts = new Map();
  for (const { vkey, verdict } of await checkLines(memory, held.note, inForce)) {
    verdicts.set(vkey, [...(verdicts.get(vkey) ?? []), verdict]);
  }
  for (const vkey of inForce.sort((a, b) => (a.text < b.text ? -1 : 1))) {
    const found = verdicts.get(vkey) ?? [];
    const told = `${vkey.words}, in force at ${counted(held.checkpoint.size)}`;
    if (found.includes("valid")) {
      continue;
    }
    if (found.includes("not_evaluated")) {
      findings.note("not_evaluated", held.path, `The line of ${told}, cannot be verified by this browser`);
    } else if (vkey.type === TYPE.MLDSA44) {
      const code = found.includes("wrong") ? "pq_signature_wrong" : "pq_signature_missing";
      findings.problem(code, held.path, `No valid ML-DSA-44 line of ${told}`);
    } else {
      findings.problem("rotation_unsigned", held.path, `No line of ${told}`);
    }
  }
}

// A key leaf is signed by a key of before and by every log key that it adds.
export async function checkKeyLeaf(findings, history, leaf) {
  const message = pae(KEY_TYPE, keyStatement(hexOf(history.genesis.hash), leaf));
  const signatures = leaf.fields.signatures.map(({ sig }) => fromBase64(sig));
  const { recovery_key: recovery } = history.genesis.fields;
  const held = keysAt(history, leaf.index).filter(({ type }) => type === TYPE.ED25519).map(({ key }) => key);
  const before = recovery === null ? held : [...held, fromBase64(recovery)];
  for (const keys of [before, ...leaf.fields.add_log_keys.map((text) => [parseVkey(text).key])]) {
    const answer = await anySigned(keys, message, signatures);
    if (answer === null) {
      findings.notClaimed(`That the post-quantum key which leaf ${leaf.index} adds signed that leaf.`);
    } else if (!answer) {
      findings.problem("rotation_unsigned", `leaf ${leaf.index}`, "A key leaf is not signed by the old and the new key");
      return;
    }
  }
}

// Whether one of the keys, Ed25519 or ML-DSA-44 by its length, made one of the signatures; null where nobody can say.
async function anySigned(keys, message, signatures) {
  const answers = [false];
  for (const key of keys) {
    for (const signature of signatures) {
      if (key.length === ED25519_BYTES) {
        answers.push(await verify(key, message, signature));
      } else if (signature.length === MLDSA44_SIGNATURE) {
        answers.push(await verifyMldsa(key, message, signature));
      }
    }
  }
  return answers.includes(true) || (answers.includes(null) ? null : false);
}

// Notes on the log's own policies: another rule than the reader's, and rules that became looser.
export async function checkPolicies(it) {
  const { findings, history, reader } = it;
  const read = [];
  for (const [index, digest] of history?.policies ?? []) {
    const policy = await policyOf(it, digest);
    if (policy) {
      read.push({ index, digest, policy });
    }
  }
  if (read.length && !sameRule(read.at(-1).policy, reader.policy)) {
    findings.note("policy_differs", `policy/${read.at(-1).digest}`, "The log's own policy is another one than yours");
  }
  read.slice(1).forEach(({ index, policy }, place) => {
    if (loosened(read[place].policy, policy)) {
      findings.note("policy_loosened", `leaf ${index}`, "This policy is met by witnesses that did not suffice before");
    }
  });
}

async function policyOf({ archive, findings }, digest) {
  const name = `policy/${digest}`;
  if (!archive.has(name)) {
    return null;
  }
  try {
    const policy = parsePolicy(await archive.read(name, 1000000));
    return archive.members.get(name).sha256 === digest ? policy : null;
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, name, "leaf_schema");
    return null;
  }
}
