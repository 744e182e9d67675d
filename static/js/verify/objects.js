// Step 12: disclosed attributes and payloads by the commitments in their leaves. Absent with an erasure leaf is a note, and
// so is present in spite of one; absent though disclosed is incomplete, not disclosed is
// not claimed. Where they are not disclosed as a whole, those that are there are opened all the same.
import { OBJECTS } from "./archive.js";
import { MAX_LINE, commitmentHead, readObject } from "./documents.js";
import { erasedSpans } from "./holds.js";
import { isObject, parse } from "./json.js";
import { counted, quoted, same } from "./octets.js";
import { Refusal } from "./refusal.js";
import { Sha256 } from "./sha256.js";
import { holds } from "./spans.js";
import { EVENT } from "./table.js";

const MAX_BLOB = 256 << 20;
const IN_FLIGHT = 8;
export const ATTRS_TYPE = "application/vnd.countersign.attrs.v1+json";
export const WRONG = { attrs: "attrs_digest_mismatch", payload: "payload_digest_mismatch" };
const WORDS = { attrs: "Attributes (id, source, time, subject)", payload: "Payloads" };
const hash = new Sha256();

// Whether salt, media type and bytes give exactly this commitment.
export function opens(commitment, salt, mediaType, data) {
  return same(hash.restart().update(commitmentHead(salt, mediaType, data.length)).update(data).digest(), commitment);
}

class Objects {
  constructor(it, role, whole) {
    [this.it, this.role, this.findings, this.leaves, this.whole] = [it, role, it.findings, it.leaves, whole];
    this.name = OBJECTS[role];
    this.seen = new Uint8Array(it.leaves.size);
    [this.clean, this.compared, this.number, this.files] = [true, 0, 0, new Set()];
  }

  async run() {
    if (this.it.archive.has(this.name)) {
      const waiting = [];
      try {
        for await (const lines of this.it.archive.lines(this.name, MAX_LINE)) {
          waiting.push([lines, this.it.pool.open(this.role, lines)]);
          if (waiting.length > IN_FLIGHT) {
            await this.take(waiting.shift());
          }
        }
      } finally {
        while (waiting.length) {
          await this.take(waiting.shift());
        }
      }
    }
    if (this.whole) {
      this.absent();
    }
  }

  // Lines in order: those that a helper opened are compared, any other is read here.
  async take([lines, promise]) {
    const told = await promise;
    for (const [at, line] of lines.entries()) {
      this.number += 1;
      if (!told || !this.fits(told, at)) {
        await this.line(line);
      }
    }
    this.it.progress(this.number, this.leaves.size, this.role === "attrs" ? "attributes" : "payloads");
  }

  // Whether a line is the first object of an event that commits to exactly its bytes.
  fits({ indices, commitments }, at) {
    const place = this.leaves.placeOf(indices[at]);
    const isEvent = this.leaves.isShown(place) && this.leaves.states[place] === EVENT;
    const commitment = commitments.subarray(at * 32, at * 32 + 32);
    if (!isEvent || this.seen[place] || !same(this.leaves.digest(place, this.role), commitment)) {
      return false;
    }
    this.seen[place] = 1;
    this.compared += 1;
    return true;
  }

  line(line) {
    const path = `${this.name}:${this.number}`;
    try {
      const disclosed = readObject(line);
      const place = this.leaves.placeOf(disclosed.index);
      const isEvent = this.leaves.isShown(place) && this.leaves.leafAt(place).isEvent;
      if (!isEvent || this.seen[place]) {
        this.wrong(path, `No event ${disclosed.index} of this range commits to this object`);
        return null;
      }
      this.seen[place] = 1;
      if (this.role === "attrs" && disclosed.mediaType !== ATTRS_TYPE) {
        throw new Refusal("leaf_schema", "Attributes have one media type", { why: quoted(disclosed.mediaType) });
      }
      return disclosed.file === null ? this.open(disclosed, place, disclosed.data, path) : this.file(disclosed, place, path);
    } catch (problem) {
      return this.refused(problem, path);
    }
  }

  refused(problem, path) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    this.clean = false;
    this.findings.refused(problem, path);
    return null;
  }

  open({ salt, mediaType }, place, data, path) {
    this.compared += 1;
    if (!opens(this.leaves.digest(place, this.role), salt, mediaType, data)) {
      this.wrong(path, "The disclosed bytes are not the ones the leaf commits to");
    } else if (this.role === "attrs" && !isObject(parse(data))) {
      throw new Refusal("leaf_schema", "Attributes must be a JSON object");
    }
    return null;
  }

  async file(disclosed, place, path) {
    const { file, index } = disclosed;
    try {
      if (file !== `objects/payload-${index}.bin` || this.role !== "payload") {
        throw new Refusal("leaf_schema", "A large payload lies in the file of its index", { why: quoted(file) });
      }
      this.files.add(file);
      if (this.it.archive.has(file)) {
        this.open(disclosed, place, await this.it.archive.read(file, MAX_BLOB), path);
        return;
      }
      this.clean = false;
      this.findings.problem("payload_missing", path, `The file ${file} is not there`);
    } catch (problem) {
      this.refused(problem, path);
    }
  }

  wrong(path, message) {
    this.clean = false;
    this.findings.problem(WRONG[this.role], path, message);
  }

  absent() {
    const erased = erasedSpans(this.it, this.role);
    const absent = this.leaves.unseen(this.seen).map((place) => this.leaves.indices[place]);
    const lacking = absent.filter((index) => !holds(erased, index));
    if (erased.length) {
      this.kept(erased);
    }
    if (absent.length > lacking.length) {
      const text = `${counted(absent.length - lacking.length)} objects were erased, with erasure leaves`;
      this.findings.note("payload_erased", this.name, text);
    }
    for (const index of lacking.slice(0, 20)) {
      const text = `The ${this.role} of event ${index} is not there, and no erasure leaf says why`;
      this.findings.problem("payload_missing", this.name, text);
    }
    if (lacking.length > 20) {
      this.findings.problem("payload_missing", this.name, `${counted(lacking.length - 20)} more are not there`);
    }
    this.clean &&= lacking.length === 0;
  }

  // What a bundle still carries was erased in the log all the same: by then it may be gone elsewhere.
  kept(erased) {
    this.seen.forEach((seen, place) => {
      const index = this.leaves.indices[place];
      if (seen && holds(erased, index)) {
        this.findings.note("payload_kept", this.name, `The ${this.role} of event ${index} is here, and was erased since`);
      }
    });
  }
}

export async function checkObjects(it) {
  const { findings, leaves, archive } = it;
  if (!leaves) {
    return;
  }
  const disclosed = it.manifest?.disclosed;
  const wanted = { attrs: disclosed?.attrs ?? true, payload: disclosed?.payloads ?? true };
  const passes = [];
  for (const role of ["attrs", "payload"]) {
    if (wanted[role] || archive.has(OBJECTS[role])) {
      if (!wanted[role]) {
        findings.notClaimed(`${WORDS[role]} are disclosed for some events alone in this bundle.`);
      }
      passes.push(new Objects(it, role, wanted[role]));
      await passes.at(-1).run();
    } else {
      findings.notClaimed(`${WORDS[role]} are not disclosed in this bundle.`);
    }
  }
  const named = new Set([...Object.values(OBJECTS), ...passes.flatMap(({ files }) => [...files])]);
  const strays = archive.names("objects/").filter((name) => !named.has(name));
  for (const name of strays) {
    findings.problem("manifest_file_extra", name, "No disclosed object names this file");
  }
  if (passes.length) {
    const compared = passes.reduce((sum, one) => sum + one.compared, 0);
    findings.ran("objects", { compared, passed: passes.every(({ clean }) => clean) && !strays.length });
  }
}
