// The period that was asked for: complete by its neighbouring leaves, and counted again. `recorded` never goes back within
// a segment; beyond a segment leaf the order begins anew and is shown anew.
import { FILES, OBJECTS } from "./archive.js";
import { MAX_LINE, readObject } from "./documents.js";
import { isObject, parse } from "./json.js";
import { Refusal } from "./refusal.js";
import { EVENT, REDACTED, UNREAD } from "./table.js";
import { claimedMicros, microsOf } from "./times.js";

export async function checkPeriod(it) {
  const { findings, manifest, leaves } = it;
  if (!manifest || !leaves) {
    return;
  }
  if (manifest.period?.basis === "recorded") {
    checkBoundaries(it);
  } else if (manifest.period) {
    findings.notClaimed("That no event outside the range claims a time in the period: claims have no order.");
  }
  await checkPopulation(it);
}

function checkBoundaries(it) {
  const { findings, manifest, head } = it;
  const { first, last, period } = manifest;
  const since = findings.count;
  const size = head ? head.checkpoint.size : -1;
  const segments = [...it.known(["segment"]).keys()];
  const left = new Set([first - 1, ...segments.filter((index) => index < first)]);
  const right = new Set([last + 1, ...segments.filter((index) => index > last).map((index) => index + 1)]);
  for (const index of ascending(left).filter((one) => one >= 0)) {
    demandOutside(it, index, segments.includes(index));
  }
  for (const index of ascending(right).filter((one) => one !== size)) {
    demandOutside(it, index, segments.includes(index - 1));
  }
  if (last + 1 === size && period.end !== null) {
    findings.notClaimed("The range ends at the head: leaves that were recorded later may belong to the period too.");
  }
  findings.ran("period", { since });
}

function ascending(numbers) {
  return [...numbers].sort((a, b) => a - b);
}

// The leaf at `index` shows that nothing on its side of the range belongs to the period. `anew`: a segment leaf set the
// clock there, so a time on the wrong side proves nothing instead of a fault.
function demandOutside({ findings, manifest, attached }, index, anew) {
  const { first, period } = manifest;
  const leaf = attached.get(index);
  if (!leaf) {
    findings.problem("proof_missing", FILES.MANIFEST, `Leaf ${index} is not attached: the period may be cut there`);
    return;
  }
  const early = period.start !== null && leaf.recorded < period.start;
  const late = period.end !== null && leaf.recorded >= period.end;
  if (index < first ? early : late) {
    return;
  }
  if (anew && (early || late)) {
    const text = `The clock was set at leaf ${index}, recorded ${leaf.recorded}: beyond it may lie leaves of the period`;
    findings.problem("proof_missing", FILES.MANIFEST, text);
    return;
  }
  const side = index < first ? "before" : "behind";
  const text = `Leaf ${index}, recorded ${leaf.recorded}, lies ${side} the range and not ${side} the period`;
  findings.problem("leaf_missing", FILES.LEAVES, text);
}

async function checkPopulation(it) {
  const { findings, manifest, leaves, archive } = it;
  if (!leaves.complete || leaves.has(REDACTED) || leaves.has(UNREAD)) {
    findings.notClaimed("The number of events was not counted again: not every leaf is shown.");
    return;
  }
  const { population: stated, period } = manifest;
  const events = leaves.count(EVENT);
  let counted = { events, matching: events, outside: null };
  if (period && archive.has(OBJECTS.attrs)) {
    counted = await count(it, period, events);
  } else if (period) {
    counted = null;
    findings.notClaimed("How many events match was not counted again: attributes are not disclosed.");
  }
  const found = counted ?? { ...stated, events };
  const agrees = ["events", "matching", "outside"].every((name) => found[name] === stated[name]);
  if (!agrees) {
    const [says, has] = [stated, found].map((one) => `${one.events} events, ${one.matching} matching, ${one.outside ?? "none told"} outside`);
    findings.problem("manifest_file_mismatch", FILES.MANIFEST, `The manifest states ${says}; counted were ${has}`);
  }
  if (counted || !agrees) {
    findings.ran("population", { compared: events, passed: agrees });
  }
}

// The population by its attributes; null where they cannot tell.
async function count({ findings, archive, leaves }, period, events) {
  let [matching, outside, seen] = [0, 0, 0];
  const span = { start: period.start && microsOf(period.start), end: period.end && microsOf(period.end) };
  try {
    for await (const lines of archive.lines(OBJECTS.attrs, MAX_LINE)) {
      for (const line of lines) {
        const { index, data } = readObject(line);
        const leaf = leaves.leaf(index);
        const attrs = leaf && parse(data ?? new Uint8Array(0));
        if (!leaf || !isObject(attrs)) {
          return null;
        }
        seen += 1;
        const [matches, strays] = judge(period, span, leaf, attrs);
        [matching, outside] = [matching + Number(matches), outside + Number(strays)];
      }
    }
  } catch (problem) {
    if (problem instanceof Refusal) {
      return null;
    }
    throw problem;
  }
  if (seen !== events) {
    findings.notClaimed("How many events match was not counted again: some attributes are erased.");
    return null;
  }
  return { events, matching, outside };
}

// Whether an event matches the filter, and whether it does so with a claimed time outside the period.
function judge(period, span, leaf, attrs) {
  const fits = (period.type === null || leaf.type === period.type)
    && ["source", "subject"].every((name) => period[name] === null || attrs[name] === period[name]);
  const claimed = typeof attrs.time === "string" ? claimedMicros(attrs.time) : null;
  const stray = claimed !== null && !within(span, claimed);
  if (period.basis === "claimed") {
    return [fits && claimed !== null && !stray, fits && stray];
  }
  return [fits && within(span, microsOf(leaf.recorded)), fits && stray];
}

function within({ start, end }, moment) {
  return (start === null || moment >= start) && (end === null || moment < end);
}
