// Lines of disclosed objects, opened beside the thread that reads: what each commits to, for the thread to compare. Only
// usual lines without fault are opened here; any other is left to objects.js, which decides and names the fault.
import { commitmentHead, usualObject } from "./documents.js";
import { isObject, parse } from "./json.js";
import { ATTRS_TYPE } from "./objects.js";
import { Refusal } from "./refusal.js";
import { Sha256 } from "./sha256.js";

const hash = new Sha256();

function isAttributes({ mediaType, data }) {
  try {
    return mediaType === ATTRS_TYPE && isObject(parse(data));
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    return false;
  }
}

function opened(line, role) {
  const object = usualObject(line);
  if (!object || (role === "attrs" && !isAttributes(object))) {
    return null;
  }
  const { index, salt, mediaType, data } = object;
  return { index, commitment: hash.restart().update(commitmentHead(salt, mediaType, data.length)).update(data).digest() };
}

// Lines as one buffer, which moves to a helper instead of being copied.
export function packedLines(role, lines) {
  const lengths = Uint32Array.from(lines, ({ length }) => length);
  const octets = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const line of lines) {
    octets.set(line, at);
    at += line.length;
  }
  return { role, lengths, octets };
}

// For each line its index and what its bytes commit to; -1 where it is left to objects.js.
export function openedLines({ role, lengths, octets }) {
  const indices = new Float64Array(lengths.length).fill(-1);
  const commitments = new Uint8Array(lengths.length * 32);
  let at = 0;
  lengths.forEach((length, place) => {
    const found = opened(octets.subarray(at, at + length), role);
    at += length;
    if (found) {
      indices[place] = found.index;
      commitments.set(found.commitment, place * 32);
    }
  });
  return { indices, commitments };
}
