// Steps 2 and 17: the manifest against the files, and its signature against the log's export keys.
import { FILES, REQUIRED_FILES } from "./archive.js";
import { FUTURE_S } from "./assess.js";
import { MANIFEST_TYPE, parseManifest } from "./documents.js";
import { demandOneForm, pae, parseEnvelope } from "./dsse.js";
import { verify } from "./ed25519.js";
import { below } from "./notes.js";
import { counted, quoted } from "./octets.js";
import { Refusal } from "./refusal.js";
import { timeAt } from "./times.js";

export async function checkManifest(it) {
  const { findings, archive } = it;
  for (const name of [...REQUIRED_FILES, FILES.MANIFEST]) {
    if (!archive.has(name)) {
      findings.problem("file_missing", name, "Every bundle holds this file; it is not in the archive");
    }
  }
  if (!archive.has(FILES.MANIFEST)) {
    return;
  }
  try {
    await read(it);
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    findings.refused(problem, FILES.MANIFEST);
    return;
  }
  findings.ran("manifest");
  tellWhatItSays(it);
  compareFiles(it);
}

async function read(it) {
  const raw = await it.archive.read(FILES.MANIFEST);
  const signed = parseEnvelope(raw);
  if (signed.type !== MANIFEST_TYPE) {
    throw new Refusal("dsse_malformed", "The manifest has another payload type", { why: quoted(signed.type) });
  }
  const manifest = parseManifest(signed.payload);
  demandOneForm(raw, signed, manifest.kid);
  [it.signedManifest, it.manifest] = [signed, manifest];
}

// What the exporter says is lacking is told, not checked; and nothing judges README.txt.
function tellWhatItSays({ findings, manifest }) {
  findings.notClaimed("What README.txt says: it is for people, and nothing in it was compared.");
  for (const lacking of manifest.lacking) {
    findings.notClaimed(`The exporter says that this is lacking: ${lacking}.`);
  }
  const left = manifest.checkpoints_left_out;
  if (left) {
    findings.notClaimed(`${counted(left)} older checkpoints of the range were left out, says the exporter.`);
  }
}

function compareFiles({ findings, archive, manifest }) {
  const since = findings.count;
  const listed = Object.keys(manifest.files).sort();
  for (const name of archive.members.keys()) {
    if (name !== FILES.MANIFEST && !Object.hasOwn(manifest.files, name)) {
      findings.problem("manifest_file_extra", name, "The archive holds this file, the manifest does not list it");
    }
  }
  for (const name of listed.filter((one) => !archive.has(one))) {
    findings.problem("file_missing", name.slice(0, 100), "The manifest lists this file, the archive does not hold it");
  }
  for (const name of listed.filter((one) => archive.has(one))) {
    const [stated, held] = [manifest.files[name], archive.members.get(name)];
    if (stated.size !== held.size || stated.sha256 !== held.sha256) {
      const text = `The manifest lists ${counted(stated.size)} bytes with SHA-256 ${stated.sha256.slice(0, 16)}..., the archive holds `;
      findings.problem("manifest_file_mismatch", name, `${text}${counted(held.size)} bytes with ${held.sha256.slice(0, 16)}...`);
    }
  }
  findings.ran("files", { compared: listed.length, since });
}

export async function checkManifestSignature({ findings, history, head, manifest, signedManifest: signed }) {
  if (!signed) {
    return;
  }
  if (!history || !head) {
    findings.problem("manifest_key_unknown", FILES.MANIFEST, "Without the control leaves no export key is known");
    return;
  }
  const keys = history.delegatedAt("export", below(head.checkpoint.size));
  const key = keys.get(manifest.kid);
  const valid = key !== undefined && (await verify(key, pae(signed.type, signed.payload), signed.signatures[0].sig));
  if (key === undefined) {
    const text = `The manifest names export key ${manifest.kid}; the log delegates ${[...keys.keys()].join(", ") || "none"}`;
    findings.problem("manifest_key_unknown", FILES.MANIFEST, text);
  } else if (!valid) {
    findings.problem("manifest_signature_wrong", FILES.MANIFEST, `The signature does not verify under ${manifest.kid}`);
  }
  findings.ran("manifest_signature", { passed: valid });
}

// The latest time that does not lie ahead of the reader's clock; null without a clock.
export function latestTime({ now }) {
  return now === null ? null : timeAt(now + FUTURE_S);
}

export function checkTimes({ findings, reader, manifest }) {
  if (reader.now === null) {
    findings.notClaimed("Times were not compared with a clock: none was given.");
    return;
  }
  if (manifest && aheadOf(manifest.exported, reader.now + FUTURE_S)) {
    findings.problem("time_in_future", FILES.MANIFEST, `Exported at ${manifest.exported}, ahead of the clock`);
  }
  findings.ran("times", { passed: !findings.has("time_in_future") });
}

function aheadOf(text, seconds) {
  return seconds <= 253402300799 && text > timeAt(seconds);
}
