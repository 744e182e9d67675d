// Strict tar: a header is exactly the one that its name and size allow, names ascend, padding is zero, nothing follows.
import { quoted, same, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";

// `inMemory`: what of an unpacked tar is kept in memory. `atOnce`: what WebCrypto hashes in one call, from one buffer.
export const LIMITS = { tarBytes: 4 * 2 ** 30, files: 100000, ratio: 250, ratioFrom: 64 << 20, inMemory: 512 << 20, atOnce: 256 << 20 };
const BLOCK = 512;
const MAX_MEMBER = 0o77777777777;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

export function malformed(what, { why = "", path = "" } = {}) {
  return new Refusal("archive_malformed", what, { why, path });
}

// The one 512-byte header of a regular file (POSIX ustar, mode 0644, owner and times 0).
function header(name, size) {
  const block = new Uint8Array(BLOCK);
  const write = (at, text) => block.set(utf8(text), at);
  write(0, name);
  write(100, "0000644\u00000000000\u00000000000\u0000");
  write(124, `${size.toString(8).padStart(11, "0")}\u000000000000000\u0000${" ".repeat(8)}0`);
  write(257, "ustar\u000000");
  write(329, "0000000\u00000000000\u0000");
  const sum = block.reduce((total, octet) => total + octet, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\u0000 `);
  return block;
}

function asciiOf(octets) {
  return String.fromCharCode(...octets);
}

function nameAndSize(block) {
  const end = block.findLastIndex((octet, place) => place < 100 && octet !== 0) + 1;
  const name = asciiOf(block.subarray(0, end));
  if (block.subarray(0, end).some((octet) => octet > 127)) {
    throw malformed("A file name in the archive is not ASCII", { why: quoted(name) });
  }
  if (block[156] !== 0x30) {
    throw malformed("The archive holds a link, a folder or another special entry", { path: quoted(name, 100) });
  }
  const octal = asciiOf(block.subarray(124, 136));
  if (!/^[0-7]{11}\0$/.test(octal)) {
    throw malformed("The size of a file is not eleven octal digits", { path: quoted(name, 100) });
  }
  const size = parseInt(octal, 8);
  if (end > 100 || !NAME.test(name) || size > MAX_MEMBER || !same(header(name, size), block)) {
    throw malformed("A header is not the one that its name and size allow", { path: name });
  }
  return { name, size };
}

// Reads a tar as it arrives, and tells each file with the place of its bytes; what they hash to is seen afterwards.
export class Walk {
  constructor(limits) {
    this.limits = limits;
    this.members = new Map();
    this.block = new Uint8Array(BLOCK);
    [this.held, this.at, this.data, this.padding, this.ends] = [0, 0, 0, 0, 0];
    [this.name, this.size, this.offset] = ["", 0, 0];
  }

  feed(chunk) {
    let rest = chunk;
    while (rest.length) {
      const taken = this.take(rest);
      this.at += taken;
      rest = rest.subarray(taken);
    }
  }

  close() {
    if (this.ends !== 2) {
      throw malformed("The archive ends too early", { why: `after ${this.at} bytes` });
    }
    return this.members;
  }

  take(rest) {
    if (this.ends === 2) {
      throw malformed("Something follows the end of the archive");
    }
    if (this.data) {
      return this.takeData(rest.subarray(0, this.data));
    }
    if (this.padding) {
      return this.takePadding(rest.subarray(0, this.padding));
    }
    const piece = rest.subarray(0, BLOCK - this.held);
    this.block.set(piece, this.held);
    this.held += piece.length;
    if (this.held === BLOCK) {
      this.held = 0;
      this.begin(this.at + piece.length);
    }
    return piece.length;
  }

  takeData(piece) {
    this.data -= piece.length;
    if (!this.data) {
      this.enter();
    }
    return piece.length;
  }

  takePadding(piece) {
    if (piece.some((octet) => octet !== 0)) {
      throw malformed("The padding after a file is not zero", { path: this.name });
    }
    this.padding -= piece.length;
    return piece.length;
  }

  // A whole block where a header or the end belongs; the file's bytes begin at `offset`.
  begin(offset) {
    if (this.block.every((octet) => octet === 0)) {
      this.ends += 1;
      return;
    }
    if (this.ends) {
      throw malformed("Something follows the end of the archive");
    }
    const { name, size } = nameAndSize(this.block);
    if (name <= this.name) {
      throw malformed("Files of the archive do not ascend by name", { path: name });
    }
    if (this.members.size === this.limits.files) {
      throw new Refusal("archive_limit", "The archive has too many files", { why: `more than ${this.limits.files}` });
    }
    [this.name, this.size, this.offset, this.data] = [name, size, offset, size];
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (!size) {
      this.enter();
    }
  }

  enter() {
    const { name, size, offset } = this;
    this.members.set(name, { name, size, offset, sha256: "" });
  }
}
