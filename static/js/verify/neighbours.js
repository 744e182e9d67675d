// Step 8, where leaves meet: chain and clock between attached leaves and the range, and across hidden leaves. Segments are
// control leaves, so with the history complete a time that goes back without one is proven.
import { FILES } from "./archive.js";
import { latestTime } from "./manifest.js";
import { hexOf } from "./octets.js";

export function checkNeighbours(it) {
  const { findings, attached } = it;
  const since = findings.count;
  const known = knownLeaves(it);
  for (const [index, leaf] of known) {
    const hash = attached.has(index) || attached.has(index - 1) ? hashOf(it, index - 1) : null;
    if (hash && leaf.prev !== hexOf(hash)) {
      findings.problem("chain_broken", `leaf ${leaf.index}`, `Leaf ${leaf.index} does not name the hash of the leaf before it`);
    }
  }
  for (const [start, end] of wentBack(it, [...known.values()])) {
    const text = `Leaf ${end} was recorded before leaf ${start}, and no segment leaf in between says why`;
    findings.problem("time_reversed", `leaf ${end}`, text);
  }
  const latest = latestTime(it.reader);
  for (const leaf of attached.values()) {
    if (latest !== null && leaf.recorded > latest) {
      const path = `${FILES.ATTACHED} leaf ${leaf.index}`;
      findings.problem("time_in_future", path, `Recorded ${leaf.recorded}, ahead of the clock`);
    }
  }
  if (findings.count > since) {
    findings.ran("attached", { passed: false });
  }
}

// Attached leaves and the two ends of the range, by index.
function knownLeaves({ leaves, attached }) {
  const ends = leaves?.size ? [leaves.indices[0], leaves.indices[leaves.size - 1]] : [];
  const inside = ends.filter((index) => leaves.kept.has(index)).map((index) => [index, leaves.kept.get(index)]);
  return new Map([...new Map([...inside, ...attached])].sort(([a], [b]) => a - b));
}

function hashOf({ attached, leaves }, index) {
  return attached.get(index)?.hash ?? leaves?.hashOf(index) ?? null;
}

// Pairs of leaves whose times go back without a segment leaf; none while the history is not known.
function wentBack(it, known) {
  if (!it.history) {
    return [];
  }
  const segments = [...it.known(["segment"]).keys()];
  const pairs = known.slice(1).map((leaf, place) => [known[place], leaf]);
  const back = pairs.filter(([before, leaf]) => leaf.recorded < before.recorded).map(([before, leaf]) => [before.index, leaf.index]);
  const hidden = it.leaves?.reversed ?? [];
  return [...back, ...hidden].filter(([start, end]) => !segments.some((index) => index >= start && index < end));
}
