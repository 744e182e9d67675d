// Step 8: attached leaves by their inclusion proofs, and the control chain from the newest manifest back to genesis.
// The newest manifest is the last leaf under the head: nothing can hide behind it, and no key, policy or pause be left out.
import { FILES } from "./archive.js";
import { historyOf, linkOf, windowOf } from "./control.js";
import { MAX_LINE, readAttached } from "./documents.js";
import { checkPublic } from "./ed25519.js";
import { CONTROL, parseLeaf } from "./leaf.js";
import { verifyInclusion } from "./merkle.js";
import { below } from "./notes.js";
import { fromBase64, same, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { parseVkey } from "./vkeys.js";

const MAX_ATTACHED = 50000;
const POLICIES = "policy/";

export async function checkAttached(it) {
  const { archive, findings } = it;
  if (!archive.has(FILES.ATTACHED) || !it.head) {
    return;
  }
  const since = findings.count;
  let number = 0;
  for await (const lines of archive.lines(FILES.ATTACHED, MAX_LINE)) {
    for (const line of lines) {
      number += 1;
      const path = `${FILES.ATTACHED}:${number}`;
      if (number > MAX_ATTACHED) {
        findings.problem("archive_limit", path, "More than 50,000 attached leaves");
        return;
      }
      attach(it, line, path);
    }
  }
  findings.ran("attached", { compared: it.attached.size, since });
}

function attach({ findings, head, attached }, line, path) {
  const { checkpoint } = head;
  try {
    const { index, leaf: raw, proof } = readAttached(line);
    const leaf = parseLeaf(raw);
    if (leaf.index !== index) {
      findings.problem("leaf_index_mismatch", path, `The leaf states index ${leaf.index}, its line ${index}`);
    }
    if (leaf.origin !== checkpoint.origin) {
      findings.problem("origin_mismatch", path, `The leaf is of ${leaf.origin}, not of ${checkpoint.origin}`);
    }
    verifyInclusion(index, checkpoint.size, leaf.hash, proof, checkpoint.root);
    attached.set(leaf.index, leaf);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, path);
  }
}

export function checkControlChain(it) {
  const { findings } = it;
  const newest = newestManifest(it);
  if (!newest) {
    return;
  }
  const since = findings.count;
  try {
    it.history = derived(it, newest);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, "control chain", problem.code === "weak_key" ? "" : "control_chain_broken");
  }
  findings.ran("control_chain", { compared: it.history ? it.history.leaves.length : null, since });
}

function newestManifest(it) {
  if (!it.head) {
    return null;
  }
  const last = below(it.head.checkpoint.size);
  const found = it.known(["window"]).get(last);
  if (!found) {
    const text = `Leaf ${last}, the last under the head, is not shown to be a window manifest: more could hide`;
    it.findings.problem("control_history_missing", FILES.ATTACHED, text);
  }
  return found ?? null;
}

function derived(it, newest) {
  const known = it.known(CONTROL);
  const start = windowOf(newest).control;
  const chain = walk(it.findings, known, start);
  if (!chain) {
    return null;
  }
  const named = new Set(chain.map(({ index }) => index));
  const left = [...known.keys()].find((index) => !named.has(index) && index < newest.index);
  if (left !== undefined) {
    throw new Refusal("control_chain_broken", "A control leaf of the log is left out of the chain", { path: `leaf ${left}` });
  }
  const history = historyOf(chain, start);
  refuseWeak(history);
  return history;
}

// Control leaves by the indices that links name, genesis first.
function walk(findings, known, start) {
  const chain = [];
  for (let link = start; link !== null; link = linkOf(chain[0].fields.control_prev)) {
    const leaf = known.get(link.index);
    if (!leaf) {
      findings.problem("control_history_missing", FILES.ATTACHED, `Control leaf ${link.index} is not there`);
      return null;
    }
    if (chain.length && leaf.index >= chain[0].index) {
      throw new Refusal("control_chain_broken", "The control chain does not lead back", { path: `leaf ${link.index}` });
    }
    chain.unshift(leaf);
  }
  return chain;
}

// Refuses a key of the history that proves nothing.
export function refuseWeak(history) {
  history.keys.forEach(({ key }) => checkPublic(key.key));
  for (const { key } of history.logKeys) {
    try {
      parseVkey(key);
    } catch (problem) {
      if (problem.code === "note_malformed") {
        throw new Refusal("control_chain_broken", problem.what, { why: problem.why });
      }
      throw problem;
    }
  }
  const { recovery_key: recovery } = history.genesis.fields;
  if (recovery !== null) {
    checkPublic(fromBase64(recovery));
  }
}

// keys.json against the derived history, and the policies that it names.
export async function checkKeys({ archive, findings, history }) {
  if (!history || !archive.has(FILES.KEYS)) {
    return;
  }
  const since = findings.count;
  if (!same(await archive.read(FILES.KEYS), utf8(history.document()))) {
    findings.problem("keys_mismatch", FILES.KEYS, "It differs from the history that the control leaves give");
  }
  const digests = new Set(history.policies.map(([, digest]) => digest));
  for (const name of archive.names(POLICIES)) {
    if (!digests.has(name.slice(POLICIES.length))) {
      findings.problem("manifest_file_extra", name, "No leaf of the log names a policy with this SHA-256");
    }
  }
  for (const digest of digests) {
    const name = POLICIES + digest;
    if (!archive.has(name)) {
      findings.problem("file_missing", name, "A policy that the control leaves name is not there");
    } else if (archive.members.get(name).sha256 !== digest) {
      findings.problem("manifest_file_mismatch", name, "The text has another SHA-256 than its name");
    }
  }
  findings.ran("keys", { since });
}

