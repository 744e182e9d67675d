// A checkpoint's note against a reader's policy: which log key, which witnesses, is the quorum met. Only evaluated, valid
// signatures count, and a witness only with a time that is not in the future.
import { parseCheckpoint, parseCosignature } from "./notes.js";
import { explain, namesOf } from "./policies.js";
import { checkLines } from "./signatures.js";

export const FUTURE_S = 300;

function ahead(time, now) {
  return now !== null && time > now + FUTURE_S;
}

function keysWith(lines, verdict) {
  return [...new Set(lines.filter((one) => one.verdict === verdict).map(({ vkey }) => vkey))];
}

// Newest time of each witness, in the order of the policy: [name, POSIX seconds].
function timesOf(lines, policy) {
  return policy.witnesses.flatMap(({ name, vkey }) => {
    const own = lines.filter((one) => one.verdict === "valid" && one.vkey === vkey);
    const times = own.map(({ line }) => Number(parseCosignature(line.body, vkey.type).time));
    return times.length ? [[name, Math.max(...times)]] : [];
  });
}

export async function assess(memory, note, policy, now) {
  const checkpoint = parseCheckpoint(note.text);
  const lines = await checkLines(memory, note, [...policy.logs, ...policy.witnesses.map(({ vkey }) => vkey)]);
  const times = timesOf(lines, policy);
  const cosigned = times.filter(([, time]) => time > 0 && !ahead(time, now));
  const [wrong, unknown] = [keysWith(lines, "wrong"), keysWith(lines, "not_evaluated")];
  const present = new Set(cosigned.map(([name]) => name));
  const quorum = explain(policy, present);
  return {
    checkpoint,
    cosigned,
    quorum,
    logKeys: keysWith(lines, "valid").filter((vkey) => policy.logs.includes(vkey) && vkey.name === checkpoint.origin),
    quorumUnknown: !quorum.met && explain(policy, new Set([...present, ...namesOf(policy, unknown)])).met,
    wrongLogKeys: wrong.filter((vkey) => policy.logs.includes(vkey)),
    wrongWitnesses: namesOf(policy, wrong).sort(),
    notEvaluated: unknown,
    inFuture: times.filter(([, time]) => ahead(time, now)).map(([name]) => name),
  };
}
