// Recomputes an inclusion proof in this browser, from the bytes in the page and nothing else: RFC 9162, 2.1.3.2.
// The page already told what the server found; this replaces that sentence by what this browser found.

const LEAF = 0x00;
const NODE = 0x01;

function bytesOf(hex) {
  if (!/^([0-9a-f]{2})*$/.test(hex)) {
    throw new TypeError("not lower-case hexadecimal");
  }
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function same(a, b) {
  return a.length === b.length && a.every((byte, place) => byte === b[place]);
}

async function hash(prefix, ...parts) {
  const whole = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  whole[0] = prefix;
  let at = 1;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

// Sizes can exceed 2^31, where JavaScript's bit operators end: BigInt throughout.
export async function rootOf(leaf, index, size, path) {
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  if (node < 0n || node > last) {
    throw new RangeError("the index lies outside the tree");
  }
  let running = await hash(LEAF, leaf);
  for (const sibling of path) {
    if (last === 0n) {
      throw new RangeError("the proof is too long");
    }
    if ((node & 1n) === 1n || node === last) {
      running = await hash(NODE, sibling, running);
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      running = await hash(NODE, running, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) {
    throw new RangeError("the proof is too short");
  }
  return running;
}

async function evaluate(ladder) {
  const path = ladder.dataset.path ? ladder.dataset.path.split(" ").map(bytesOf) : [];
  const root = await rootOf(bytesOf(ladder.dataset.leaf), ladder.dataset.index, ladder.dataset.size, path);
  return same(root, bytesOf(ladder.dataset.root));
}

function tell(ladder, equal, why = "") {
  const verdict = ladder.querySelector("[data-verdict]");
  verdict.querySelector("output").textContent = equal
    ? "Your browser recomputed this root just now: equal."
    : `Your browser recomputed this root just now: NOT equal.${why ? ` Reason: ${why}.` : ""}`;
  verdict.classList.toggle("is-pass", equal);
  verdict.classList.toggle("is-fail", !equal);
  verdict.querySelector("use").setAttribute("href", equal ? "#m-pass" : "#m-fail");
}

export async function recompute(ladder) {
  if (!globalThis.crypto?.subtle) {
    return;
  }
  try {
    tell(ladder, await evaluate(ladder));
  } catch (problem) {
    tell(ladder, false, problem.message);
  }
}

for (const ladder of globalThis.document?.querySelectorAll("[data-ladder]") ?? []) {
  recompute(ladder);
}
