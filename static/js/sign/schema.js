// The closed form of a statement: exactly these fields, nothing optional.
import { closed, hexHash, index, listOf, nullable, oneOf, text } from "../verify/fields.js";
import { isObject } from "../verify/json.js";
import { Refusal } from "../verify/refusal.js";
import { PAYLOAD_TYPES, VERSION } from "./tables.js";

const SECOND = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const NONCE = /^[A-Za-z0-9_-]{22}$/;

function matching(pattern, what) {
  return (value) => {
    if (typeof value !== "string" || !pattern.test(value)) {
      throw new Refusal("leaf_schema", what);
    }
  };
}

function object(value) {
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "An object is expected");
  }
}

const id = text(255);
const second = matching(SECOND, "A time in UTC seconds is expected");
const difference = closed({ path: text(1024, 0), old: nullable(text(32768, 0)), new: nullable(text(32768, 0)) });

export const SCHEMA = {
  v: oneOf(VERSION),
  verb: oneOf(...Object.keys(PAYLOAD_TYPES)),
  deployment: closed({ origin: id, genesis: hexHash }),
  tenant: nullable(id),
  change: closed({
    id, revision: index, type: text(64), body: object, body_digest: hexHash, reverts: nullable(id),
    contributors: listOf(id, { most: 256 }), reason: text(4096),
  }),
  effect: closed({
    base: object, result: object, base_state: hexHash, result_state: hexHash,
    diff: listOf(difference, { most: 1024 }), direction: oneOf("loosens", "neutral", "tightens"),
    invalidates: listOf(text(1024), { most: 1024 }), way_back: nullable(object),
  }),
  policy: closed({ digest: hexHash, rule: object }),
  ledger: closed({ origin: id, size: index, root: hexHash }),
  window: closed({ not_before: second, not_after: second }),
  signer: closed({ person: id, key: id, groups: listOf(id, { most: 64 }) }),
  nonce: matching(NONCE, "16 bytes in base64url are expected"),
  client: closed({ kind: oneOf("browser", "command", "offline"), bundle: hexHash }),
};
