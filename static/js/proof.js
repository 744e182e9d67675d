// Recomputes an inclusion proof in this browser (RFC 9162, 2.1.3.2) and verifies the signature of the note that
// its root stands in, from the bytes in the page and nothing else.
// The page already told what the server found; this replaces those sentences by what this browser found.
import { bytesOf, mark, same, sha256 } from "./bytes.js";
import { Unsupported } from "./ed25519.js";
import { read, signedBy } from "./note.js";

const LEAF = 0x00;
const NODE = 0x01;

const hash = (prefix, ...parts) => sha256(Uint8Array.of(prefix), ...parts);

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

// The root is the note's where there is a note, and has to be over exactly the tree of this path.
function wanted(ladder) {
  if (!ladder.dataset.note) {
    return { note: null, root: bytesOf(ladder.dataset.root) };
  }
  const note = read(bytesOf(ladder.dataset.note));
  if (note.size !== ladder.dataset.size) {
    throw new RangeError(`the note is over ${note.size} leaves`);
  }
  return { note, root: note.root };
}

async function checkRoot(ladder) {
  try {
    const path = ladder.dataset.path ? ladder.dataset.path.split(" ").map(bytesOf) : [];
    const root = await rootOf(bytesOf(ladder.dataset.leaf), ladder.dataset.index, ladder.dataset.size, path);
    const equal = same(root, wanted(ladder).root);
    return { holds: equal, told: `Your browser recomputed this root just now: ${equal ? "equal" : "NOT equal"}.` };
  } catch (problem) {
    return { holds: false, told: `Your browser recomputed this root just now: NOT equal. Reason: ${problem.message}.` };
  }
}

async function checkSignature(ladder) {
  try {
    const { note } = wanted(ladder);
    const signers = note ? await signedBy(note, ladder.dataset.vkeys.split(" ").filter(Boolean)) : [];
    return signers.length
      ? { holds: true, told: `It verified the signature of the note just now, under ${signers.join(" and ")}.` }
      : { holds: false, told: "It found NO valid signature on the note." };
  } catch (problem) {
    return problem instanceof Unsupported
      ? { told: "It does not know Ed25519, so only this server verified the signature. Check it offline, or in a newer browser." }
      : { holds: false, told: `It found NO valid signature on the note. Reason: ${problem.message}.` };
  }
}

export async function recompute(ladder) {
  const verdict = ladder.querySelector("[data-verdict]");
  if (!globalThis.crypto?.subtle || !verdict) {
    return;
  }
  const told = { root: await checkRoot(ladder) };
  if (ladder.dataset.note) {
    told.signature = await checkSignature(ladder);
  }
  for (const [what, found] of Object.entries(told)) {
    verdict.querySelector(`[data-told="${what}"]`).textContent = found.told;
  }
  // What this browser could not check stays as the server told it.
  const before = verdict.classList.contains("is-pass");
  mark(verdict, Object.values(told).every((found) => found.holds ?? before));
}

for (const ladder of globalThis.document?.querySelectorAll("[data-ladder]") ?? []) {
  recompute(ladder);
}
