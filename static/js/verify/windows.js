// Step 10: windows by their root, number, tiling, times and control leaf. The root is compared where all leaves of a window
// are in the range; numbers and tiling along every manifest that is shown: window 1 begins at leaf 0.
import { linkTo, sameLink, windowOf } from "./control.js";
import { CONTROL } from "./leaf.js";
import { rootOver } from "./merkle.js";
import { counted, hexOf } from "./octets.js";
import { Refusal } from "./refusal.js";

const NOTHING = { number: 0, end: -1, index: -1 };
const SHOWN_SPANS = 3;

// How many of ascending `numbers` are below `limit`.
function below(numbers, limit) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = numbers[middle] < limit ? [middle + 1, high] : [low, middle];
  }
  return low;
}

// One pass over all manifests that are known, in the order of the log. No leaf counts for two roots.
class Windows {
  constructor(it) {
    [this.it, this.leaves, this.findings] = [it, it.leaves, it.findings];
    [this.before, this.covered, this.compared] = [NOTHING, -1, []];
    const known = it.known(CONTROL);
    this.segments = [...known.values()].filter(({ kind }) => kind === "segment").map(({ index }) => index);
    this.control = it.history ? it.history.leaves.map(linkTo) : [];
    const hidden = (index) => !this.leaves.isShown(this.leaves.placeOf(index));
    this.attached = [...it.attached.keys()].sort((a, b) => a - b).filter(hidden);
  }

  check(leaf) {
    const path = `leaf ${leaf.index}`;
    let window;
    try {
      window = windowOf(leaf);
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      this.findings.refused(problem, path, "window_mismatch");
      this.before = null;
      return;
    }
    for (const problem of [this.misplaced(leaf, window), this.times(leaf, window), this.names(leaf, window)]) {
      if (problem) {
        this.findings.problem("window_mismatch", path, problem);
      }
    }
    this.compare(path, window);
    this.before = { number: window.number, end: window.end, index: leaf.index };
  }

  compare(path, window) {
    const anew = this.leaves.complete && window.start > this.covered;
    const hashes = anew ? this.leaves.hashesBetween(window.start, window.end) : null;
    if (!hashes) {
      return;
    }
    this.compared.push(window);
    this.covered = window.end;
    if (hexOf(rootOver(hashes)) !== window.root) {
      const text = `The leaves ${window.start} to ${window.end} do not give the root of window ${window.number}`;
      this.findings.problem("window_mismatch", path, text);
    }
  }

  // What is wrong between this window and the one before, in words.
  misplaced(leaf, { number, start }) {
    const { before } = this;
    if (!before) {
      return "";
    }
    const [lacking, gap] = [number - before.number - 1, start - before.end - 1];
    const behind = before.number ? `window ${before.number}, which ends at leaf ${before.end}` : "the log's beginning";
    if (lacking < 0 || gap < 0) {
      return `Window ${number} from leaf ${start} does not lie behind ${behind}`;
    }
    if (lacking === 0 && gap > 0) {
      return `Window ${number} begins at leaf ${start}, ${gap} leaves after ${behind}`;
    }
    if (lacking > Math.min(gap, this.unseen(before.index, leaf.index))) {
      return `Window ${number} follows ${behind}: windows in between are left out where every leaf is shown`;
    }
    return "";
  }

  // How many leaves between two manifests are not shown: as many windows may close there.
  unseen(start, end) {
    const attached = below(this.attached, end) - below(this.attached, start + 1);
    return end - start - 1 - this.leaves.shownBetween(start + 1, end) - attached;
  }

  // Opened, first leaf, last leaf, closed, manifest: in this order, unless a segment leaf set the clock.
  times(leaf, window) {
    const segment = this.segments[below(this.segments, window.start - 1)];
    if (segment !== undefined && segment < leaf.index) {
      return "";
    }
    const inside = [window.start, window.end].map((index) => this.leaves.leaf(index)).filter(Boolean);
    const moments = [window.opened, ...inside.map(({ recorded }) => recorded), window.closed, leaf.recorded];
    return moments.every((moment, place) => place === 0 || moments[place - 1] <= moment)
      ? ""
      : `Window ${window.number}: opened, its leaves, closed and its manifest are not in the order of time`;
  }

  // The manifest must name the newest control leaf before itself, as far as the history is known.
  names(leaf, { number, control }) {
    const newest = this.control.findLast(({ index }) => index < leaf.index);
    return newest && !sameLink(control, newest)
      ? `Window ${number} names control leaf ${control.index}, the newest is ${newest.index}`
      : "";
  }

  // A note on the leaves of the range that lie in no window that was compared.
  tellEdges() {
    const { indices, size } = this.leaves;
    const spans = uncovered(indices[0], indices[size - 1], this.compared);
    if (!spans.length) {
      return;
    }
    const texts = spans.slice(0, SHOWN_SPANS).map(([start, end]) => (start === end ? `${start}` : `${start} to ${end}`));
    const more = spans.length > SHOWN_SPANS ? ", and more" : "";
    const count = spans.reduce((sum, [start, end]) => sum + end - start + 1, 0);
    const where = `${counted(count)} of ${counted(size)} leaves (${texts.join(", ")}${more})`;
    const why = "it is not wholly in the range, still open under this head, or its manifest is not shown";
    this.findings.note("window_edge", "windows", `${where} lie in no window that was compared: ${why}`);
  }
}

// The parts of [first, last] outside `windows`, both ends inside.
function uncovered(first, last, windows) {
  const spans = [];
  let at = first;
  for (const window of [...windows].sort((a, b) => a.start - b.start)) {
    if (window.start > at) {
      spans.push([at, window.start - 1]);
    }
    at = Math.max(at, window.end + 1);
  }
  return at <= last ? [...spans, [at, last]] : spans;
}

export function checkWindows(it) {
  if (!it.leaves?.size) {
    return;
  }
  const since = it.findings.count;
  const walk = new Windows(it);
  it.known(["window"]).forEach((leaf) => walk.check(leaf));
  walk.tellEdges();
  it.findings.ran("windows", { compared: walk.compared.length, since });
}
