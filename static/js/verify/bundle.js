// The seventeen steps over one bundle, in order. Whatever a step cannot do is recorded, and the next one goes on.
import { openArchive } from "./archive.js";
import { checkAttached, checkControlChain, checkKeys } from "./attached.js";
import { checkDecisions, checkLog } from "./decided.js";
import { checkClosed, checkContinued } from "./continued.js";
import { checkForks, checkNotesAgree, checkRemembered } from "./forks.js";
import { checkConsistency, checkHead, checkNotes } from "./heads.js";
import { checkGaps, checkHolds } from "./holds.js";
import { checkGenesis, checkKeyValidity, checkPolicies } from "./keys.js";
import { checkLeaves } from "./leaves.js";
import { checkManifest, checkManifestSignature, checkTimes } from "./manifest.js";
import { checkNeighbours } from "./neighbours.js";
import { checkObjects } from "./objects.js";
import { checkAnchors, checkFreshness, checkReliance } from "./outside.js";
import { checkPeriod } from "./period.js";
import { checkReceipts } from "./receipts.js";
import { Findings, guarded } from "./report.js";
import { SignatureMemory } from "./signatures.js";
import { checkWindows } from "./windows.js";

const DECISIONS = "decisions";

// Each step by its name, and as a sentence that is true while it runs.
export const BUNDLE_STEPS = [
  ["manifest", checkManifest, "Comparing every file with the manifest"],
  ["checkpoints", checkNotes, "Reading the checkpoints"],
  ["head", checkHead, "Verifying the largest checkpoint under your policy"],
  ["consistency", checkConsistency, "Joining the older checkpoints to the largest"],
  ["leaves", checkLeaves, "Reading the leaves and computing their root"],
  ["attached", checkAttached, "Proving the attached leaves in the log"],
  ["control chain", checkControlChain, "Walking the history of keys back to genesis"],
  ["neighbours", checkNeighbours, "Comparing leaves with their neighbours"],
  ["keys", checkKeys, "Deriving the keys anew"],
  ["genesis", checkGenesis, "Comparing the log's first leaf with yours"],
  ["key validity", checkKeyValidity, "Comparing the keys with those in force at each size"],
  ["predecessor", checkContinued, "Looking at the log that this one continues"],
  ["end of the log", checkClosed, "Looking for leaves behind the end of the log"],
  ["policies", checkPolicies, "Comparing the log's policies with yours"],
  ["checkpoints agree", checkNotesAgree, "Looking for a second history"],
  ["remembered", checkRemembered, "Comparing with the heads that you remember"],
  ["period", checkPeriod, "Counting the period again"],
  ["windows", checkWindows, "Computing the root of each window"],
  ["receipts", checkReceipts, "Verifying the receipts"],
  ["objects", checkObjects, "Opening the commitments"],
  ["anchors", checkAnchors, "Looking for time anchors"],
  ["forks", checkForks, "Proving reported forks again"],
  ["reliance", checkReliance, "Looking for pauses of reliance"],
  ["holds", checkHolds, "Looking for holds, and erasures that broke them"],
  [DECISIONS, null, "Judging governance decisions"],
  ["gaps", checkGaps, "Looking for gaps at the source"],
  ["freshness", checkFreshness, "Judging the age of the head"],
  ["times", checkTimes, "Comparing times with the clock"],
  ["manifest signature", checkManifestSignature, "Verifying the manifest's signature"],
];

// What the steps of one verification know so far, and hand on to the next.
class Case {
  constructor(reader, findings, archive, { pool, progress }) {
    Object.assign(this, { reader, findings, archive, pool, progress });
    [this.manifest, this.signedManifest, this.head, this.leaves, this.history] = [null, null, null, null, null];
    [this.notes, this.attached, this.provedRoots, this.rangeProved] = [[], new Map(), new Map(), false];
    this.memory = new SignatureMemory();
  }

  // A case for a log inside this one: with a reader, findings and an archive of its own.
  within({ reader, findings, archive }) {
    return new Case(reader, findings, archive, { pool: this.pool, progress: this.progress });
  }

  // Whether a log key of the reader's policy signed the head: without it nothing here is the log's word.
  get headSigned() {
    return this.findings.passed("head");
  }

  get origin() {
    return this.head?.checkpoint.origin ?? this.manifest?.origin ?? null;
  }

  // Leaves of these kinds by index: those of the range and those attached.
  known(kinds) {
    const wanted = new Set(kinds);
    const both = new Map([...this.attached, ...(this.leaves?.kept ?? [])]);
    return new Map([...both].filter(([, leaf]) => wanted.has(leaf.kind)).sort(([a], [b]) => a - b));
  }
}

async function run(it, tick, decisions) {
  for (const [name, step, words] of BUNDLE_STEPS) {
    tick(name, words);
    await guarded(it.findings, name, () => (name === DECISIONS ? decisions : step)(it));
  }
}

async function verified(findings, blob, reader, { pool, tick, progress, limits }, decisions) {
  let archive = null;
  tick("archive", "Unpacking the archive and hashing its files");
  await guarded(findings, "archive", async () => {
    archive = await openArchive(blob, findings, progress, limits);
  });
  if (!archive) {
    return findings.report();
  }
  await run(new Case(reader, findings, archive, { pool, progress }), tick, decisions);
  findings.notClaimed("That what the events say is true, and that everything that happened was recorded.");
  return findings.report();
}

// Verifies the bundle in `blob` (.tar.gz or .tar) before `reader`. Throws Unreadable alone.
export function verifyBundle(blob, reader, tools) {
  const silent = (inner, decisions) => run(inner, () => {}, decisions);
  return verified(new Findings("bundle"), blob, reader, tools, (it) => checkDecisions(it, silent));
}

// The same for a governance export, in which every decision is judged again.
export function verifyGovernance(blob, reader, tools) {
  const findings = new Findings("governance");
  findings.subject.governance_origin = reader.trust.governanceOrigin;
  return verified(findings, blob, reader, tools, checkLog);
}
