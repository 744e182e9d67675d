// Steps 5 and 14: forks, proved again from their bytes. Proven is a fork when two checkpoints that the log's keys signed
// cannot both be true; anything else is only claimed. Nothing here picks a side.
import { base64Of, checkFields, hexHash, listOf, nullable, text } from "./fields.js";
import { isObject, parse } from "./json.js";
import { logSigned } from "./keys.js";
import { verifyConsistency } from "./merkle.js";
import { parseCheckpoint, parseNote } from "./notes.js";
import { counted, fromBase64, fromHex, same, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";

const FORKS = "forks/";
const MAX_FORKS = 1000;
const MAX_FORK = 4 << 20;
const SCHEMA = { a: text(1000000), b: text(1000000), old_root: nullable(hexHash), proof: listOf(base64Of(32), { most: 63 }) };

// What the proved leaves, or the head itself, say is the root at this size; null where they say nothing.
function trueRoot({ head, provedRoots }, size) {
  return head.checkpoint.size === size ? head.checkpoint.root : provedRoots.get(size) ?? null;
}

export async function checkNotesAgree(it) {
  const { findings, head, notes } = it;
  if (!head) {
    return;
  }
  for (const held of notes) {
    const { size, origin, root } = held.checkpoint;
    const proved = trueRoot(it, size);
    if (origin !== head.checkpoint.origin || proved === null || same(proved, root)) {
      continue;
    }
    if ((await logSigned(it, held)) && (await logSigned(it, head))) {
      findings.problem("fork_proven", held.path, `The log signed two roots for ${counted(size)} leaves: this one and the head's`);
    } else if (!findings.has("log_signature_wrong", "log_key_unknown")) {
      findings.problem("fork_claimed", held.path, "Another root for this size, without a valid signature of the log");
    }
  }
}

export async function checkRemembered(it) {
  const { findings, head, reader } = it;
  const remembered = head ? reader.trust.remembered.filter(({ checkpoint }) => checkpoint.origin === head.checkpoint.origin) : [];
  if (!remembered.length) {
    findings.notClaimed("No remembered head of this log was compared.");
    return;
  }
  const since = findings.count;
  for (const one of remembered) {
    await checkOne(it, one);
  }
  findings.ran("remembered", { compared: remembered.length, since });
}

async function checkOne(it, { note, checkpoint }) {
  const { findings, head, notes } = it;
  const { size, root } = checkpoint;
  const path = "trust.json remembered";
  if (size > head.checkpoint.size) {
    const text = `You remember a head of ${counted(size)} leaves, the bundle's has ${counted(head.checkpoint.size)}`;
    findings.problem("checkpoint_stale", path, text);
    return;
  }
  const proved = trueRoot(it, size);
  const found = proved ?? notes.find((held) => held.checkpoint.size === size)?.checkpoint.root ?? null;
  if (size === 0 || (found && same(found, root))) {
    return;
  }
  if (found === null) {
    findings.problem("proof_missing", path, `Nothing in the bundle joins your head of ${counted(size)} leaves to this one`);
  } else if (note && proved && (await logSigned(it, { note, checkpoint }))) {
    findings.problem("fork_proven", path, `The log signed another root for ${counted(size)} leaves than it shows here`);
  } else {
    findings.problem("consistency_invalid", path, `You remember another root for ${counted(size)} leaves`);
  }
}

export async function checkForks(it) {
  const { findings, archive } = it;
  const since = findings.count;
  const paths = archive.names(FORKS);
  for (const [place, path] of paths.entries()) {
    if (place === MAX_FORKS) {
      findings.problem("archive_limit", path, `More than ${counted(MAX_FORKS)} reported forks: the rest is not read`);
      break;
    }
    await checkFork(it, path);
  }
  findings.ran("forks", { compared: paths.length, since });
}

async function checkFork(it, path) {
  try {
    if (await provesFork(it, path)) {
      it.findings.problem("fork_proven", path, "Two checkpoints that the log signed cannot both be true");
    } else {
      it.findings.problem("fork_claimed", path, "What it holds does not prove a fork of this log");
    }
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    it.findings.refused(problem, path);
  }
}

async function provesFork(it, path) {
  const value = parse(await it.archive.read(path, MAX_FORK));
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "Fork evidence must be a JSON object");
  }
  checkFields(value, SCHEMA);
  const [a, b] = [value.a, value.b].map((text_) => {
    const note = parseNote(utf8(text_));
    return { note, checkpoint: parseCheckpoint(note.text) };
  });
  const ours = [a, b].every(({ checkpoint }) => checkpoint.origin === it.origin);
  return ours && (await logSigned(it, a)) && (await logSigned(it, b)) && contradict(a.checkpoint, b.checkpoint, value);
}

function contradict(a, b, { old_root: oldRoot, proof }) {
  if (a.size === b.size) {
    return !same(a.root, b.root);
  }
  if (oldRoot === null || a.size > b.size) {
    return false;
  }
  try {
    verifyConsistency(a.size, b.size, proof.map(fromBase64), fromHex(oldRoot), b.root);
  } catch (problem) {
    if (problem instanceof Refusal) {
      return false;
    }
    throw problem;
  }
  return !same(fromHex(oldRoot), a.root);
}
