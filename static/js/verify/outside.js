// Steps 13, 14 and 16: anchors, pauses of reliance, and freshness. Anchors are answered `not_evaluated`: a line of the
// report, and incomplete only where trust.json demands them.
import { assess } from "./assess.js";
import { counted } from "./octets.js";

export function checkAnchors(it) {
  const demanded = it.reader.trust.tsaRoots.length > 0;
  notEvaluated(it, "anchors/", "Time anchors", it.leaves?.kinds.get("anchor") ?? 0, demanded);
  if (demanded && !it.archive.names("anchors/").length) {
    it.findings.problem("anchor_missing", "anchors/", "The bundle holds none");
  }
}

// `named` leaves point to such evidence; `demanded` says whether trust.json wants it.
function notEvaluated({ findings, archive }, folder, words, named, demanded) {
  const files = archive.names(folder).length;
  const unread = `${words.toLowerCase()} are not read by this release`;
  if (named && !demanded) {
    findings.notClaimed(`${words}: ${counted(named)} ${named === 1 ? "leaf names" : "leaves name"} one; not evaluated.`);
  }
  if (demanded) {
    findings.problem("not_evaluated", folder, `trust.json demands them; ${unread}`);
  } else if (files) {
    findings.note("not_evaluated", folder, `${files} files; ${unread}`);
  } else if (!named) {
    findings.notClaimed(`${words}: none asked for, none in the bundle.`);
  }
}

export async function checkFreshness({ findings, reader, head, notes, memory }) {
  if (head) {
    await checkAge(findings, reader, head.path, notes.map(({ note }) => note), memory);
  }
}

// Newest independent time in `notes` against the reader's `max_age` (seconds).
export async function checkAge(findings, reader, path, notes, memory) {
  const limit = reader.trust.maxAge;
  if (limit === null) {
    findings.notClaimed("No limit on the age of the head was asked for.");
    return;
  }
  const times = [];
  for (const note of notes) {
    times.push(...(await assess(memory, note, reader.policy, reader.now)).cosigned.map(([, time]) => time));
  }
  const age = times.length && reader.now !== null ? reader.now - times.reduce((a, b) => Math.max(a, b)) : null;
  if (age === null) {
    const reason = times.length ? "no clock was given" : "no witness of your policy gives an independent time";
    findings.problem("not_evaluated", path, `The age of the head could not be judged: ${reason}`);
    return;
  }
  if (age > limit) {
    const text = `The newest independent time is ${counted(age)} s old, ${counted(limit)} are allowed`;
    findings.problem("too_old", path, text);
  }
  findings.ran("freshness", { passed: age <= limit });
}

// Pauses that overlap the range: for each leaf the newest reliance leaf that names it counts.
export function checkReliance(it) {
  const { findings, leaves, history } = it;
  if (!leaves?.size || !history) {
    return;
  }
  const since = findings.count;
  const said = [...it.known(["reliance"]).values()];
  for (const { index } of said.filter(({ fields }) => fields.to < fields.from)) {
    findings.problem("leaf_schema", `leaf ${index}`, "A reliance leaf ends before it begins");
  }
  const spans = said.map(({ fields }) => [fields.from, fields.to, fields.state === "paused"]);
  for (const [start, end] of pausedParts(spans, leaves.indices[0], leaves.indices[leaves.size - 1])) {
    findings.problem("reliance_paused", `leaves ${start} to ${end}`, "The log paused reliance on them and has not resumed it");
  }
  findings.ran("reliance", { compared: spans.length, since });
}

// Parts of [first, last] whose newest word is a pause; `spans` are [start, end, paused], oldest first. A sweep over their
// ends: at each point the newest span that is open decides.
function pausedParts(spans, first, last) {
  const inside = spans.map(([start, end, paused]) => [Math.max(start, first), Math.min(end, last), paused]);
  const ends = inside.flatMap(([start, end], age) => (start <= end ? [[start, age, true], [end + 1, age, false]] : []));
  ends.sort((a, b) => a[0] - b[0]);
  const open = new NewestFirst();
  const parts = [];
  ends.forEach(([at, age, opens], place) => {
    open.change(age, opens);
    const until = ends[place + 1]?.[0] ?? at;
    const newest = open.newest();
    if (until === at || newest === null || !inside[newest][2]) {
      return;
    }
    if (parts.at(-1)?.[1] === at - 1) {
      parts.at(-1)[1] = until - 1;
    } else {
      parts.push([at, until - 1]);
    }
  });
  return parts;
}

// The largest of the numbers that are in, in the logarithm of their count.
class NewestFirst {
  constructor() {
    [this.heap, this.out] = [[], new Set()];
  }

  change(age, enters) {
    if (!enters) {
      this.out.add(age);
      return;
    }
    const { heap } = this;
    let place = heap.push(age) - 1;
    for (let up = (place - 1) >> 1; place > 0 && heap[up] < heap[place]; up = (place - 1) >> 1) {
      [heap[up], heap[place], place] = [heap[place], heap[up], up];
    }
  }

  newest() {
    while (this.heap.length && this.out.has(this.heap[0])) {
      this.drop();
    }
    return this.heap[0] ?? null;
  }

  drop() {
    const { heap } = this;
    const tail = heap.pop();
    if (!heap.length) {
      return;
    }
    heap[0] = tail;
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const larger = right < heap.length && heap[right] > heap[left] ? right : left;
      if (larger >= heap.length || heap[larger] <= heap[place]) {
        return;
      }
      [heap[place], heap[larger], place] = [heap[larger], heap[place], larger];
    }
  }
}
