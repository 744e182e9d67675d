// Holds and erasures, and completeness at the source: what is held, what was erased although it was, and the gaps that the
// log tells of. Gaps are told, never judged; without a declaration nothing could be noticed.
import { counted, quoted } from "./octets.js";
import { Refusal } from "./refusal.js";
import { before, shared, spansOf, united, without } from "./spans.js";
import { checkTime } from "./times.js";

const SUBJECT = "Completeness at the source";
const NUMBER = /^(?:0|[1-9][0-9]{0,63})$/;

// Ascending spans of leaves whose `part` these erasure leaves took away.
export function erasedSpans(it, part) {
  const leaves = [...it.known(["erasure"]).values()].filter(({ fields }) => fields.parts.includes(part));
  return united(leaves.flatMap(({ index, fields }) => before(spansOf(fields.ranges), index)));
}

// What is held after these hold leaves, by case.
function heldByCase(leaves) {
  const held = new Map();
  for (const { index, fields } of leaves) {
    const [now, named] = [held.get(fields.case) ?? [], spansOf(fields.ranges)];
    const left = fields.state === "released" ? without(now, named) : united([...now, ...before(named, index)]);
    held.set(fields.case, left);
  }
  return [...held].filter(([, found]) => found.length);
}

export function checkHolds(it) {
  const { findings, leaves } = it;
  if (!leaves?.size) {
    return;
  }
  const since = findings.count;
  const said = [...it.known(["hold"]).values()];
  const inside = [[leaves.indices[0], leaves.indices[leaves.size - 1]]];
  for (const [name, held] of heldByCase(said)) {
    for (const [first, last] of shared(held, inside)) {
      findings.note("held", `leaves ${first} to ${last}`, `They are held under ${quoted(name, 256)}`);
    }
  }
  for (const { index, fields } of it.known(["erasure"]).values()) {
    for (const [name, held] of heldByCase(said.filter((leaf) => leaf.index < index))) {
      for (const [first, last] of shared(spansOf(fields.ranges), held)) {
        const text = `It erases leaves ${first} to ${last}, which were held under ${quoted(name, 256)}`;
        findings.problem("hold_violated", `leaf ${index}`, text);
      }
    }
  }
  findings.ran("holds", { compared: said.length, since });
}

function contradicted(what, path) {
  return new Refusal("leaf_schema", what, { path });
}

function checkNumbers({ from, to, count }) {
  if (to === null || !NUMBER.test(from) || !NUMBER.test(to)) {
    throw contradicted("A gap in a sequence has two whole numbers", "from");
  }
  if (BigInt(to) - BigInt(from) + 1n !== BigInt(count)) {
    throw contradicted("A gap in a sequence counts what it names", "count");
  }
}

function checkTimes({ cause, from, to }) {
  checkTime(from);
  if (to !== null) {
    checkTime(to);
  } else if (cause === "refused") {
    throw contradicted("Calls that were refused have an end", "to");
  }
  if (to !== null && to < from) {
    throw contradicted("A gap ends before it begins", "to");
  }
}

function checkGap({ index, fields }) {
  (fields.cause === "sequence" ? checkNumbers : checkTimes)(fields);
  const places = [fields.after, fields.before, index].filter((place) => place !== null);
  if (places.some((place, at) => at > 0 && places[at - 1] >= place) || fields.count < 1) {
    throw contradicted("A gap's leaves or its count contradict each other", "count");
  }
}

function gapInWords({ cause, from, to, count }) {
  if (cause === "sequence") {
    return `Numbers ${from} to ${to} of a source were skipped: ${counted(count)} events`;
  }
  if (cause === "refused") {
    return `From ${from} to ${to} the server refused ${counted(count)} calls itself`;
  }
  const end = to === null ? "and had not ended when this was recorded" : `until ${to}`;
  return `No event came from ${from} on ${end}; ${counted(count)} were expected`;
}

// The newest declaration of the log about itself; null where its history is not known.
function declared({ history, head }) {
  if (!history || !head) {
    return null;
  }
  const said = history.leaves.findLast(({ kind, index }) => kind === "terms" && index < head.checkpoint.size);
  return { every: said?.fields.expected_every_s ?? null, sequence: said?.fields.sequence ?? false, index: said?.index };
}

function declaredInWords(terms) {
  if (!terms) {
    return `${SUBJECT}: not evaluated; the log's own declarations are not known here.`;
  }
  const rhythm = terms.every === null ? [] : [`an event at least every ${counted(terms.every)} s`];
  const told = [...rhythm, ...(terms.sequence ? ["numbered events of each source"] : [])].join(" and ");
  return told
    ? `${SUBJECT}: the log declares ${told} since leaf ${terms.index}; the log's operator looks for gaps itself.`
    : `${SUBJECT}: not evaluated; the log declares neither rhythm nor sequence.`;
}

export function checkGaps(it) {
  const { findings } = it;
  const since = findings.count;
  const gaps = [...it.known(["gap"]).values()];
  for (const leaf of gaps) {
    try {
      checkGap(leaf);
      findings.note("source_gap", `leaf ${leaf.index}`, gapInWords(leaf.fields));
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      findings.refused(problem, `leaf ${leaf.index}`);
    }
  }
  const terms = declared(it);
  findings.notClaimed(declaredInWords(terms));
  if (gaps.length || terms?.sequence || (terms && terms.every !== null)) {
    findings.ran("completeness", { compared: gaps.length, since });
  }
}
