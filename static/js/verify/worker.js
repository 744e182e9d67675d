// The worker in which a file is verified, and its helpers that verify batches of signatures.
import { openedLines } from "./commitments.js";
import { ENDS } from "./decided.js";
import { isNative } from "./ed25519.js";
import { Pool, unpacked, verifyAll } from "./pool.js";
import { hasMldsa } from "./signatures.js";
import { startWorker } from "./trusted_url.js";
import { kindOf, verifyFile } from "./verify.js";

const HELPER = "helper";
const EVERY_MS = 100;

// A worker of a page from a disk may not start its own address again, but one made of the same text.
function helperOf(source) {
  const url = source ? URL.createObjectURL(new Blob([source], { type: "text/javascript" })) : globalThis.location.href;
  return () => startWorker(url, HELPER);
}

// Tells at most ten times a second how far a step has come.
function progressOf(tell) {
  let last = 0;
  return (done, total, unit) => {
    const now = performance.now();
    if (now - last > EVERY_MS) {
      last = now;
      tell({ progress: { done, total, unit } });
    }
  };
}

async function verified({ id, kind, file, policy, trust, now, leaf, limits, source }) {
  const tell = (message) => globalThis.postMessage({ id, ...message });
  const found = kind ?? (await kindOf(file));
  const tick = (step, words) => tell({ step, words });
  const tools = { helpers: helperOf(source), tick, progress: progressOf(tell), limits };
  const given = { policy, trust, now, leaf };
  const report = await verifyFile(found, file, given, tools);
  // A log of decisions is verified as one, unless something else was asked for.
  const isLog = !kind && found === "bundle" && String(report.subject.origin).endsWith(ENDS);
  tell(isLog ? { report: await verifyFile("governance", file, given, tools), kind: "governance" } : { report, kind: found });
}

async function told({ data }) {
  if (data.capabilities) {
    const helpers = await new Pool(helperOf(data.source)).works();
    globalThis.postMessage({ capabilities: { mldsa44: await hasMldsa(), ed25519: await isNative(), helpers } });
    return;
  }
  try {
    await verified(data);
  } catch (problem) {
    globalThis.postMessage({ id: data.id, fault: `${problem.name}: ${problem.message}` });
  }
}

globalThis.onmessage = globalThis.name === HELPER
  ? async ({ data }) => globalThis.postMessage(data.role ? openedLines(data) : await verifyAll(unpacked(data)))
  : told;
