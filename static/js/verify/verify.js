// The door of the verifier: one file before one reader. It reads what it is given and nothing else: no request is made.
import { verifyBundle, verifyGovernance } from "./bundle.js";
import { parsePolicy } from "./policies.js";
import { Pool } from "./pool.js";
import { Refusal } from "./refusal.js";
import { Findings, Unreadable } from "./report.js";
import { verifyCheckpoint, verifyProof } from "./single.js";
import { verifyReceipt } from "./single_receipt.js";
import { NO_TRUST, parseTrust } from "./trust.js";

const MAX_INPUT = 64 << 20;
const silent = () => {};

function unusable(code, path, message) {
  const findings = new Findings("unusable");
  findings.problem(code, path, message);
  return findings.report();
}

function said({ what, why, path }) {
  return `${what}${path ? ` at ${path}` : ""}${why ? `: ${why}` : ""}`;
}

function readerOf({ policy, trust, now }) {
  let read;
  try {
    read = parsePolicy(policy);
  } catch (problem) {
    return { refused: refusedInput(problem, "policy_invalid", "policy") };
  }
  try {
    return { policy: read, trust: trust ? parseTrust(trust) : NO_TRUST, now: now ?? null };
  } catch (problem) {
    return { refused: refusedInput(problem, "trust_invalid", "trust.json") };
  }
}

function refusedInput(problem, code, path) {
  if (!(problem instanceof Refusal)) {
    throw problem;
  }
  return unusable(code, path, said(problem));
}

// What the first bytes of a file say it is: bundle, proof, checkpoint or receipt.
export async function kindOf(blob) {
  const head = new Uint8Array(await blob.slice(0, 512).arrayBuffer());
  const text = new TextDecoder().decode(head);
  if ((head[0] === 0x1f && head[1] === 0x8b) || text.slice(257, 262) === "ustar") {
    return "bundle";
  }
  if (text.startsWith("c2sp.org/tlog-proof@")) {
    return "proof";
  }
  if (text.trimStart().startsWith("{")) {
    return "receipt";
  }
  return /^[^\n]+\n[0-9]+\n/.test(text) ? "checkpoint" : "bundle";
}

async function small(blob) {
  if (blob.size > MAX_INPUT) {
    throw new Unreadable(`It is longer than ${MAX_INPUT} bytes`);
  }
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (problem) {
    throw new Unreadable(problem.message);
  }
}

async function run(kind, blob, reader, tools) {
  if (kind === "bundle") {
    return verifyBundle(blob, reader, tools);
  }
  if (kind === "governance") {
    return verifyGovernance(blob, reader, tools);
  }
  const octets = await small(blob);
  tools.tick(kind, "Reading the file and verifying what it says");
  const leaf = tools.leaf ? await small(tools.leaf) : null;
  const single = {
    checkpoint: () => verifyCheckpoint(octets, reader),
    proof: () => verifyProof(octets, leaf, reader),
    receipt: () => verifyReceipt(octets, reader),
  };
  return single[kind]();
}

// The report on `blob` (a File or Blob). `given` holds policy and trust as bytes, and now as POSIX seconds or null.
export async function verifyFile(kind, blob, given, { helpers = null, tick = silent, progress = silent, limits } = {}) {
  const reader = readerOf(given);
  if (reader.refused) {
    return reader.refused;
  }
  const pool = new Pool(helpers);
  try {
    return await run(kind, blob, reader, { pool, tick, progress, limits, leaf: given.leaf });
  } catch (problem) {
    if (problem instanceof Unreadable) {
      return unusable("input_unreadable", blob.name ?? "file", problem.message);
    }
    throw problem;
  } finally {
    pool.close();
  }
}
