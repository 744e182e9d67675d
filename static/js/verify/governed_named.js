// Leaves of other logs that name a change: whether the change that the record shows is one that such a leaf follows.
import { isObject } from "./json.js";
import { utf8 } from "./octets.js";
import { hexDigest } from "./sha256.js";
import { sameJson } from "./governed_text.js";

const WRITES = {
  key: ["log_key.rotate", "log_key.retire", "log_key.destroy", "log_key.recover"],
  policy: ["stream.policy"],
  reliance: ["reliance.pause", "reliance.resume"],
  terms: ["stream.retention"],
  erasure: ["payload.erase"],
  hold: ["hold.release"],
};

const FITS = {
  reliance: (leaf, kind, body) => leaf.from === body.from && leaf.to === body.to && leaf.state === `${kind.slice(kind.lastIndexOf(".") + 1)}d`,
  erasure: (leaf, kind, body) => {
    return leaf.ranges.every(([start, end]) => body.from <= start && end <= body.to) && leaf.parts.every((part) => body.parts.includes(part));
  },
  hold: (leaf, kind, body) => leaf.state === "released" && leaf.case === body.case,
  terms: (leaf, kind, body) => sameJson(leaf.retention_days, { attrs: body.attrs_days, payload: body.payload_days }),
  policy: (leaf, kind, body) => leaf.policy === hexDigest(utf8(String(body.policy))),
};

function unlike({ kind: leafKind, origin, fields }, kind, body) {
  if (!(WRITES[leafKind] ?? []).includes(kind)) {
    return `a leaf ${leafKind} does not come of ${kind}`;
  }
  if (!isObject(body) || body.stream !== origin) {
    return "another log";
  }
  return (FITS[leafKind] ?? (() => true))(fields, kind, body) ? "" : "another range, state, case or text";
}

// [code, words] of what stands against one leaf; null where nothing. `applied` tells of each change [index, payload].
export function againstNamed(named, origin, applied, refused) {
  if (named.log !== origin) {
    return ["decision_unproven", `It names a decision of ${named.log}`];
  }
  const found = applied.get(named.change);
  if (!found) {
    return ["decision_unproven", `It names change ${named.change}, which is not carried out in what this bundle opens`];
  }
  const [index, { type, body }] = found;
  if (refused.has(index)) {
    return ["decision_unproven", `Change ${named.change} was not proved`];
  }
  const why = type === "emergency.apply" ? unlike(named, body.type, body.body) : unlike(named, type, body);
  return why ? ["decision_invalid", `Change ${named.change} decided something else: ${why}`] : null;
}
