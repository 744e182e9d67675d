// Step 9, logs that continue one another: where the old one ended, and what the new one takes over. Genesis names the last
// head of the old log that counts; what is found behind it, or behind the leaf that closed a log, is not the log's any more.
import { FILES } from "./archive.js";
import { assess } from "./assess.js";
import { MAX_NOTE, parseCheckpoint, parseNote } from "./notes.js";
import { counted, hexOf } from "./octets.js";
import { EVENT } from "./table.js";

export async function checkContinued(it) {
  const { findings, archive, history } = it;
  const taken = history?.genesis.fields.continues ?? null;
  if (taken === null) {
    if (archive.has(FILES.PREDECESSOR)) {
      findings.problem("manifest_file_extra", FILES.PREDECESSOR, "This log continues no other");
    }
    return;
  }
  const since = findings.count;
  checkRemembered(it, taken);
  if (!archive.has(FILES.PREDECESSOR)) {
    const text = `The log says that it continues ${taken.origin} at ${counted(taken.size)} leaves; its head is not in the bundle.`;
    findings.notClaimed(text);
    return;
  }
  const note = parseNote(await archive.read(FILES.PREDECESSOR, MAX_NOTE));
  if (!sameHead(parseCheckpoint(note.text), taken)) {
    const text = "It is another head than the one at which genesis says this log takes over";
    findings.problem("continues_mismatch", FILES.PREDECESSOR, text);
  } else if (await isSigned(it, note, taken)) {
    findings.ran("predecessor", { since });
  }
}

function sameHead({ origin, size, root, extensions }, taken) {
  return origin === taken.origin && size === taken.size && hexOf(root) === taken.root && extensions.length === 0;
}

// Whether the reader's policy vouches for the old head; the old log is one of its logs, or it says nothing of it.
async function isSigned({ findings, reader, memory }, note, { origin }) {
  if (!reader.policy.logs.some(({ name }) => name === origin)) {
    const text = `The head of ${origin}, which this log continues, is in the bundle; your policy names no key of it.`;
    findings.notClaimed(text);
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

function checkRemembered({ findings, reader }, taken) {
  for (const { checkpoint: held } of reader.trust.remembered.filter(({ checkpoint }) => checkpoint.origin === taken.origin)) {
    if (held.size > taken.size) {
      const text = `You remember ${counted(held.size)} leaves of ${held.origin}; this log takes over at ${counted(taken.size)}`;
      findings.problem("checkpoint_stale", "genesis", text);
    } else if (held.size === taken.size && hexOf(held.root) !== taken.root) {
      const text = `You remember another root of ${held.origin} for ${counted(held.size)} leaves`;
      findings.problem("continues_mismatch", "genesis", text);
    }
  }
}

// Nothing that is shown stands behind the end of the log, as its own leaves or the reader tell it.
export function checkClosed(it) {
  const { findings, leaves, reader, notes, history } = it;
  if (!leaves?.size) {
    return;
  }
  checkEnded(findings, reader, it.origin, leaves.indices[leaves.size - 1]);
  for (const one of reader.trust.ended) {
    for (const { path, checkpoint: held } of notes) {
      const differs = hexOf(held.root) !== hexOf(one.root) || held.extensions.length > 0;
      if (held.origin === one.origin && held.size === one.size && differs) {
        const text = `You were told that the log ended under another root at ${counted(one.size)} leaves`;
        findings.problem("continues_mismatch", path, text);
      }
    }
  }
  const closing = history?.leaves.find(({ kind }) => kind === "closed");
  const last = leaves.states.subarray(0, leaves.size).lastIndexOf(EVENT);
  if (closing && last >= 0 && leaves.indices[last] > closing.index) {
    const text = `An event stands behind leaf ${closing.index}, by which the log was closed`;
    findings.problem("log_ended", `leaf ${leaves.indices[last]}`, text);
  }
}

// What trust.json says of the end of this log, against the last leaf that is shown of it.
export function checkEnded(findings, reader, origin, index) {
  for (const { size } of reader.trust.ended.filter((one) => one.origin === origin && index >= one.size)) {
    const text = `You were told that the log ended at ${counted(size)} leaves, where another took over`;
    findings.problem("log_ended", `leaf ${index}`, text);
  }
}
