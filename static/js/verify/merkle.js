// Merkle trees of RFC 6962 and RFC 9162. Sizes may go up to 2^63-1: proofs count in BigInt.
import { same } from "./octets.js";
import { Refusal } from "./refusal.js";
import { Sha256, sha256 } from "./sha256.js";

const LEAF = Uint8Array.of(0);
const LARGEST = 2n ** 63n - 1n;
export const EMPTY_ROOT = sha256(LEAF.subarray(1));
const running = new Sha256();
const pair = new Uint8Array(65);
pair[0] = 1;

export function leafHash(entry) {
  return running.restart().update(LEAF).update(entry).digest();
}

export function nodeHash(left, right) {
  pair.set(left, 1);
  pair.set(right, 33);
  return running.restart().update(pair).digest();
}

function malformed(what, why) {
  return new Refusal("proof_malformed", what, { why });
}

function demandHashes(hashes) {
  if (hashes.some((one) => one.length !== 32)) {
    throw malformed("A hash of the proof is not 32 bytes", "SHA-256 gives 32 bytes");
  }
}

function demandCount(expected, hashes) {
  if (hashes.length !== expected) {
    throw malformed(`The proof has ${hashes.length} hashes where ${expected} belong`, "index and sizes fix their number");
  }
}

// For each sibling of a leaf, lowest first, whether it stands to the left (RFC 9162, 2.1.3.2).
export function sidesOf(index, size) {
  const sides = [];
  let node = BigInt(index);
  for (let last = BigInt(size) - 1n; last > 0n; last >>= 1n, node >>= 1n) {
    if (node & 1n) {
      sides.push(true);
    } else if (node < last) {
      sides.push(false);
    }
  }
  return sides;
}

function climbed(leaf, sides, path) {
  return sides.reduce((node, left, place) => (left ? nodeHash(path[place], node) : nodeHash(node, path[place])), leaf);
}

// Refuses unless the leaf hash stands at `index` in the tree of `size` leaves with this root.
export function verifyInclusion(index, size, leaf, path, root) {
  if (BigInt(index) < 0n || BigInt(index) >= BigInt(size) || BigInt(size) > LARGEST) {
    throw malformed(`No leaf ${index} in a tree of ${size}`, "indices end below the size");
  }
  demandHashes([leaf, root, ...path]);
  const sides = sidesOf(index, size);
  demandCount(sides.length, path);
  if (!same(climbed(leaf, sides, path), root)) {
    throw new Refusal("inclusion_invalid", `Leaf ${index} is not in the tree of ${size}`, {
      why: "the path from the leaf does not end in the signed root",
    });
  }
}

// Both roots that a consistency proof yields (RFC 9162, 2.1.4.2).
function bothRoots(old, size, proof, oldRoot) {
  let node = old - 1n;
  let last = size - 1n;
  for (; node & 1n; node >>= 1n, last >>= 1n);
  const path = node ? proof : [oldRoot, ...proof];
  const sides = sidesOf(node, last + 1n);
  demandCount(sides.length + 1, path);
  let [small, large] = [path[0], path[0]];
  sides.forEach((left, place) => {
    const sibling = path[place + 1];
    small = left ? nodeHash(sibling, small) : small;
    large = left ? nodeHash(sibling, large) : nodeHash(large, sibling);
  });
  return [small, large];
}

// Refuses unless the tree of `size` leaves extends the tree of `old` leaves; an old size of 0 proves nothing.
export function verifyConsistency(old, size, proof, oldRoot, root) {
  const [before, after] = [BigInt(old), BigInt(size)];
  if (before <= 0n || before > after || after > LARGEST) {
    throw malformed(`A tree of ${old} cannot be shown inside one of ${size}`, "trees only grow, and the empty one is in all");
  }
  demandHashes([...proof, oldRoot, root]);
  if (before === after) {
    demandCount(0, proof);
  }
  const [small, large] = before === after ? [root, root] : bothRoots(before, after, proof, oldRoot);
  if (!same(small, oldRoot) || !same(large, root)) {
    throw new Refusal("consistency_invalid", `The tree of ${size} does not extend the tree of ${old}`, {
      why: "the proof does not lead to both roots",
    });
  }
}

// The right edge of a growing tree: one hash for every bit of the size, the largest subtree first.
export class Frontier {
  constructor(size, nodes) {
    this.size = size;
    this.nodes = [...nodes];
  }

  append(leaf) {
    let node = leaf;
    for (let carries = this.size; carries % 2 === 1; carries = (carries - 1) / 2) {
      node = nodeHash(this.nodes.pop(), node);
    }
    this.nodes.push(node);
    this.size += 1;
  }

  root() {
    return this.nodes.length ? this.nodes.reduceRight((folded, node) => nodeHash(node, folded)) : EMPTY_ROOT;
  }
}

function bitsIn(number) {
  return BigInt(number).toString(2).replaceAll("0", "").length;
}

// The root over the leaves `first` to `last` of a log of `size` leaves, leaf by leaf. A range proof holds the maximal
// subtrees left and right of the range; the left ones are the edge of a tree of `first` leaves, so the roots at `sizes`
// in between come out as well.
export class RangeRoot {
  constructor(first, last, size, proof, sizes) {
    const left = bitsIn(first);
    this.sides = first <= last && last < size ? sidesOf(last, size) : null;
    if (!this.sides || proof.length !== left + this.sides.filter((side) => !side).length) {
      throw malformed("The range proof has not the number of hashes that its range demands", String(proof.length));
    }
    [this.last, this.size, this.sizes] = [last, size, sizes];
    this.right = proof.slice(left);
    this.edge = new Frontier(first, proof.slice(0, left));
    this.before = [];
    this.leaf = null;
    this.roots = new Map();
  }

  append(leaf) {
    if (this.edge.size === this.last) {
      this.before = [...this.edge.nodes];
      this.leaf = leaf;
    }
    this.edge.append(leaf);
    if (this.sizes.has(this.edge.size)) {
      this.roots.set(this.edge.size, this.edge.root());
    }
  }

  verify(root) {
    if (this.leaf === null || this.edge.size !== this.last + 1) {
      throw malformed("The range is not complete", `it ends at ${this.edge.size}`);
    }
    const [left, right] = [[...this.before], [...this.right]];
    const path = this.sides.map((isLeft) => (isLeft ? left.pop() : right.shift()));
    verifyInclusion(this.last, this.size, this.leaf, path, root);
  }
}

// The root over leaf hashes that lie one behind the other in `hashes`.
export function rootOver(hashes) {
  const edge = new Frontier(0, []);
  for (let at = 0; at < hashes.length; at += 32) {
    edge.append(hashes.subarray(at, at + 32));
  }
  return edge.root();
}
