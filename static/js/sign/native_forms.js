// The closed forms of native artefacts, one for each kind: exactly these members, each of its own type. Whole numbers
// are those of 64 bits; bytes stand as lists of integers.
import { fromHex, hexOf } from "../verify/octets.js";
import { malformed } from "./native_text.js";

export const NULLSPEC = "nullspec_contract";
const RECORD = "oracle_record";
const EPOCH = "epoch_control";
const EVENT = "governance_event";
export const KINDS = [NULLSPEC, RECORD, EPOCH, EVENT];
// What stands before the payload where a digest is signed; other kinds are signed as they are.
export const DOMAINS = { [RECORD]: "evidenceos:oracle_operator_record:v1", [EPOCH]: "evidenceos:epoch_control:v1" };
// What the executor fixes: the approved digest is over the rest.
export const OPEN = { [NULLSPEC]: [], [RECORD]: ["key_id", "updated_at_epoch"], [EPOCH]: ["key_id", "updated_at_epoch"], [EVENT]: ["epoch", "key_id"] };
const SECONDS = { [RECORD]: "updated_at_epoch", [EPOCH]: "updated_at_epoch", [EVENT]: "epoch" };
const U64_MAX = 18446744073709551615n;
const LAST_SECOND = 253402300799n;
const OCTETS = ["nullspec_id", "oracle_resolution_hash", "calibration_manifest_hash", "signature_ed25519"];
const WHOLE = /^(?:0|[1-9][0-9]{0,19})$/;

function other(path, expected) {
  return malformed("This is not the form of its kind", path, `${expected} is expected`);
}

function of(kind, expected) {
  return (node, path) => {
    if (node.kind !== kind) {
      throw other(path, expected);
    }
  };
}

const text = of("string", "text");
const number = of("number", "a number");

function u64(node, path) {
  if (node.kind !== "number" || !WHOLE.test(node.token) || BigInt(node.token) > U64_MAX) {
    throw other(path, `a whole number from 0 to ${U64_MAX}`);
  }
}

function token(...tokens) {
  return (node, path) => {
    if (!tokens.includes(node.token)) {
      throw other(path, tokens.join(" or "));
    }
  };
}

function octets(size) {
  return (node, path) => {
    const fits = node.kind === "array" && node.items.length === size;
    if (!fits || node.items.some((one) => !WHOLE.test(one.token) || BigInt(one.token) > 255n)) {
      throw other(path, `${size} bytes as a list of integers`);
    }
  };
}

function maybe(inner) {
  return (node, path) => {
    if (!(node.kind === "word" && node.token === "null")) {
      inner(node, path);
    }
  };
}

function numbers(node, path) {
  if (node.kind !== "array" || !node.items.length) {
    throw other(path, "a list of numbers");
  }
  node.items.forEach((one, place) => number(one, `${path}[${place}]`));
}

function closed(form) {
  const names = Object.keys(form).sort();
  return (node, path) => {
    if (node.kind !== "object" || node.members.size !== names.length || names.some((name) => !node.members.has(name))) {
      throw other(path, `an object of ${names.join(", ")}`);
    }
    for (const name of names) {
      form[name](node.members.get(name).node, `${path}.${name}`);
    }
  };
}

function oneOf(forms) {
  return (node, path) => {
    const [name] = node.members.keys();
    if (node.kind !== "object" || node.members.size !== 1 || !Object.hasOwn(forms, name)) {
      throw other(path, `one of ${Object.keys(forms).sort().join(", ")}`);
    }
    forms[name](node.members.get(name).node, `${path}.${name}`);
  };
}

const EVENTS = {
  '"oracle_ttl_set"': closed({ oracle_id: text, ttl_epochs: u64 }),
  '"oracle_calibration_rotated"': closed({ calibration_hash: text, oracle_id: text }),
  '"epoch_advanced"': closed({ to: u64 }),
};
const FORMS = {
  [NULLSPEC]: {
    schema: token('"evidenceos.nullspec.v1"'), nullspec_id: token(`[${Array(32).fill("0").join(",")}]`), oracle_id: text,
    oracle_resolution_hash: octets(32), holdout_handle: text, epoch_created: u64, ttl_epochs: u64,
    kind: oneOf({ DiscreteBuckets: closed({ p0: numbers }), ParametricBernoulli: closed({ p: number }) }),
    eprocess: oneOf({ DirichletMultinomialMixture: closed({ alpha: numbers }), LikelihoodRatioFixedAlt: closed({ alt: numbers }) }),
    calibration_manifest_hash: maybe(octets(32)), created_by: text, signature_ed25519: token("[]"),
  },
  [RECORD]: {
    calibration_epoch: maybe(u64), calibration_manifest_hash_hex: text, key_id: text,
    disjointness_attestation: maybe(closed({ proof_sha256_hex: text, scope: text, statement_type: text })),
    nonoverlap_proof_uri: maybe(text), oracle_id: text, schema_version: token("1"), ttl_epochs: u64, updated_at_epoch: u64,
  },
  [EPOCH]: { forced_epoch: u64, key_id: text, updated_at_epoch: u64 },
  [EVENT]: { epoch: u64, event_type: token(...Object.keys(EVENTS)), key_id: text, payload: of("object", "an object") },
};

// Refused unless the object has exactly the members of its kind; without the open ones if not `whole`.
export function checkForm(kind, root, whole) {
  const left = whole ? [] : OPEN[kind];
  const form = Object.fromEntries(Object.entries(FORMS[kind]).filter(([name]) => !left.includes(name)));
  closed(form)(root, "$");
  if (kind === EVENT) {
    EVENTS[root.members.get("event_type").node.token](root.members.get("payload").node, "$.payload");
  }
}

// Bytes in hexadecimal, in the members that hold bytes as a list of integers; null for everything else.
export function octetsIn(kind, path, node) {
  const bytes = kind === NULLSPEC && OCTETS.includes(path) && node.kind === "array";
  return bytes ? hexOf(Uint8Array.from(node.items, (one) => Number(one.token))) : null;
}

// The moment behind a number of unix seconds, in words to stand after it; "" for everything else.
export function secondIn(kind, path, node) {
  if (path !== SECONDS[kind] || BigInt(node.token) > LAST_SECOND) {
    return "";
  }
  return ` (${new Date(Number(node.token) * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC)`;
}

// A list of integers of bytes, as EvidenceOS writes it.
export function numbersOf(bytes) {
  return `[${Array.from(typeof bytes === "string" ? fromHex(bytes) : bytes).join(",")}]`;
}
