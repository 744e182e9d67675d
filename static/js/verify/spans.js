// Spans of leaves, [first, last] with both ends inside, as erasure and hold leaves name them: ascending and apart.
import { closed, index, listOf } from "./fields.js";
import { Refusal } from "./refusal.js";

const rows = listOf(closed({ from: index, to: index }), { least: 1, most: 1000 });

// The field of a leaf; refused with leaf_schema.
export function spans(value) {
  rows(value);
  let before = -1;
  for (const [first, last] of spansOf(value)) {
    if (first <= before || last < first) {
      throw new Refusal("leaf_schema", "Ranges ascend and do not overlap", { why: `${first} to ${last} after ${before}` });
    }
    before = last;
  }
}

export function spansOf(value) {
  return value.map(({ from, to }) => [from, to]);
}

// The same leaves as ascending spans that neither overlap nor touch.
export function united(given) {
  const found = [];
  for (const [first, last] of [...given].sort(([a], [b]) => a - b)) {
    const open = found.at(-1);
    if (open && first <= open[1] + 1) {
      open[1] = Math.max(open[1], last);
    } else {
      found.push([first, last]);
    }
  }
  return found;
}

// Whether ascending spans hold this leaf.
export function holds(given, leaf) {
  let [low, high] = [0, given.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = given[middle][1] < leaf ? [middle + 1, high] : [low, middle];
  }
  return low < given.length && given[low][0] <= leaf;
}

// What lies in both of two ascending lists.
export function shared(one, other) {
  const found = [];
  for (let [a, b] = [0, 0]; a < one.length && b < other.length; ) {
    const [first, last] = [Math.max(one[a][0], other[b][0]), Math.min(one[a][1], other[b][1])];
    if (first <= last) {
      found.push([first, last]);
    }
    if (one[a][1] < other[b][1]) {
      a += 1;
    } else {
      b += 1;
    }
  }
  return found;
}

// What lies in the first of two ascending lists and not in the second.
export function without(given, taken) {
  return given.flatMap(([first, last]) => {
    const gone = shared([[first, last]], taken);
    const starts = [first, ...gone.map(([, end]) => end + 1)];
    const ends = [...gone.map(([start]) => start - 1), last];
    return starts.map((start, place) => [start, ends[place]]).filter(([start, end]) => start <= end);
  });
}

// The part of spans that lies before a leaf: what it names behind itself it says nothing about.
export function before(given, leaf) {
  return given.filter(([first]) => first < leaf).map(([first, last]) => [first, Math.min(last, leaf - 1)]);
}
