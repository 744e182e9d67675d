// The control chain: which keys and policies held at which index, complete by walking back to genesis; and windows.
import { base64 } from "./fields.js";
import { canonical } from "./json.js";
import { below } from "./notes.js";
import { hexOf, toBase64, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { sha256 } from "./sha256.js";

export const KEY_TYPE = "application/vnd.countersign.key.v1+json";
const STATED = ["add", "add_log_keys", "retire", "retire_log_keys", "control_prev"];

function broken(what, path = "") {
  return new Refusal("control_chain_broken", what, { path });
}

export function covers(span, index) {
  return span.start <= index && (span.stop === null || index < span.stop);
}

export function linkTo(leaf) {
  return { index: leaf.index, hash: hexOf(leaf.hash) };
}

export function linkOf(value) {
  return value === null ? null : { index: value.index, hash: value.leaf_hash };
}

export function sameLink(a, b) {
  return a !== null && b !== null && a.index === b.index && a.hash === b.hash;
}

// SHA-256("countersign/kid/1" 0 use 0 origin 0 public), its first 16 bytes.
function kidOf(use, origin, key) {
  return hexOf(sha256(utf8(`countersign/kid/1\0${use}\0${origin}\0`), key).subarray(0, 16));
}

function delegatedKey(entry, origin) {
  const key = base64(entry.public, 32);
  if (kidOf(entry.use, origin, key) !== entry.kid) {
    throw new Refusal("leaf_schema", "A delegated key's kid is not derived from its use, origin and bytes");
  }
  return { kid: entry.kid, use: entry.use, key };
}

// Keys with the leaves they are valid for: from `start` up to, not including, `stop`.
function spansOf(leaves, [atGenesis, adds, retires], read) {
  const spans = new Map();
  for (const leaf of leaves) {
    for (const entry of leaf.fields[leaf.kind === "genesis" ? atGenesis : adds] ?? []) {
      const [name, key] = read(entry, leaf);
      if (spans.has(name)) {
        throw broken("A control leaf adds a key that was added before", `leaf ${leaf.index}`);
      }
      spans.set(name, { key, start: leaf.index, stop: null });
    }
    for (const name of leaf.fields[retires] ?? []) {
      const span = spans.get(name);
      if (!span || span.stop !== null) {
        throw broken("A key leaf retires a key that is not in force", `leaf ${leaf.index}`);
      }
      span.stop = leaf.index;
    }
  }
  return [...spans.values()];
}

export class History {
  constructor(leaves) {
    [this.genesis] = leaves;
    this.leaves = leaves;
    this.keys = spansOf(leaves, ["delegated", "add", "retire"], (entry, leaf) => {
      const key = delegatedKey(entry, leaf.origin);
      return [key.kid, key];
    });
    this.logKeys = spansOf(leaves, ["log_keys", "add_log_keys", "retire_log_keys"], (entry) => [entry, entry]);
    this.policies = leaves.filter(({ fields }) => fields.policy !== undefined).map((leaf) => [leaf.index, leaf.fields.policy]);
  }

  get maxMergeDelay() {
    return this.genesis.fields.max_merge_delay;
  }

  // Public keys by kid that may sign for `use` at a leaf.
  delegatedAt(use, index) {
    const spans = this.keys.filter((span) => span.key.use === use && covers(span, index));
    return new Map(spans.map(({ key }) => [key.kid, key.key]));
  }

  receiptKeys() {
    return new Map(this.keys.filter(({ key }) => key.use === "receipt").map((span) => [span.key.kid, span]));
  }

  // C2SP verifier keys that are valid for a checkpoint of `size` leaves.
  logKeysAt(size) {
    return this.logKeys.filter((span) => covers(span, below(size))).map(({ key }) => key);
  }

  // keys.json: what the control leaves say, for people.
  document() {
    const validity = ({ start, stop }) => ({ from: start, until: stop });
    return canonical({
      origin: this.genesis.origin,
      genesis: hexOf(this.genesis.hash),
      max_merge_delay: this.maxMergeDelay,
      log_keys: this.logKeys.map((span) => ({ vkey: span.key, ...validity(span) })),
      delegated: this.keys.map((span) => {
        const { kid, use, key } = span.key;
        return { alg: "ed25519", kid, use, public: toBase64(key), ...validity(span) };
      }),
      policies: this.policies.map(([index, policy]) => ({ index, policy })),
    });
  }
}

// The history of control leaves in ascending order, genesis first; `newest` is what the newest manifest names.
export function historyOf(leaves, newest = null) {
  if (!leaves.length || leaves[0].kind !== "genesis") {
    throw broken("The control chain does not begin with genesis");
  }
  for (let place = 1; place < leaves.length; place += 1) {
    const { fields, index } = leaves[place];
    if (fields.control_prev === undefined || !sameLink(linkOf(fields.control_prev), linkTo(leaves[place - 1]))) {
      throw broken("A control leaf does not name the one before it", `leaf ${index}`);
    }
  }
  if (newest !== null && !sameLink(linkTo(leaves.at(-1)), newest)) {
    throw broken("The newest manifest names another control leaf", `leaf ${newest.index}`);
  }
  return new History(leaves);
}

// RFC 8785 bytes that old and new keys sign for a `key` leaf.
export function keyStatement(log, leaf) {
  const stated = Object.fromEntries(STATED.map((name) => [name, leaf.fields[name]]));
  return utf8(canonical({ ...stated, log, origin: leaf.origin }));
}

// A window manifest; refused with leaf_schema where its numbers contradict each other.
export function windowOf(leaf) {
  const { from, to, count, number, root, opened, closed, control } = leaf.fields;
  if (leaf.kind !== "window" || to < from || count !== to - from + 1 || leaf.index <= to) {
    throw new Refusal("leaf_schema", "A window manifest's numbers contradict each other", { path: "count" });
  }
  return { number, start: from, end: to, root, opened, closed, control: linkOf(control) };
}
