// The leaves of a range as they were read, in some two hundred bytes each: hash, commitments, and what later steps compare.
import { hexInto, hexOf, same } from "./octets.js";

export const UNREAD = 0;
export const EVENT = 1;
export const OTHER = 2;
export const REDACTED = 3;
const NO_PREV = new Uint8Array(32);
// One leaf in `digests`: its own hash, the hash before it, the commitments to attributes and payload.
const ROW = 128;
const PLACE = { hash: 0, prev: 32, attrs: 64, payload: 96 };

function grown(array, length) {
  if (length <= array.length) {
    return array;
  }
  const larger = new array.constructor(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

export class LeafTable {
  constructor() {
    this.size = 0;
    this.indices = new Float64Array(1024);
    this.states = new Uint8Array(1024);
    this.digests = new Uint8Array(1024 * ROW);
    [this.recorded, this.types, this.origins] = [[], [], []];
    this.stated = new Map();
    this.names = new Map();
    this.kept = new Map();
    this.kinds = new Map();
    this.reversed = [];
    this.complete = false;
  }

  // Enters the next leaf; `index` is above all before. `leaf` is null where it is hidden or not valid.
  add(index, hash, state, leaf) {
    const place = this.size;
    this.size += 1;
    this.indices = grown(this.indices, this.size);
    this.states = grown(this.states, this.size);
    this.digests = grown(this.digests, this.size * ROW);
    this.indices[place] = index;
    this.states[place] = state;
    this.digests.set(hash, place * ROW);
    this.recorded.push(leaf && leaf.recorded);
    this.types.push(leaf && this.interned(leaf.fields.type ?? ""));
    this.origins.push(leaf && this.interned(leaf.origin));
    if (leaf) {
      this.enter(place, index, leaf);
    }
  }

  enter(place, index, leaf) {
    const { attrs, payload } = leaf.fields;
    if (leaf.prev !== null) {
      hexInto(this.digests, place * ROW + PLACE.prev, leaf.prev);
    }
    if (leaf.kind === "event") {
      hexInto(this.digests, place * ROW + PLACE.attrs, attrs);
      hexInto(this.digests, place * ROW + PLACE.payload, payload);
    }
    if (leaf.index !== index) {
      this.stated.set(place, leaf.index);
    }
    this.kinds.set(leaf.kind, (this.kinds.get(leaf.kind) ?? 0) + 1);
  }

  // The same text is kept once.
  interned(text) {
    const found = this.names.get(text);
    if (found === undefined) {
      this.names.set(text, text);
    }
    return found ?? text;
  }

  // The first place whose index is not below this one.
  lower(index) {
    let [low, high] = [0, this.size];
    if (this.size && this.indices[this.size - 1] - this.indices[0] === this.size - 1) {
      return Math.min(Math.max(index - this.indices[0], 0), this.size);
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      [low, high] = this.indices[middle] < index ? [middle + 1, high] : [low, middle];
    }
    return low;
  }

  placeOf(index) {
    const place = this.lower(index);
    return place < this.size && this.indices[place] === index ? place : -1;
  }

  digest(place, name) {
    const at = place * ROW + PLACE[name];
    return this.digests.subarray(at, at + 32);
  }

  isShown(place) {
    return place >= 0 && (this.states[place] === EVENT || this.states[place] === OTHER);
  }

  hashOf(index) {
    const place = this.placeOf(index);
    return place < 0 ? null : this.digest(place, "hash");
  }

  // What was read in the place of this index; null where it is hidden or not valid.
  leaf(index) {
    const place = this.placeOf(index);
    return this.isShown(place) ? this.leafAt(place) : null;
  }

  leafAt(place) {
    const prev = this.digest(place, "prev");
    const at = this.stated.get(place) ?? this.indices[place];
    return {
      index: at,
      isEvent: this.states[place] === EVENT,
      origin: this.origins[place],
      recorded: this.recorded[place],
      type: this.types[place],
      prev: at === 0 && same(prev, NO_PREV) ? null : hexOf(prev),
    };
  }

  shownBetween(start, end) {
    let count = 0;
    for (let place = this.lower(start), stop = this.lower(end); place < stop; place += 1) {
      count += Number(this.isShown(place));
    }
    return count;
  }

  // Hashes of the leaves [start, end], one behind the other; null unless all are there.
  hashesBetween(start, end) {
    const [first, last] = [this.placeOf(start), this.placeOf(end)];
    if (first < 0 || last < 0 || last - first !== end - start) {
      return null;
    }
    const hashes = new Uint8Array((last - first + 1) * 32);
    for (let place = first; place <= last; place += 1) {
      hashes.set(this.digest(place, "hash"), (place - first) * 32);
    }
    return hashes;
  }

  // Places of events for which `seen` holds nothing.
  unseen(seen) {
    const places = [];
    for (let place = 0; place < this.size; place += 1) {
      if (this.states[place] === EVENT && !seen[place]) {
        places.push(place);
      }
    }
    return places;
  }

  has(state) {
    return this.states.subarray(0, this.size).includes(state);
  }

  count(state) {
    return this.states.subarray(0, this.size).reduce((sum, one) => sum + Number(one === state), 0);
  }
}
