// Addresses of this verifier's own workers, and of nothing else, may become a worker (Trusted Types).
const own = new Set();
const policy = globalThis.trustedTypes?.createPolicy("verifier-worker", {
  createScriptURL(url) {
    if (own.has(url)) {
      return url;
    }
    throw new TypeError("Only the verifier's own worker may start here.");
  },
});

// One saved file holds a classic script: from a disk a browser gives no module to a worker.
export function startWorker(url, name) {
  own.add(url);
  const type = url.startsWith("blob:") ? "classic" : "module";
  return new Worker(policy ? policy.createScriptURL(url) : url, { type, name });
}
