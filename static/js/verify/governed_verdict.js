// The verdict on a log of decisions, and on leaves of another log that name decisions of it.
import { Judgement, UNTIMED } from "./governed_judge.js";
import { againstNamed } from "./governed_named.js";
import { counted } from "./octets.js";

// Places of executions against which, or against a word of which, something was found.
function refusedIn({ objections, heardOf, carried }) {
  const wrong = new Set(objections.filter(({ code }) => code !== UNTIMED).map(({ index }) => index));
  const changes = new Set([...heardOf].filter(([at]) => wrong.has(at)).map(([, change]) => change));
  return new Set([...carried].filter(([change]) => changes.has(change)).map(([, at]) => at));
}

function ofNamed(found) {
  const places = new Map([...found.applied].map(([change, payload]) => [change, [found.carried.get(change), payload]]));
  const refused = refusedIn(found);
  return found.around.named.flatMap((named) => {
    const against = againstNamed(named, found.origin, places, refused);
    return against ? [{ code: against[0], index: named.index, words: against[1] }] : [];
  });
}

// The verdict on the log `origin`, whose events [{index, at, type, payload, subject}] are given in their order.
export async function judge(origin, events, around) {
  const found = new Judgement(origin, around);
  for (const said of events) {
    await found.hear(said);
  }
  if (found.hidden) {
    const words = `${counted(found.hidden)} leaves that may change who decides are commitments here, the last one this`;
    found.notes.push({ code: "decision_hidden", index: found.hiddenAt, words });
  }
  const { effects, words, genesisDigest, artefacts, witnessed, objections, notes } = found;
  const subject = { effects, words, genesis: genesisDigest || null, artefacts, gestures: witnessed };
  return { judged: effects, objections, notes, ofNamed: ofNamed(found), subject };
}
