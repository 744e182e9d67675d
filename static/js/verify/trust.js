// trust.json: what a reader trusts or demands that a C2SP policy cannot say. Every field may be absent.
import { checkFields, closed, flag, hexHash, index, listOf, nullable, text } from "./fields.js";
import { isObject, parse } from "./json.js";
import { MAX_ORIGIN } from "./leaf.js";
import { checkedCheckpoint, parseCheckpoint, parseNote } from "./notes.js";
import { fromHex, quoted, utf8 } from "./octets.js";
import { Refusal, recoded } from "./refusal.js";

const MAX_TRUST = 4 << 20;
const noted = closed({ note: text(1000000) });
const bare = closed({ origin: text(MAX_ORIGIN), size: index, root: hexHash });
const SCHEMA = {
  genesis: nullable(hexHash),
  tsa_roots: listOf(text(100000)),
  governance_origin: nullable(text(MAX_ORIGIN)),
  require_pq: flag,
  max_age: nullable(index),
  ended: listOf(bare, { most: 1000 }),
  remembered: listOf((value) => (isObject(value) && Object.hasOwn(value, "note") ? noted : bare)(value), { most: 1000 }),
};

export const NO_TRUST = { genesis: null, tsaRoots: [], governanceOrigin: null, requirePq: false, maxAge: null, remembered: [], ended: [] };

function head(row) {
  if (row.note !== undefined) {
    const note = parseNote(utf8(row.note));
    return { note, checkpoint: parseCheckpoint(note.text) };
  }
  return { note: null, checkpoint: checkedCheckpoint({ origin: row.origin, size: row.size, root: fromHex(row.root), extensions: [] }) };
}

function read(octets) {
  const value = parse(octets);
  if (!isObject(value)) {
    throw new Refusal("trust_invalid", "trust.json must be a JSON object");
  }
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(SCHEMA, name)).sort();
  if (unknown.length) {
    throw new Refusal("trust_invalid", "trust.json has a field that nobody reads", { why: quoted(unknown[0]) });
  }
  checkFields(value, Object.fromEntries(Object.keys(value).map((name) => [name, SCHEMA[name]])));
  return {
    genesis: value.genesis ?? null,
    tsaRoots: value.tsa_roots ?? [],
    governanceOrigin: value.governance_origin ?? null,
    requirePq: value.require_pq ?? false,
    maxAge: value.max_age ?? null,
    remembered: (value.remembered ?? []).map(head),
    ended: (value.ended ?? []).map((row) => head(row).checkpoint),
  };
}

// Refused with trust_invalid and the field.
export function parseTrust(octets) {
  if (octets.length > MAX_TRUST) {
    throw new Refusal("trust_invalid", "trust.json is longer than 4 MiB");
  }
  return recoded("trust_invalid", () => read(octets));
}
