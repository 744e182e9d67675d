// Signatures beside the thread that reads: batches of up to a thousand WebCrypto calls at once, spread over helper workers
// where the browser gives some, else here.
import { packedLines } from "./commitments.js";
import { verify } from "./ed25519.js";

const HELPERS = 3;

// Verdicts (1 valid, 0 not) of jobs { key, message, signature }, all at once.
export async function verifyAll(jobs) {
  const verdicts = await Promise.all(jobs.map(({ key, message, signature }) => verify(key, message, signature)));
  return Uint8Array.from(verdicts, Number);
}

// Jobs as one buffer, which moves to a helper instead of being copied; each key stands there once.
function packed(jobs) {
  const keys = [...new Set(jobs.map(({ key }) => key))];
  const lengths = Uint32Array.from(jobs, ({ message }) => message.length);
  const octets = new Uint8Array(lengths.reduce((sum, length) => sum + length + 64, 0));
  let at = 0;
  for (const { message, signature } of jobs) {
    octets.set(signature.subarray(0, 64), at);
    octets.set(message, at + 64);
    at += message.length + 64;
  }
  return { keys, which: Uint16Array.from(jobs, ({ key }) => keys.indexOf(key)), lengths, octets };
}

export function unpacked({ keys, which, lengths, octets }) {
  let at = 0;
  return Array.from(lengths, (length, place) => {
    const from = at;
    at += length + 64;
    return { key: keys[which[place]], signature: octets.subarray(from, from + 64), message: octets.subarray(from + 64, at) };
  });
}

// A helper worker that answers batches in turn.
class Helper {
  constructor(worker) {
    [this.worker, this.waiting] = [worker, []];
    worker.onmessage = ({ data }) => this.waiting.shift()?.resolve(data);
    worker.onerror = (problem) => {
      problem.preventDefault?.();
      this.broken = true;
      this.waiting.splice(0).forEach(({ reject }) => reject(new Error("a helper stopped")));
    };
  }

  ask(batch) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(batch, [batch.octets.buffer]);
    });
  }
}

// A signature of another length is wrong wherever it is verified, and has no place in a batch.
const whole = ({ signature }) => signature.length === 64;

export class Pool {
  // `start` makes a helper worker; null where there are none.
  constructor(start) {
    [this.start, this.helpers] = [start, null];
  }

  begin() {
    const count = this.start ? Math.min(HELPERS, Math.max((navigator.hardwareConcurrency ?? 2) - 1, 1)) : 0;
    try {
      this.helpers = Array.from({ length: count }, () => new Helper(this.start()));
    } catch {
      this.helpers = [];
    }
  }

  async verify(jobs) {
    if (!jobs.length) {
      return new Uint8Array(0);
    }
    const helper = this.helper(jobs.length);
    if (!helper || !jobs.every(whole)) {
      return verifyAll(jobs);
    }
    try {
      return await helper.ask(packed(jobs));
    } catch {
      return verifyAll(jobs);
    }
  }

  // The helper with the least to do; null where there is none, or too little to do for one.
  helper(count) {
    if (!this.helpers && count > 100) {
      this.begin();
    }
    const able = (this.helpers ?? []).filter(({ broken }) => !broken);
    return able.sort((a, b) => a.waiting.length - b.waiting.length)[0] ?? null;
  }

  // What a helper says of lines of objects; null where none answers.
  async open(role, lines) {
    try {
      return (await this.helper(lines.length)?.ask(packedLines(role, lines))) ?? null;
    } catch {
      return null;
    }
  }

  // Whether a helper answers; nothing is decided by it, but how long a verification takes.
  async works() {
    this.begin();
    try {
      const nothing = { key: new Uint8Array(32), message: new Uint8Array(0), signature: new Uint8Array(64) };
      return this.helpers.length > 0 && (await this.helpers[0].ask(packed([nothing]))).length === 1;
    } catch {
      return false;
    } finally {
      this.close();
    }
  }

  close() {
    this.helpers?.forEach(({ worker }) => worker.terminate());
  }
}
