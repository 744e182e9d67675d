// Step 11: receipts by their signature, their leaf, and the time they promised. Signatures go out a thousand at a time and
// are verified beside this thread; what they and the leaf say together is judged in the order of the file.
import { FILES } from "./archive.js";
import { assess } from "./assess.js";
import { covers } from "./control.js";
import { demandOneForm, pae, parseEnvelope } from "./dsse.js";
import { counted, hexOf, quoted } from "./octets.js";
import { RECEIPT_TYPE, differences, parseReceipt, usualReceipt } from "./receipt.js";
import { Refusal } from "./refusal.js";
import { EVENT } from "./table.js";
import { later, timeAt } from "./times.js";

const MAX_RECEIPT = 16384;
export const BATCH = 1000;
const IN_FLIGHT = 8;

// Sizes of cosigned heads, ascending, and for each the latest time at which a witness of the reader knew no larger head.
async function lackingTimes({ notes, reader, memory }) {
  const found = [];
  for (const { note, checkpoint } of notes) {
    for (const [, time] of (await assess(memory, note, reader.policy, reader.now)).cosigned) {
      found.push({ size: Number(checkpoint.size), time: timeAt(time) });
    }
  }
  found.sort((a, b) => a.size - b.size || (a.time < b.time ? -1 : 1));
  found.reduce((latest, one) => (one.time = one.time > latest ? one.time : latest), "");
  return found;
}

function anyReceipt(line) {
  const signed = parseEnvelope(line);
  if (signed.type !== RECEIPT_TYPE) {
    throw new Refusal("dsse_malformed", "A receipt has another payload type", { why: quoted(signed.type) });
  }
  const receipt = parseReceipt(signed.payload);
  demandOneForm(line, signed, receipt.kid);
  return { receipt, payload: signed.payload, sig: signed.signatures[0].sig };
}

class Receipts {
  constructor(it, lacking) {
    [this.it, this.findings, this.leaves, this.lacking] = [it, it.findings, it.leaves, lacking];
    this.seen = new Uint8Array(it.leaves.size);
    this.keys = it.history ? it.history.receiptKeys() : new Map();
    this.segments = it.known(["segment"]);
    this.genesis = it.history ? hexOf(it.history.genesis.hash) : "";
    [this.number, this.open, this.due] = [0, 0, ["", ""]];
  }

  // One line, read: what will be verified, or why it is refused.
  read(line) {
    this.number += 1;
    const path = `${FILES.RECEIPTS}:${this.number}`;
    try {
      const { receipt, payload, sig } = usualReceipt(line) ?? anyReceipt(line);
      const { key, known } = this.delegated(receipt);
      const job = key && { key, message: pae(RECEIPT_TYPE, payload), signature: sig };
      return { path: `${path} (leaf ${receipt.index})`, receipt, key, known, job, error: null };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      return { path, receipt: null, key: null, known: false, job: null, error };
    }
  }

  // The public key that the log's history shows for this receipt; `known` where it shows the key for other leaves.
  delegated({ kid, index, at }) {
    const span = this.keys.get(kid);
    const { head } = this.it;
    const placed = head !== null && index <= at && at < head.checkpoint.size;
    const key = span && placed && covers(span, at) ? span.key.key : null;
    return { key, known: span !== undefined && placed };
  }

  judge(row, valid) {
    const { path, receipt, error } = row;
    if (error) {
      this.findings.refused(error, path);
      return;
    }
    this.signature(row, valid);
    const place = this.leaves.placeOf(receipt.index);
    if (place < 0) {
      this.findings.problem("receipt_mismatch", path, `A receipt for leaf ${receipt.index}, which is not in the range`);
      return;
    }
    if (this.seen[place]) {
      this.findings.problem("receipt_mismatch", path, `A second receipt for leaf ${receipt.index}`);
    }
    this.seen[place] = 1;
    try {
      this.fits(row, place, valid);
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      this.findings.refused(problem, path.slice(0, path.indexOf(" ")));
    }
  }

  signature({ path, receipt, key, known }, valid) {
    const { kid, at, issued } = receipt;
    if (!key) {
      const code = known ? "receipt_signature_wrong" : "receipt_key_unproven";
      this.findings.problem(code, path, `Key ${kid} is not shown to be a receipt key of the log at leaf ${at}`);
    } else if (!valid) {
      this.findings.problem("receipt_signature_wrong", path, `The signature does not verify under ${kid}`);
    } else if (issued !== null) {
      this.findings.note("receipt_reissued", path, `Signed at leaf ${issued}, under key ${kid}`);
    }
  }

  fits({ path, receipt }, place, valid) {
    const { it, findings, leaves } = this;
    const leaf = leaves.isShown(place) ? leaves.leafAt(place) : null;
    const hash = hexOf(leaves.digest(place, "hash"));
    const wrong = leaf ? differences(receipt, leaf, hash) : receipt.leaf_hash === hash ? [] : ["leaf_hash"];
    if (wrong.length) {
      const code = valid && it.rangeProved && it.headSigned ? "receipt_contradicted" : "receipt_mismatch";
      findings.problem(code, path, `It differs from the leaf at its index in ${wrong.join(", ")}`);
      return;
    }
    if (it.history && !this.derived(receipt)) {
      findings.problem("receipt_mismatch", path, "Genesis or promised time are not those of the log");
      return;
    }
    const beside = leaf ? "" : this.differsBeside(receipt);
    if (beside) {
      findings.problem("receipt_mismatch", path, `It does not fit the leaves beside its own in ${beside}`);
    } else if (this.overdue(receipt)) {
      findings.problem("receipt_overdue", path, `Promised by ${receipt.promised_by}; a witness saw a later head without it`);
    }
  }

  derived({ log, origin, recorded, promised_by: promised }) {
    const { history } = this.it;
    if (this.due[0] !== recorded) {
      this.due = [recorded, later(recorded, history.maxMergeDelay)];
    }
    return log === this.genesis && origin === history.genesis.origin && promised === this.due[1];
  }

  // What the neighbours contradict in the receipt of a hidden leaf; counts what they leave open.
  differsBeside({ index, prev, recorded }) {
    const [before, after] = [this.neighbour(index - 1), this.neighbour(index + 1)];
    const hash = this.leaves.hashOf(index - 1) ?? this.it.attached.get(index - 1)?.hash ?? null;
    this.open += Number(!hash || !before || !after);
    if (hash && prev !== hexOf(hash)) {
      return "prev";
    }
    const early = before && !this.segments.has(before.index) && recorded < before.recorded;
    const late = after && !this.segments.has(index) && recorded > after.recorded;
    return early || late ? "recorded" : "";
  }

  neighbour(index) {
    return this.leaves.leaf(index) ?? this.it.attached.get(index) ?? null;
  }

  overdue({ index, promised_by: promised }) {
    const newest = this.lacking.findLast(({ size }) => size <= index);
    return newest !== undefined && newest.time > promised;
  }

  missing() {
    const lacking = this.leaves.unseen(this.seen);
    for (const place of lacking.slice(0, 20)) {
      this.findings.problem("receipt_missing", FILES.RECEIPTS, `Event ${this.leaves.indices[place]} has no receipt`);
    }
    if (lacking.length > 20) {
      this.findings.problem("receipt_missing", FILES.RECEIPTS, `${counted(lacking.length - 20)} more events have no receipt`);
    }
  }

  close(complete) {
    if (complete) {
      this.missing();
    }
    if (this.number && !this.lacking.length) {
      this.findings.notClaimed("That promises were kept in time: no witness of your policy gives a time.");
    }
    if (this.open) {
      const text = `${counted(this.open)} receipts of hidden leaves were compared in part: not all leaves beside them are shown.`;
      this.findings.notClaimed(text);
    }
  }
}

// Batches of rows with the promise of their verdicts; a few are under way while the next is read.
async function run(it, pass) {
  const waiting = [];
  let rows = [];
  const send = () => {
    waiting.push([rows, it.pool.verify(rows.filter(({ job }) => job).map(({ job }) => job))]);
    rows = [];
  };
  const take = async () => {
    const [done, promise] = waiting.shift();
    const verdicts = await promise;
    let at = 0;
    for (const row of done) {
      pass.judge(row, row.job !== null && verdicts[at] === 1);
      at += Number(row.job !== null);
    }
    it.progress(pass.number, it.leaves.size, "receipts");
  };
  try {
    for await (const lines of it.archive.lines(FILES.RECEIPTS, MAX_RECEIPT)) {
      for (const line of lines) {
        rows.push(pass.read(line));
        if (rows.length === BATCH) {
          send();
          if (waiting.length > IN_FLIGHT) {
            await take();
          }
        }
      }
    }
  } finally {
    send();
    while (waiting.length) {
      await take();
    }
  }
}

export async function checkReceipts(it) {
  const { findings, leaves } = it;
  const disclosed = !it.manifest || it.manifest.disclosed.receipts;
  const held = it.archive.has(FILES.RECEIPTS);
  if (!disclosed && !held) {
    findings.notClaimed("Receipts are not part of this bundle.");
    return;
  }
  if (!leaves) {
    return;
  }
  if (!held) {
    if (leaves.has(EVENT)) {
      findings.problem("receipt_missing", FILES.RECEIPTS, "Receipts are disclosed, but the file is not there");
      findings.ran("receipts", { compared: 0, passed: false });
    }
    return;
  }
  const since = findings.count;
  const pass = new Receipts(it, await lackingTimes(it));
  await run(it, pass);
  pass.close(disclosed);
  findings.ran("receipts", { compared: pass.number, since });
}
