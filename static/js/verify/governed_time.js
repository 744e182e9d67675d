// The time lock of an execution by times that are not the log's own: approvals below a checkpoint that witnesses had
// cosigned by then, and cosignatures inside the execution, which nobody can make before their time.
import { assess } from "./assess.js";
import { parseNote } from "./notes.js";
import { counted, utf8 } from "./octets.js";
import { explain } from "./policies.js";
import { Refusal } from "./refusal.js";

const TOLERANCE_S = 300;

function quorumOf(policy, cosigned, fits) {
  return explain(policy, new Set(cosigned.filter(([, time]) => fits(time)).map(([name]) => name))).met;
}

// What a quorum of the reader's witnesses says of a note: it existed by `by`, and their lines were not made before `since`.
async function seenOf(it, note) {
  const { policy, now } = it.reader;
  const { checkpoint, cosigned, quorum, wrongWitnesses } = await assess(it.memory, note, policy, now);
  if (policy.quorum === null || !quorum.met || wrongWitnesses.length || checkpoint.origin !== it.origin) {
    return null;
  }
  const times = [...new Set(cosigned.map(([, time]) => time))].sort((a, b) => a - b);
  const by = times.find((bound) => quorumOf(policy, cosigned, (time) => time <= bound));
  const since = times.findLast((bound) => quorumOf(policy, cosigned, (time) => time >= bound));
  return { size: Number(checkpoint.size), by, since };
}

// The checkpoints of a bundle that are part of its head's log, as the reader's witnesses saw them.
export async function seenIn(it) {
  if (!it.head || !it.findings.passed("head") || !it.findings.passed("consistency")) {
    return [];
  }
  const found = [];
  for (const { note } of it.notes) {
    found.push(await seenOf(it, note));
  }
  return found.filter((one) => one !== null);
}

// The same of a note that stands inside an event.
export async function seenInside(it, text) {
  try {
    return typeof text === "string" ? await seenOf(it, parseNote(utf8(text))) : null;
  } catch (problem) {
    if (problem instanceof Refusal) {
      return null;
    }
    throw problem;
  }
}

function told(second) {
  return Math.abs(second) < 8e12 ? `${new Date(second * 1000).toISOString().slice(0, 19)}Z` : `second ${second}`;
}

function inWords(by, since, lock) {
  if (by === null) {
    return "no witness of your policy cosigned a checkpoint that holds the approvals";
  }
  const saw = `witnesses saw the approvals by ${told(by)}`;
  if (since === null) {
    return `${saw}, and the execution holds no cosignature of the log from after them`;
  }
  return `${saw}, and the execution holds their cosignatures of ${told(since)}: ${counted(Math.max(since - by, 0))} s of ${counted(lock)} s`;
}

// [code, words]: proved, unproven, or violated. The execution stands at `index` (second `now`); its quorum was complete at
// second `since`, when `last` was the last index.
export function byWitnesses({ index, now, last, since, lock }, seen, inside) {
  const least = (rows) => (rows.length ? Math.min(...rows) : null);
  const by = least(seen.filter(({ size }) => size > last).map((one) => one.by));
  const early = least(seen.filter((one) => one.size > index && one.by + TOLERANCE_S < since + lock).map((one) => one.by));
  if (early !== null) {
    return ["timelock_violated", `Witnesses saw it carried out by ${told(early)}, before the lock that its own log tells of`];
  }
  const after = inside !== null && inside.size <= index ? inside.since : null;
  const words = inWords(by, after, lock);
  if (by !== null && after !== null && after - by >= lock) {
    return ["timelock_proved", `The time lock is proved: ${words}`];
  }
  return ["timelock_unproven", `The log's own times show ${counted(now - since)} s of ${counted(lock)} s; not proved: ${words}`];
}
