// Leaves: the closed schema of every kind, and their reading from canonical bytes.
import {
  base64Of, checkFields, closed, distinct, flag, hexHash, index, listOf, moment, nullable, number, oneOf, text,
} from "./fields.js";
import { isObject, parseCanonical } from "./json.js";
import { leafHash } from "./merkle.js";
import { counted, quoted, textOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { spans } from "./spans.js";
import { isTime } from "./times.js";

export const VERSION = "countersign/1";
export const MAX_ORIGIN = 255;
export const MAX_TYPE = 256;
export const MAX_LEAF = 65535;
const MAX_EVENT = 8192;
const MAX_DELAY = 366 * 86400;
export const CONTROL = new Set(["genesis", "key", "policy", "reliance", "segment", "terms", "closed"]);

function delay(value) {
  index(value);
  if (value > MAX_DELAY) {
    throw new Refusal("leaf_schema", `A merge delay is at most ${counted(MAX_DELAY)} seconds`, { why: String(value) });
  }
}

const origin = text(MAX_ORIGIN);
const reason = text(1024);
const by = text(128);
const days = nullable(number(1, 36600));
const vkey = text(4096);
const link = closed({ index, leaf_hash: hexHash });
const decision = nullable(closed({ origin, change: text(64) }));
const delegated = closed({ alg: oneOf("ed25519"), kid: text(32), public: base64Of(32), use: oneOf("receipt", "export") });
const signature = closed({ keyid: vkey, sig: base64Of() });

const COMMON = { v: oneOf(VERSION), kind: text(16), origin, index, prev: nullable(hexHash), recorded: moment };
const KINDS = {
  genesis: {
    log_keys: listOf(vkey, { least: 1 }),
    delegated: listOf(delegated, { least: 2 }),
    max_merge_delay: delay,
    recovery_key: nullable(base64Of(32)),
    policy: hexHash,
    continues: nullable(closed({ origin, size: index, root: hexHash })),
    control_prev: nullable(link),
  },
  event: { type: text(MAX_TYPE), attrs: hexHash, payload: hexHash },
  window: {
    number: index,
    from: index,
    to: index,
    count: index,
    root: hexHash,
    opened: moment,
    closed: moment,
    reason: oneOf("count", "age", "request"),
    control: link,
  },
  key: {
    add: listOf(delegated),
    add_log_keys: listOf(vkey),
    retire: listOf(text(32)),
    retire_log_keys: listOf(vkey),
    signatures: listOf(signature, { least: 1 }),
    decision,
    control_prev: link,
  },
  policy: { policy: hexHash, decision, control_prev: link },
  reliance: {
    from: index,
    to: index,
    state: oneOf("paused", "resumed"),
    reason,
    evidence: nullable(hexHash),
    decision,
    control_prev: link,
  },
  segment: { reason, decision, control_prev: link },
  terms: {
    retention_days: closed({ attrs: days, payload: days }),
    expected_every_s: nullable(number(1, MAX_DELAY)),
    sequence: flag,
    reason,
    by,
    decision,
    control_prev: link,
  },
  closed: { successor: closed({ origin, log: hexHash }), reason, decision, control_prev: link },
  hold: { ranges: spans, state: oneOf("set", "released"), case: text(256), reason, by, decision },
  erasure: {
    ranges: spans,
    parts: distinct("attrs", "payload"),
    reason_code: oneOf("retention", "subject", "order", "mistake", "other"),
    reason,
    by,
    backup_horizon: moment,
    decision,
  },
  anchor: { form: oneOf("rfc3161"), size: index, note: hexHash, token: hexHash },
  gap: {
    cause: oneOf("silence", "sequence", "refused"),
    from: text(64),
    to: nullable(text(64)),
    count: index,
    after: nullable(index),
    before: nullable(index),
  },
  head: { log: origin, size: index, root: hexHash, note: hexHash },
};
const SCHEMAS = Object.fromEntries(Object.entries(KINDS).map(([kind, fields]) => [kind, { ...COMMON, ...fields }]));

function checked(value, raw) {
  const { kind } = value;
  if (typeof kind !== "string" || !Object.hasOwn(SCHEMAS, kind)) {
    throw new Refusal("leaf_schema", "A leaf has an unknown kind", { why: quoted(kind), path: "kind" });
  }
  checkFields(value, SCHEMAS[kind]);
  const limit = kind === "event" ? MAX_EVENT : MAX_LEAF;
  if (raw.length > limit) {
    throw new Refusal("leaf_too_large", `A leaf of kind ${kind} is longer than ${counted(limit)} bytes`);
  }
  const first = value.index === 0;
  if (first !== (kind === "genesis") || first !== (value.prev === null)) {
    throw new Refusal("leaf_schema", "Only the genesis leaf has index 0 and no prev, and it has both", { path: "index" });
  }
}

const HASH = "([0-9a-f]{64})";
const PLAIN = "[ !#-\\[\\]-~]";
const USUAL = new RegExp(
  `^\\{"attrs":"${HASH}","index":([1-9][0-9]{0,14}),"kind":"event","origin":"(${PLAIN}{1,255})","payload":"${HASH}",`
    + `"prev":"${HASH}","recorded":"([0-9T:.Z-]{27})","type":"(${PLAIN}{1,256})","v":"countersign/1"\\}$`,
);

// An event leaf in its usual form, read in one match: what matches is canonical and has the schema of an event leaf.
// Whatever differs in one byte is read the long way.
function usualEvent(raw) {
  const found = raw.length <= MAX_EVENT ? USUAL.exec(textOf(raw) ?? "") : null;
  if (!found) {
    return null;
  }
  const [, attrs, stated, of, payload, prev, recorded, type] = found;
  if (!isTime(recorded)) {
    return null;
  }
  const fields = { attrs, index: Number(stated), kind: "event", origin: of, payload, prev, recorded, type, v: VERSION };
  return { kind: "event", origin: of, index: fields.index, prev, recorded, fields, hash: leafHash(raw) };
}

// One leaf: its `fields`, its `raw` bytes and their `hash`. Refused: leaf_too_large, json_invalid, not_canonical, leaf_schema.
export function parseLeaf(raw) {
  if (raw.length > MAX_LEAF) {
    throw new Refusal("leaf_too_large", "A leaf is longer than 65,535 bytes", { why: `${raw.length} bytes` });
  }
  const usual = usualEvent(raw);
  if (usual) {
    return usual;
  }
  const fields = parseCanonical(raw);
  if (!isObject(fields)) {
    throw new Refusal("leaf_schema", "A leaf must be a JSON object");
  }
  checked(fields, raw);
  const { kind, origin: of, index: at, prev, recorded } = fields;
  return { kind, origin: of, index: at, prev, recorded, fields, hash: leafHash(raw) };
}
