// A receipt with what its holder kept beside it. Everything that is compared must be of one log; the key counts only where
// the history of the log's keys is shown, and the log contradicts its receipt only where its own head shows another leaf.
import { refuseWeak } from "./attached.js";
import { checkEnded } from "./continued.js";
import { historyOf, windowOf } from "./control.js";
import { pae, parseEnvelope } from "./dsse.js";
import { verify } from "./ed25519.js";
import { base64 } from "./fields.js";
import { Fraction, isObject, parse } from "./json.js";
import { checkKeyLeaf } from "./keys.js";
import { parseLeaf } from "./leaf.js";
import { leafHash } from "./merkle.js";
import { parseCheckpoint, parseNote } from "./notes.js";
import { ATTRS_TYPE, WRONG, opens } from "./objects.js";
import { fromHex, hexOf, quoted, utf8 } from "./octets.js";
import { RECEIPT_TYPE, differences, parseReceipt } from "./receipt.js";
import { Refusal } from "./refusal.js";
import { Findings, guarded } from "./report.js";
import { included, parseProof, see, shows } from "./single.js";
import { later } from "./times.js";

const MAX_CONTROL = 10000;

function schema(what, path = "") {
  return new Refusal("leaf_schema", what, { path });
}

function objectIn(value, name) {
  if (!isObject(value[name])) {
    throw schema("A JSON object is expected in the receipt file", name);
  }
  return value[name];
}

function octetsIn(value, name) {
  return (value[name] ?? null) === null ? null : base64(value[name]);
}

function proofIn(value, name) {
  if ((value[name] ?? null) === null) {
    return null;
  }
  if (typeof value[name] !== "string") {
    throw schema("A proof is the text of a .tlog-proof file", name);
  }
  return parseProof(utf8(value[name]));
}

// The file, or the signed receipt alone, read strictly: a field that is there is used or refused.
function readFile(octets) {
  const read = parse(octets);
  if (!isObject(read)) {
    throw schema("A receipt file must be a JSON object");
  }
  const value = Object.hasOwn(read, "payloadType") ? { receipt: read } : read;
  const control = value.control === undefined ? [] : value.control;
  if (!Array.isArray(control) || control.length > MAX_CONTROL) {
    throw schema("A list of at most 10,000 control leaves is expected", "control");
  }
  return {
    signed: parseEnvelope(objectIn(value, "receipt")),
    leaf: octetsIn(value, "leaf"),
    genesis: octetsIn(value, "genesis"),
    genesisProof: proofIn(value, "genesis_proof"),
    window: proofIn(value, "window"),
    control: control.map((one) => base64(one)),
    proof: proofIn(value, "proof"),
    objects: objectIn({ objects: {}, ...value }, "objects"),
    salts: objectIn({ salts: {}, ...value }, "salts"),
    told: Object.fromEntries(["index", "leaf_hash"].filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]])),
  };
}

export async function verifyReceipt(octets, reader) {
  const findings = new Findings("receipt");
  await guarded(findings, "receipt", () => check(findings, reader, readFile(octets)));
  return findings.report();
}

async function check(findings, reader, kept) {
  if (kept.signed.type !== RECEIPT_TYPE) {
    throw new Refusal("dsse_malformed", "A receipt has another payload type", { why: quoted(kept.signed.type) });
  }
  const receipt = parseReceipt(kept.signed.payload);
  const { origin, index, leaf_hash: hash } = receipt;
  Object.assign(findings.subject, { origin, index, leaf_hash: hash });
  compareTold(findings, kept, receipt);
  const known = await historyFor(findings, reader, kept, receipt);
  checkEnded(findings, reader, origin, index);
  const valid = known !== null && (await signature(findings, known, kept, receipt));
  const leaf = kept.leaf === null ? null : parseLeaf(kept.leaf);
  const fits = checkFits(findings, known, receipt, leaf);
  openObjects(findings, kept, fits ? leaf : null);
  if ((await promiseKept(findings, reader, kept, receipt, valid)) && leaf === null) {
    findings.ran("receipt", { compared: 0 });
  }
}

// Index and leaf hash that stand beside the receipt for people are those of the receipt.
function compareTold(findings, { told }, receipt) {
  const plain = (value) => (value instanceof Fraction ? value.value : value);
  const wrong = Object.keys(told).filter((name) => plain(told[name]) !== receipt[name]);
  if (wrong.length) {
    findings.problem("receipt_mismatch", "receipt", `The file states another ${wrong.join(" and ")} than the receipt`);
  }
}

// The log's keys as far as the file proves them, whole for leaves below `until` (null: genesis alone); null with a problem.
async function historyFor(findings, reader, kept, receipt) {
  const pin = reader.trust.genesis;
  if (pin !== null && pin !== receipt.log) {
    findings.problem("genesis_mismatch", "receipt", `You pinned ${pin}, the receipt is of ${receipt.log}`);
  }
  if (kept.genesis === null) {
    const text = "The genesis leaf, which delegates the key, is not in the file";
    findings.problem("receipt_key_unproven", "genesis", text);
    return null;
  }
  const genesis = parseLeaf(kept.genesis);
  if (hexOf(genesis.hash) !== receipt.log || genesis.origin !== receipt.origin) {
    findings.problem("genesis_mismatch", "genesis", "The genesis leaf in the file is not the one the receipt names");
    return null;
  }
  const whole = await wholeHistory(findings, reader, kept, receipt, genesis);
  if (whole !== null) {
    return whole;
  }
  if (pin !== hexOf(genesis.hash) && !(await genesisProved(findings, reader, kept.genesisProof, genesis))) {
    findings.problem("receipt_key_unproven", "genesis", "The genesis leaf is neither pinned in trust.json nor proved");
    return null;
  }
  return { history: await derived(findings, [genesis]), until: null };
}

// The checkpoint of a proof, if it is of the receipt's log; one of another log says nothing and is recorded.
async function seeLog(findings, reader, proof, origin, path) {
  const note = parseNote(proof.note);
  const { origin: found } = parseCheckpoint(note.text);
  if (found !== origin) {
    findings.problem("origin_mismatch", path, `The checkpoint is of ${found}, the receipt of ${origin}`);
    return null;
  }
  return see(findings, reader, note);
}

async function genesisProved(findings, reader, proof, genesis) {
  if (proof === null || proof.index !== 0) {
    return false;
  }
  const seen = await seeLog(findings, reader, proof, genesis.origin, "genesis_proof");
  return seen !== null && included(findings, seen, proof, genesis.hash, "genesis_proof") && seen.signed;
}

// The history that a later window manifest proves; null, with a problem where one is given that does not.
async function wholeHistory(findings, reader, { window: proof, control }, receipt, genesis) {
  if (proof === null) {
    return null;
  }
  if (proof.extra === null) {
    findings.problem("receipt_key_unproven", "window", "The proof does not carry the window manifest as `extra`");
    return null;
  }
  const manifest = parseLeaf(proof.extra);
  const window = windowOf(manifest);
  if (manifest.origin !== receipt.origin) {
    findings.problem("origin_mismatch", "window", `It is of ${manifest.origin}, the receipt of ${receipt.origin}`);
    return null;
  }
  if (manifest.index !== proof.index || manifest.index <= Math.max(receipt.index, receipt.at)) {
    const text = `The manifest at leaf ${manifest.index} is not behind leaf ${receipt.index}, or not at its proof's index`;
    findings.problem("receipt_key_unproven", "window", text);
    return null;
  }
  const seen = await seeLog(findings, reader, proof, receipt.origin, "window");
  if (seen === null || !included(findings, seen, proof, manifest.hash, "window") || !seen.signed) {
    return null;
  }
  const chain = [genesis, ...control.map(parseLeaf)];
  historyOf(chain, window.control);
  return { history: await derived(findings, chain), until: manifest.index };
}

async function derived(findings, chain) {
  const history = historyOf(chain);
  refuseWeak(history);
  for (const leaf of chain.filter(({ kind }) => kind === "key")) {
    await checkKeyLeaf(findings, history, leaf);
  }
  return history;
}

// Whether the log signed the receipt, as far as its keys at that index are shown.
async function signature(findings, { history, until }, { signed }, receipt) {
  const { kid, index, at, issued } = receipt;
  const key = history.delegatedAt("receipt", at).get(kid);
  const named = `key ${kid} at leaf ${at}`;
  const beyond = until !== null && at >= until;
  if (key === undefined || at < index || beyond) {
    const retired = until !== null && at >= index && !beyond && history.keys.some((span) => span.key.kid === kid);
    const code = retired ? "receipt_signature_wrong" : "receipt_key_unproven";
    findings.problem(code, "receipt", `The control leaves in the file do not delegate ${named}`);
    return false;
  }
  const [{ sig }, ...more] = signed.signatures;
  if (more.length || !(await verify(key, pae(signed.type, signed.payload), sig))) {
    findings.problem("receipt_signature_wrong", "receipt", `The signature does not verify under ${kid}`);
    findings.ran("receipt_key", { passed: false });
    return false;
  }
  findings.ran("receipt_key");
  if (issued !== null) {
    findings.note("receipt_reissued", "receipt", `Signed at leaf ${issued}, under key ${kid}`);
  }
  if (until === null) {
    const text = `Nothing shows that ${named} was still in force: keep a later window manifest (\`window\`, \`control\`)`;
    findings.problem("receipt_key_unproven", "window", text);
  }
  return until !== null;
}

// Whether the receipt fits its leaf, and its promise the log's merge delay.
function checkFits(findings, known, receipt, leaf) {
  const wrong = leaf ? differences(receipt, leaf, hexOf(leaf.hash)) : [];
  if (known && receipt.promised_by !== later(receipt.recorded, known.history.maxMergeDelay)) {
    wrong.push("promised_by");
  }
  if (wrong.length) {
    findings.problem("receipt_mismatch", "leaf", `The receipt differs from leaf and log in ${wrong.join(", ")}`);
    findings.ran("receipt", { passed: false });
  } else if (leaf) {
    findings.ran("receipt", { compared: 1 });
  } else {
    findings.notClaimed("The leaf is not in the file: what was receipted was not compared.");
  }
  return leaf !== null && !wrong.length;
}

function openObjects(findings, kept, leaf) {
  const { media_type: stated = "application/json" } = kept.objects;
  const media = { attrs: ATTRS_TYPE, payload: String(stated) };
  for (const role of Object.keys(kept.objects).filter((name) => name !== "media_type").sort()) {
    const committed = Object.hasOwn(WRONG, role);
    if (leaf && committed && Object.hasOwn(kept.salts, role)) {
      open(findings, leaf, role, media[role], kept);
    } else if (leaf && committed) {
      findings.problem("payload_missing", role, `The ${role} cannot be compared without its salt`);
    } else {
      const reason = committed ? "the leaf that commits to it is not in the file" : "a leaf commits to no such object";
      findings.notClaimed(`The object ${quoted(role, 40)} was not opened: ${reason}.`);
    }
  }
}

function open(findings, leaf, role, mediaType, { salts, objects }) {
  let holds = false;
  let why = "The disclosed bytes are not the ones the leaf commits to";
  try {
    const commitment = fromHex(leaf.fields[role] ?? "");
    holds = opens(commitment, base64(salts[role]), mediaType, base64(objects[role]));
  } catch (problem) {
    if (!(problem instanceof Refusal)) {
      throw problem;
    }
    why = problem.what;
  }
  if (!holds) {
    findings.problem(WRONG[role], role, why);
  }
  findings.ran("objects", { passed: holds });
}

// Whether the log kept its promise; `valid`: the log is shown to have signed the receipt.
async function promiseKept(findings, reader, kept, receipt, valid) {
  const { proof } = kept;
  if (proof === null) {
    findings.notClaimed("No inclusion proof was given: that the log kept its promise is not shown.");
    return false;
  }
  if (proof.index !== receipt.index) {
    const text = `The proof is for leaf ${proof.index}, the receipt for ${receipt.index}`;
    findings.problem("receipt_mismatch", "proof", text);
    return false;
  }
  const seen = await seeLog(findings, reader, proof, receipt.origin, "proof");
  if (seen === null) {
    return false;
  }
  if (included(findings, seen, proof, fromHex(receipt.leaf_hash))) {
    return true;
  }
  if (valid && another(seen, kept, receipt)) {
    findings.problem("receipt_contradicted", "proof", "The log signed this receipt, and shows another leaf at its index");
    findings.ran("receipt", { passed: false });
  }
  return false;
}

// Whether another leaf is proved at the receipt's index under a head that the log signed.
function another(seen, { proof, leaf }, receipt) {
  const others = [proof.extra, leaf].filter((entry) => entry !== null).map(leafHash);
  return seen.signed && others.some((hash) => hexOf(hash) !== receipt.leaf_hash && shows(seen, proof, hash));
}
