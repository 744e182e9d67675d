// Step 1: the archive, opened strictly, and its files as bytes or lines. After it names are known, unique and within the
// limits, and each file's SHA-256 is that of its bytes. Nothing is believed yet.
import { hexOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { Unreadable } from "./report.js";
import { Sha256 } from "./sha256.js";
import { LIMITS, Walk, malformed } from "./tar.js";

export const FILES = {
  README: "README.txt",
  ATTACHED: "attached.ndjson",
  CONSISTENCY: "consistency.json",
  KEYS: "keys.json",
  LEAVES: "leaves.ndjson",
  MANIFEST: "manifest.dsse.json",
  PREDECESSOR: "predecessor.note",
  RANGE_PROOF: "range-proof.json",
  RECEIPTS: "receipts.ndjson",
};
export const OBJECTS = { attrs: "objects/attrs.ndjson", payload: "objects/payloads.ndjson" };
export const REQUIRED_FILES = [FILES.ATTACHED, FILES.CONSISTENCY, FILES.KEYS, FILES.LEAVES, FILES.RANGE_PROOF, FILES.README];
const FIXED = new Set([...Object.values(FILES), ...Object.values(OBJECTS)]);
const IN_FOLDER = new RegExp(
  "^(?:checkpoints/[a-z0-9][a-z0-9-]{0,59}\\.note|policy/[0-9a-f]{64}|objects/payload-[0-9]{1,16}\\.bin" +
    "|(?:anchors|forks|governance)/[a-z0-9][a-z0-9.-]{0,79})$",
);

function isKnown(name) {
  return FIXED.has(name) || IN_FOLDER.test(name);
}

const CHUNK = 1 << 20;
const KEPT_CHUNK = 4 << 20;
const MAX_DOCUMENT = 64 << 20;

async function octetsOf(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (problem) {
    throw new Unreadable(problem.message);
  }
}

// The unpacked tar: pieces of memory, and beyond the limit blobs, which the browser keeps where it likes.
class Scratch {
  constructor(inMemory) {
    this.inMemory = inMemory;
    this.pieces = [];
    [this.open, this.held] = [new Uint8Array(KEPT_CHUNK), 0];
  }

  append(chunk) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + KEPT_CHUNK - this.held);
      this.open.set(part, this.held);
      this.held += part.length;
      at += part.length;
      if (this.held === KEPT_CHUNK) {
        this.pieces.push(this.pieces.length * KEPT_CHUNK < this.inMemory ? this.open : new Blob([this.open]));
        [this.open, this.held] = [new Uint8Array(KEPT_CHUNK), 0];
      }
    }
  }

  async read(start, length) {
    const told = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const piece = this.pieces[Math.floor((start + at) / KEPT_CHUNK)] ?? this.open;
      const from = (start + at) % KEPT_CHUNK;
      const until = Math.min(KEPT_CHUNK, from + length - at);
      const part = piece instanceof Blob ? await octetsOf(piece.slice(from, until)) : piece.subarray(from, until);
      told.set(part, at);
      at += part.length;
    }
    return told;
  }
}

// A tar that was never packed stays where it is.
class InPlace {
  constructor(blob) {
    this.blob = blob;
  }

  append() {}

  read(start, length) {
    return octetsOf(this.blob.slice(start, start + length));
  }
}

// The files of a bundle; `read` gives all bytes of one, `lines` its lines in batches.
class Archive {
  constructor(store, members) {
    [this.store, this.members] = [store, members];
  }

  has(name) {
    return this.members.has(name);
  }

  names(folder) {
    return [...this.members.keys()].filter((name) => name.startsWith(folder));
  }

  async read(name, limit = MAX_DOCUMENT) {
    const { size, offset } = this.members.get(name);
    if (size > limit) {
      throw new Refusal("leaf_too_large", `The file is longer than ${limit} bytes`, { why: `${size} bytes` });
    }
    return this.store.read(offset, size);
  }

  async *lines(name, limit) {
    const { size, offset } = this.members.get(name);
    let rest = new Uint8Array(0);
    for (let at = 0; at < size; at += CHUNK) {
      const chunk = await this.store.read(offset + at, Math.min(CHUNK, size - at));
      const [whole, left] = split(rest, chunk);
      if (left.length > limit || whole.some((line) => line.length > limit)) {
        throw new Refusal("leaf_too_large", `A line is longer than ${limit} bytes`, { path: name });
      }
      rest = left;
      yield whole;
    }
    if (rest.length) {
      yield [rest];
    }
  }
}

// The whole lines of `rest` and `chunk`, and what is left behind the last newline.
function split(rest, chunk) {
  const text = rest.length ? new Uint8Array(rest.length + chunk.length) : chunk;
  if (rest.length) {
    text.set(rest);
    text.set(chunk, rest.length);
  }
  const whole = [];
  let at = 0;
  for (let end = text.indexOf(10, rest.length); end >= 0; end = text.indexOf(10, at)) {
    whole.push(text.subarray(at, end));
    at = end + 1;
  }
  return [whole, text.subarray(at)];
}

async function* chunksOf(blob, size) {
  for (let at = 0; at < blob.size; at += size) {
    yield octetsOf(blob.slice(at, at + size));
  }
}

// Inflates piece by piece, so that a bomb is refused before it has been written out.
async function* inflated(blob, limits) {
  const inflate = new DecompressionStream("gzip");
  let [taken, given] = [0, 0];
  const fed = (async () => {
    const writer = inflate.writable.getWriter();
    for await (const chunk of chunksOf(blob, 1 << 16)) {
      await writer.ready;
      taken += chunk.length;
      await writer.write(chunk);
    }
    await writer.close();
  })();
  fed.catch(() => {});
  const reader = inflate.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await next(reader);
      if (done) {
        await fed;
        return;
      }
      given += value.length;
      if (given > limits.ratioFrom && given > limits.ratio * taken) {
        throw new Refusal("archive_limit", "The archive inflates beyond measure", { why: `more than ${limits.ratio} times` });
      }
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function next(reader) {
  try {
    return await reader.read();
  } catch (problem) {
    if (problem instanceof Unreadable) {
      throw problem;
    }
    throw malformed("The compression of the archive is damaged", { why: problem.message });
  }
}

// The SHA-256 (hex) of a part of the store: by WebCrypto where it fits into a buffer, else as it is read.
async function digestOf(store, start, size, atOnce, told = () => {}) {
  if (size <= atOnce) {
    const digest = await crypto.subtle.digest("SHA-256", await store.read(start, size));
    told(size);
    return hexOf(new Uint8Array(digest));
  }
  const hash = new Sha256();
  for (let at = 0; at < size; at += KEPT_CHUNK) {
    hash.update(await store.read(start + at, Math.min(KEPT_CHUNK, size - at)));
    told(Math.min(at + KEPT_CHUNK, size));
  }
  return hexOf(hash.digest());
}

async function hashed(store, members, size, { atOnce }, progress) {
  const tar = await digestOf(store, 0, size, atOnce);
  let done = 0;
  for (const member of members.values()) {
    member.sha256 = await digestOf(store, member.offset, member.size, atOnce, (part) => progress(done + part, size, "bytes"));
    done += member.size;
  }
  return tar;
}

async function expanded(blob, limits, progress) {
  const first = await octetsOf(blob.slice(0, 4));
  if (hexOf(first) === "28b52ffd") {
    throw malformed("The archive is packed with zstd, which is not read here");
  }
  const packed = first[0] === 0x1f && first[1] === 0x8b;
  const [store, walk] = [packed ? new Scratch(limits.inMemory) : new InPlace(blob), new Walk(limits)];
  for await (const chunk of packed ? inflated(blob, limits) : chunksOf(blob, KEPT_CHUNK)) {
    if (walk.at + chunk.length > limits.tarBytes) {
      throw new Refusal("archive_limit", "The archive is too large", { why: `more than ${limits.tarBytes} bytes` });
    }
    walk.feed(chunk);
    store.append(chunk);
    progress(walk.at, packed ? 0 : blob.size, "bytes");
  }
  const members = walk.close();
  return { archive: new Archive(store, members), digest: await hashed(store, members, walk.at, limits, progress), size: walk.at };
}

// A tar that lies in an archive as a file of it, opened where it is; null, with a problem, where it is no strict tar.
export async function partOf(archive, name, findings, limits = LIMITS) {
  const { offset, size } = archive.members.get(name);
  let members;
  try {
    const walk = new Walk({ ...limits, tarBytes: size + 1 });
    for (let at = 0; at < size; at += KEPT_CHUNK) {
      walk.feed(await archive.store.read(offset + at, Math.min(KEPT_CHUNK, size - at)));
    }
    members = new Map([...walk.close()].map(([inner, member]) => [inner, { ...member, offset: member.offset + offset }]));
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, "archive");
    findings.ran("archive", { passed: false });
    return null;
  }
  for (const member of members.values()) {
    member.sha256 = await digestOf(archive.store, member.offset, member.size, limits.atOnce);
  }
  const foreign = [...members.keys()].filter((inner) => !isKnown(inner) || inner.startsWith("governance/"));
  for (const inner of foreign) {
    findings.problem("archive_malformed", inner, "No log of decisions holds a file of this name");
  }
  findings.ran("archive", { passed: foreign.length === 0 });
  return new Archive(archive.store, members);
}

// The archive in `blob` (.tar.gz or .tar); null, with a problem, where it is no strict tar.
export async function openArchive(blob, findings, progress, limits = LIMITS) {
  let opened;
  try {
    opened = await expanded(blob, limits, progress);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, "archive");
    findings.ran("archive", { passed: false });
    return null;
  }
  const foreign = [...opened.archive.members.keys()].filter((name) => !isKnown(name));
  for (const name of foreign) {
    findings.problem("archive_malformed", name, "No bundle holds a file of this name");
  }
  findings.ran("archive", { passed: foreign.length === 0 });
  Object.assign(findings.subject, { bundle: opened.digest, bytes: opened.size });
  return opened.archive;
}
