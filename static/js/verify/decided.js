// Step 15: decisions. Of a governance export every one; of a tenant's bundle those that its leaves name, from the log of
// decisions that lies in it as a bundle of its own, in which leaves of others are commitments.
import { OBJECTS, partOf } from "./archive.js";
import { MAX_LINE, readObject } from "./documents.js";
import { seenIn, seenInside } from "./governed_time.js";
import { judge } from "./governed_verdict.js";
import { isObject, parse } from "./json.js";
import { counted } from "./octets.js";
import { opens } from "./objects.js";
import { Refusal } from "./refusal.js";
import { Findings } from "./report.js";
import { REDACTED, UNREAD } from "./table.js";
import { microsOf } from "./times.js";

export const CHANGES = "governance/changes.tar";
export const ENDS = "/log/_governance/changes";
const FOLDER = "governance/";
const DECIDED = ["key", "policy", "reliance", "segment", "terms", "closed", "erasure", "hold"];
const TOLD = ["origin", "size", "effects", "words", "genesis", "artefacts", "gestures"];

// Whether the log is the reader's, proved, and there from its first leaf on: what is left out cannot be judged.
function isWhole({ findings, reader, origin, leaves, rangeProved, headSigned }) {
  const wanted = reader.trust.governanceOrigin;
  if (wanted !== null && origin !== wanted) {
    findings.problem("origin_mismatch", "trust.json", `The reader trusts ${wanted}, this is ${origin}`);
    return false;
  }
  if (wanted === null && !(origin ?? "").endsWith(ENDS)) {
    findings.problem("decision_unproven", "manifest", `${origin} is no log of governance`);
    return false;
  }
  if (!leaves?.size || leaves.indices[0] !== 0 || !rangeProved || !headSigned) {
    findings.problem("decision_unproven", "range", "Decisions are judged from the first leaf of a proved log");
    return false;
  }
  return true;
}

// Payloads or attributes by index; only bytes that open the commitment of their leaf.
async function opened({ archive, leaves }, role) {
  const found = new Map();
  if (!archive.has(OBJECTS[role])) {
    return found;
  }
  for await (const lines of archive.lines(OBJECTS[role], MAX_LINE)) {
    for (const line of lines) {
      try {
        const { index, salt, mediaType, data: inside, file } = readObject(line);
        const place = leaves.placeOf(index);
        const data = file === null ? inside : await archive.read(file, MAX_LINE);
        if (leaves.isShown(place) && leaves.leafAt(place).isEvent && opens(leaves.digest(place, role), salt, mediaType, data)) {
          found.set(index, data);
        }
      } catch (problem) {
        if (!(problem instanceof Refusal || problem instanceof TypeError)) {
          throw problem; // Step 12 has told the others.
        }
      }
    }
  }
  return found;
}

function subjectOf(attributes) {
  try {
    const value = attributes ? parse(attributes) : null;
    return isObject(value) ? String(value.subject ?? "") : "";
  } catch {
    return "";
  }
}

async function eventsOf(it) {
  const { leaves } = it;
  const [payloads, attributes] = [await opened(it, "payload"), await opened(it, "attrs")];
  const found = [];
  for (let place = 0; place < leaves.size; place += 1) {
    const index = leaves.indices[place];
    if (leaves.states[place] === REDACTED || leaves.states[place] === UNREAD) {
      found.push({ index, at: 0, type: "", payload: null, subject: "" });
      continue;
    }
    const { isEvent, recorded, type } = leaves.leafAt(place);
    if (isEvent) {
      const at = Number(microsOf(recorded) / 1000000n);
      found.push({ index, at, type, payload: payloads.get(index) ?? null, subject: subjectOf(attributes.get(index)) });
    }
  }
  return found;
}

// The verdict on a log of decisions, told; null where what it rests on was not proved.
async function judged(it, named, partial) {
  const { findings } = it;
  const since = findings.count;
  if (!isWhole(it)) {
    return null;
  }
  const around = { seen: await seenIn(it), read: (note) => seenInside(it, note), partial, named };
  const verdict = await judge(it.origin ?? "", await eventsOf(it), around);
  for (const { code, index, words } of verdict.objections) {
    findings.problem(code, `leaf ${index}`, words);
  }
  for (const { code, index, words } of verdict.notes) {
    findings.note(code, `leaf ${index}`, words);
  }
  Object.assign(findings.subject, verdict.subject);
  findings.ran("decisions", { compared: verdict.judged, since });
  return verdict;
}

// Step 15 of a governance export.
export async function checkLog(it) {
  await judged(it, [], false);
}

// Step 15 of a tenant's bundle; `steps` takes a case through every step, with the one for step 15.
export async function checkDecisions(it, steps) {
  const { findings, archive, reader } = it;
  const named = namedIn(it);
  if (reader.trust.governanceOrigin === null) {
    unasked(it, named.length);
    return;
  }
  if (!archive.has(CHANGES)) {
    withoutPart(findings, named);
    return;
  }
  const since = findings.count;
  const verdict = await judgePart(it, named, steps);
  for (const { code, index, words } of verdict?.ofNamed ?? []) {
    findings.problem(code, `leaf ${index}`, words);
  }
  for (const { index } of verdict ? [] : named) {
    findings.problem("decision_unproven", `leaf ${index}`, "The log of decisions was not proved");
  }
  findings.ran("decisions", { compared: named.length, since });
}

function unasked({ findings, archive }, named) {
  const files = archive.names(FOLDER).length;
  if (named) {
    findings.notClaimed(`Governance decisions: ${counted(named)} ${named === 1 ? "leaf names" : "leaves name"} one; not evaluated.`);
  }
  if (files) {
    findings.note("not_evaluated", FOLDER, `${files} files; trust.json names no log of decisions`);
  } else if (!named) {
    findings.notClaimed("Governance decisions: none asked for, none in the bundle.");
  }
}

function withoutPart(findings, named) {
  if (!named.length) {
    findings.ran("decisions", { compared: 0 });
    return;
  }
  findings.problem("not_evaluated", FOLDER, "trust.json demands them; the bundle holds no log of decisions");
  for (const { index } of named) {
    findings.problem("decision_unproven", `leaf ${index}`, "It names a decision that was not proved here");
  }
}

// The leaves of this bundle, shown or attached, that follow a decision.
function namedIn(it) {
  const decided = [...it.known(DECIDED).values()].filter(({ fields }) => fields.decision !== null);
  return decided.map(({ index, kind, origin, fields }) => {
    return { index, kind, origin, fields, log: fields.decision.origin, change: fields.decision.change };
  });
}

async function judgePart(it, named, steps) {
  const findings = new Findings("governance");
  const archive = await partOf(it.archive, CHANGES, findings);
  let verdict = null;
  if (archive) {
    const trust = { ...it.reader.trust, genesis: null, maxAge: null, tsaRoots: [] };
    await steps(it.within({ reader: { ...it.reader, trust }, findings, archive }), async (inner) => {
      verdict = await judged(inner, named, true);
    });
  }
  added(it.findings, findings.report());
  return verdict;
}

function added(findings, { problems, notes, subject }) {
  for (const { code, path, message } of problems) {
    findings.problem(code, `${CHANGES} ${path}`.trim(), message);
  }
  for (const { code, path, message } of notes) {
    findings.note(code, `${CHANGES} ${path}`.trim(), message);
  }
  for (const name of TOLD.filter((one) => Object.hasOwn(subject, one))) {
    findings.subject[`governance_${name}`] = subject[name];
  }
}

