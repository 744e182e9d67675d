// Steps 6 and 7: the leaves of the range in one pass, and their root under the head. A line that states another index than
// its place is a leaf that is missing when the indices go on from there, one too many when they come back, and a changed
// index when only this line is off. No stored hash is ever believed.
import { FILES } from "./archive.js";
import { readRange, readRedacted } from "./documents.js";
import { MAX_LEAF, parseLeaf } from "./leaf.js";
import { latestTime } from "./manifest.js";
import { RangeRoot, leafHash } from "./merkle.js";
import { counted, hexOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { EVENT, LeafTable, OTHER, REDACTED, UNREAD } from "./table.js";

// Kinds of leaves whose content later steps need.
const KEPT = new Set(["genesis", "key", "policy", "reliance", "segment", "terms", "closed", "window", "erasure", "hold", "gap"]);

class Pass {
  constructor(it, { first, last, root }) {
    [this.it, this.findings] = [it, it.findings];
    [this.first, this.last, this.root] = [first, last, root];
    [this.expected, this.since] = [first, it.findings.count];
    [this.origin, this.latest] = [it.origin, latestTime(it.reader)];
    [this.before, this.shown, this.misplaced] = [null, null, false];
    [this.redacted, this.events] = [0, 0];
    this.table = new LeafTable();
  }

  // Decides where the line belongs; enters it there, or records why it belongs nowhere.
  place(line, following) {
    if (line.error) {
      this.findings.refused(line.error, line.path);
    } else if (line.index !== this.expected && !this.replaced(line, following)) {
      return;
    }
    if (this.expected > this.last) {
      this.misplaced = true;
      this.findings.problem("leaf_unexpected", line.path, `A leaf after the end of the range at ${this.last}`);
      return;
    }
    this.enter(line);
  }

  // True where a line that states another index is entered all the same.
  replaced(line, following) {
    const comesNext = following !== null && following.index === this.expected + 1;
    if (comesNext || (following === null && this.expected === this.last)) {
      const text = `It states index ${line.index} in place ${this.expected}`;
      this.findings.problem("leaf_index_mismatch", line.path, text);
      return true;
    }
    this.misplaced = true;
    if (this.expected < line.index && line.index <= this.last) {
      const gap = line.index === this.expected + 1 ? `Leaf ${this.expected} is` : `Leaves ${this.expected} to ${line.index - 1} are`;
      this.findings.problem("leaf_missing", line.path, `${gap} not there; leaf ${line.index} follows`);
      [this.expected, this.before, this.shown] = [line.index, null, null];
      return true;
    }
    this.findings.problem("leaf_unexpected", line.path, `Leaf ${line.index} where leaf ${this.expected} belongs`);
    return false;
  }

  enter(line) {
    const { leaf, redacted } = line;
    let state = redacted ? REDACTED : UNREAD;
    if (leaf) {
      this.check(line, leaf);
      state = leaf.kind === "event" ? EVENT : OTHER;
      if (KEPT.has(leaf.kind) || this.expected === this.first || this.expected === this.last) {
        this.table.kept.set(this.expected, leaf);
      }
    } else if (!redacted) {
      this.shown = null;
    }
    this.events += Number(state === EVENT);
    this.redacted += Number(redacted);
    this.table.add(this.expected, line.hash, state, leaf);
    if (this.root && !this.misplaced) {
      this.root.append(line.hash);
    }
    this.before = line;
    this.expected += 1;
  }

  check({ path }, leaf) {
    const { findings, before, shown } = this;
    if (leaf.origin !== this.origin) {
      findings.problem("origin_mismatch", path, `Leaf ${leaf.index} is of ${leaf.origin}, not of ${this.origin}`);
    }
    if (before && leaf.prev !== hexOf(before.hash)) {
      findings.problem("chain_broken", path, `Leaf ${leaf.index} does not name the hash of the leaf before it`);
    }
    this.shown = leaf;
    if (shown && leaf.recorded < shown.recorded && shown.kind !== "segment") {
      if (before?.redacted) {
        this.table.reversed.push([shown.index, leaf.index]);
      } else {
        findings.problem("time_reversed", path, `Recorded ${leaf.recorded}, before it ${shown.recorded}`);
      }
    }
    if (this.latest !== null && leaf.recorded > this.latest) {
      findings.problem("time_in_future", path, `Recorded ${leaf.recorded}, ahead of the clock`);
    }
  }

  close() {
    const { it, findings, table } = this;
    it.leaves = table;
    table.complete = !this.misplaced;
    Object.assign(findings.subject, { from: this.first, to: this.last, events: this.events, hidden: this.redacted });
    if (this.redacted) {
      const text = `${counted(this.redacted)} of ${counted(table.size)} leaves are shown by their hash alone`;
      findings.note("leaf_hash_only", FILES.LEAVES, text);
    }
    if (it.manifest && this.redacted !== it.manifest.redacted) {
      const text = `${this.redacted} leaves are hidden, the manifest says ${it.manifest.redacted}`;
      findings.problem("manifest_file_mismatch", FILES.LEAVES, text);
    }
    findings.ran("leaves", { compared: table.size - this.redacted, since: this.since });
    this.checkRoot();
  }

  checkRoot() {
    const { it, findings, root } = this;
    if (!root || this.misplaced || !it.head) {
      return;
    }
    const { checkpoint } = it.head;
    try {
      root.verify(checkpoint.root);
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      if (problem.code === "inclusion_invalid") {
        const text = `Leaves ${this.first} to ${this.last} and the proof give another root than the head of ${counted(checkpoint.size)} leaves`;
        findings.problem("range_root_mismatch", FILES.RANGE_PROOF, text);
        findings.ran("range", { passed: false });
      } else {
        findings.refused(problem, FILES.RANGE_PROOF);
      }
      return;
    }
    [it.rangeProved, it.provedRoots] = [true, root.roots];
    findings.ran("range", { compared: this.table.size });
  }
}

// Reads every leaf of the range; then compares the root over them with the head's.
export async function checkLeaves(it) {
  if (!it.archive.has(FILES.LEAVES)) {
    return;
  }
  const stated = await statedRange(it);
  if (!stated) {
    return;
  }
  const pass = new Pass(it, stated);
  let waiting = null;
  for await (const lines of linesOf(it)) {
    for (const line of lines) {
      if (waiting) {
        pass.place(waiting, line);
      }
      waiting = line;
    }
    it.progress(waiting?.number ?? 0, pass.last - pass.first + 1, "leaves");
  }
  if (waiting) {
    pass.place(waiting, null);
  }
  if (pass.expected <= pass.last) {
    pass.misplaced = true;
    const text = `Leaves ${pass.expected} to ${pass.last} of the range are not there`;
    it.findings.problem("leaf_missing", FILES.LEAVES, text);
  }
  pass.close();
}

async function statedRange(it) {
  const { manifest, head } = it;
  const proof = it.archive.has(FILES.RANGE_PROOF) ? await readProof(it) : null;
  if (!manifest && !proof) {
    return null;
  }
  const { first, last } = manifest ?? proof;
  return { first, last, root: proof && head ? rangeRoot(it, first, last, proof) : null };
}

async function readProof({ archive, findings }) {
  try {
    return readRange(await archive.read(FILES.RANGE_PROOF));
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, FILES.RANGE_PROOF);
    return null;
  }
}

function rangeRoot({ findings, head, notes, reader }, first, last, proof) {
  const { size } = head.checkpoint;
  if (proof.first !== first || proof.last !== last || proof.size !== size) {
    const text = `The proof is for leaves ${proof.first} to ${proof.last} of ${proof.size}, the range is ${first} to ${last} of ${size}`;
    findings.problem("proof_malformed", FILES.RANGE_PROOF, text);
    return null;
  }
  try {
    const sizes = new Set([...notes, ...reader.trust.remembered].map(({ checkpoint }) => checkpoint.size));
    return new RangeRoot(first, last, proof.size, proof.proof, sizes);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, FILES.RANGE_PROOF);
    return null;
  }
}

async function* linesOf({ archive, findings }) {
  let number = 0;
  try {
    for await (const lines of archive.lines(FILES.LEAVES, MAX_LEAF)) {
      yield lines.map((raw) => {
        number += 1;
        return read(number, raw);
      });
    }
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, FILES.LEAVES);
  }
}

// A line: its stated index (null: unreadable), its hash, and its content where it was shown and valid.
function read(number, raw) {
  const path = `${FILES.LEAVES}:${number}`;
  const hidden = readRedacted(raw);
  if (hidden) {
    return { number, path, index: hidden.index, hash: hidden.hash, leaf: null, redacted: true };
  }
  try {
    const leaf = parseLeaf(raw);
    return { number, path, index: leaf.index, hash: leaf.hash, leaf, redacted: false };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    return { number, path, index: null, hash: leafHash(raw), leaf: null, redacted: false, error };
  }
}
