// Signatures beside the thread that reads: batches of up to a thousand WebCrypto calls at once, spread over helper workers
// where the browser gives some, else here.
import { verify } from "./ed25519.js";

const HELPERS = 3;

// Verdicts (1 valid, 0 not) of jobs { key, message, signature }, all at once.
export async function verifyAll(jobs) {
  const verdicts = await Promise.all(jobs.map(({ key, message, signature }) => verify(key, message, signature)));
  return Uint8Array.from(verdicts, Number);
}

// Jobs as one buffer, which moves to a helper instead of being copied.
function packed(jobs) {
  const lengths = Uint32Array.from(jobs, ({ message }) => message.length);
  const octets = new Uint8Array(lengths.reduce((sum, length) => sum + length + 96, 0));
  let at = 0;
  for (const { key, message, signature } of jobs) {
    octets.set(key, at);
    octets.set(signature, at + 32);
    octets.set(message, at + 96);
    at += message.length + 96;
  }
  return { lengths, octets };
}

export function unpacked({ lengths, octets }) {
  let at = 0;
  return Array.from(lengths, (length) => {
    const from = at;
    at += length + 96;
    return {
      key: octets.subarray(from, from + 32),
      signature: octets.subarray(from + 32, from + 96),
      message: octets.subarray(from + 96, at),
    };
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

  ask(jobs) {
    const { lengths, octets } = packed(jobs);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage({ lengths, octets }, [octets.buffer]);
    });
  }
}

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
    if (!this.helpers && jobs.length > 100) {
      this.begin();
    }
    const [helper] = (this.helpers ?? []).filter(({ broken }) => !broken).sort((a, b) => a.waiting.length - b.waiting.length);
    if (!helper) {
      return verifyAll(jobs);
    }
    try {
      return await helper.ask(jobs);
    } catch {
      return verifyAll(jobs);
    }
  }

  close() {
    this.helpers?.forEach(({ worker }) => worker.terminate());
  }
}
