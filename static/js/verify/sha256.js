// SHA-256 (FIPS 180-4), written here because WebCrypto has no hash that grows and a round trip for each call.
// Tried against a known answer before its first use.
import { hexOf, utf8 } from "./octets.js";

const BLOCK = 64;

function fractions(count, root) {
  const found = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (!found.some(([prime]) => candidate % prime === 0)) {
      found.push([candidate, (root(candidate) * 2 ** 32) | 0]);
    }
  }
  return Int32Array.from(found, ([, bits]) => bits);
}

const K = fractions(64, Math.cbrt);
const START = fractions(8, Math.sqrt);
const W = new Int32Array(64);

function compress(state, octets, start) {
  for (let at = start, word = 0; word < 16; at += 4, word += 1) {
    W[word] = (octets[at] << 24) | (octets[at + 1] << 16) | (octets[at + 2] << 8) | octets[at + 3];
  }
  for (let word = 16; word < 64; word += 1) {
    const x = W[word - 15];
    const y = W[word - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[word] = (W[word - 16] + s0 + W[word - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let round = 0; round < 64; round += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + K[round] + W[round]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

// A hash that grows: update(bytes) as often as there are bytes, then digest() once.
export class Sha256 {
  constructor() {
    this.state = new Int32Array(8);
    this.block = new Uint8Array(BLOCK);
    this.view = new DataView(this.block.buffer);
    this.restart();
  }

  restart() {
    this.state.set(START);
    this.held = 0;
    this.length = 0;
    return this;
  }

  update(octets) {
    let at = 0;
    this.length += octets.length;
    if (this.held) {
      at = Math.min(BLOCK - this.held, octets.length);
      this.block.set(octets.subarray(0, at), this.held);
      this.held += at;
      if (this.held < BLOCK) {
        return this;
      }
      compress(this.state, this.block, 0);
      this.held = 0;
    }
    for (; at + BLOCK <= octets.length; at += BLOCK) {
      compress(this.state, octets, at);
    }
    if (at < octets.length) {
      this.block.set(octets.subarray(at), 0);
      this.held = octets.length - at;
    }
    return this;
  }

  digest() {
    const { block, state } = this;
    block[this.held] = 0x80;
    block.fill(0, this.held + 1);
    if (this.held >= BLOCK - 8) {
      compress(state, block, 0);
      block.fill(0);
    }
    this.view.setUint32(BLOCK - 8, Math.floor(this.length / 2 ** 29));
    this.view.setUint32(BLOCK - 4, (this.length * 8) >>> 0);
    compress(state, block, 0);
    const told = new Uint8Array(32);
    for (let word = 0; word < 8; word += 1) {
      told[word * 4] = state[word] >>> 24;
      told[word * 4 + 1] = state[word] >>> 16;
      told[word * 4 + 2] = state[word] >>> 8;
      told[word * 4 + 3] = state[word];
    }
    return told;
  }
}

export function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

export function hexDigest(...parts) {
  return hexOf(sha256(...parts));
}

if (hexDigest(utf8("abc")) !== "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") {
  throw new Error("this browser does not compute SHA-256");
}
