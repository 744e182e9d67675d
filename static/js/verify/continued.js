// Step 9, logs that continue one another: where the old one ended, and what the new one takes over. The old log is accepted
// up to the head that the successor's genesis names; what stands behind it, or behind the closing leaf, is not the log's.
import { FILES } from "./archive.js";
import { assess } from "./assess.js";
import { checkedCheckpoint, parseCheckpoint, parseNote } from "./notes.js";
import { counted, fromHex, same } from "./octets.js";
import { EVENT } from "./table.js";

const MAX_NOTE = 1000000;

function alike(one, other) {
  const bare = !one.extensions.length && !other.extensions.length;
  return bare && one.origin === other.origin && one.size === other.size && same(one.root, other.root);
}

export async function checkContinued(it) {
  const { archive, findings, history, reader } = it;
  const value = history?.genesis.fields.continues ?? null;
  if (value === null) {
    if (archive.has(FILES.PREDECESSOR)) {
      findings.problem("manifest_file_extra", FILES.PREDECESSOR, "This log continues no other");
    }
    return;
  }
  const since = findings.count;
  const taken = checkedCheckpoint({ origin: value.origin, size: value.size, root: fromHex(value.root), extensions: [] });
  remembered(findings, reader, taken);
  if (!archive.has(FILES.PREDECESSOR)) {
    const at = `${taken.origin} at ${counted(taken.size)} leaves`;
    findings.notClaimed(`The log says that it continues ${at}; its head is not in the bundle.`);
    return;
  }
  const note = parseNote(await archive.read(FILES.PREDECESSOR, MAX_NOTE));
  if (!alike(parseCheckpoint(note.text), taken)) {
    const text = "It is another head than the one at which genesis says this log takes over";
    findings.problem("continues_mismatch", FILES.PREDECESSOR, text);
  } else if (await isSigned(it, note, taken)) {
    findings.ran("predecessor", { since });
  }
}

// Whether the reader's policy vouches for the head; the old log is one of its logs or it says nothing of it.
async function isSigned({ findings, memory, reader }, note, { origin }) {
  if (!reader.policy.logs.some(({ name }) => name === origin)) {
    findings.notClaimed(`The head of ${origin}, which this log continues, is in the bundle; your policy names no key of it.`);
    return false;
  }
  const trust = await assess(memory, note, reader.policy, reader.now);
  if (trust.wrongLogKeys.length) {
    findings.problem("log_signature_wrong", FILES.PREDECESSOR, "The line of the old log does not verify over this text");
  } else if (!trust.logKeys.length) {
    findings.problem("log_key_unknown", FILES.PREDECESSOR, "No log key that your policy names signed the old head");
  } else if (!trust.quorum.met) {
    findings.problem("quorum_missing", FILES.PREDECESSOR, `The old head does not count yet: ${trust.quorum.words}`);
  }
  return trust.logKeys.length > 0 && !trust.wrongLogKeys.length && trust.quorum.met;
}

function remembered(findings, { trust }, taken) {
  for (const { checkpoint } of trust.remembered.filter((one) => one.checkpoint.origin === taken.origin)) {
    const { origin, root, size } = checkpoint;
    if (size > taken.size) {
      const text = `You remember ${counted(size)} leaves of ${origin}; this log takes over at ${counted(taken.size)}`;
      findings.problem("checkpoint_stale", "genesis", text);
    } else if (size === taken.size && !same(root, taken.root)) {
      const text = `You remember another root of ${origin} for ${counted(size)} leaves`;
      findings.problem("continues_mismatch", "genesis", text);
    }
  }
}

// Nothing that is shown stands behind the end of the log, as its own leaves or the reader tell it.
export function checkClosed({ findings, history, leaves, notes, origin, reader }) {
  if (!leaves || !leaves.size) {
    return;
  }
  checkEnded(findings, reader, origin, leaves.indices[leaves.size - 1]);
  for (const one of reader.trust.ended) {
    for (const { checkpoint, path } of notes) {
      if (checkpoint.origin === one.origin && checkpoint.size === one.size && !alike(checkpoint, one)) {
        const text = `You were told that the log ended under another root at ${counted(one.size)} leaves`;
        findings.problem("continues_mismatch", path, text);
      }
    }
  }
  const closing = history?.leaves.find(({ kind }) => kind === "closed");
  const last = closing ? lastEvent(leaves) : -1;
  if (closing && last > closing.index) {
    const text = `An event stands behind leaf ${closing.index}, by which the log was closed`;
    findings.problem("log_ended", `leaf ${last}`, text);
  }
}

function lastEvent({ indices, size, states }) {
  for (let place = size - 1; place >= 0; place -= 1) {
    if (states[place] === EVENT) {
      return indices[place];
    }
  }
  return -1;
}

// What trust.json says of the end of this log, against the last leaf that is shown of it.
export function checkEnded(findings, { trust }, origin, index) {
  for (const one of trust.ended.filter((row) => row.origin === origin && index >= row.size)) {
    const text = `You were told that the log ended at ${counted(one.size)} leaves, where another took over`;
    findings.problem("log_ended", `leaf ${index}`, text);
  }
}
