// The door from a page to the worker in which a file is verified.
import { startWorker } from "./trusted_url.js";

let address = null;

// Where the worker's script is: beside this page, or in the page itself where that was saved as one file.
function workerUrl() {
  const source = globalThis.countersignSource;
  address ??= source
    ? URL.createObjectURL(new Blob([source], { type: "text/javascript" }))
    : new URL(document.querySelector("[data-worker]").dataset.worker, document.baseURI).href;
  return address;
}

// Starts a worker on `request`; each message goes to `told`. `done` ends with the report, `stop` ends the worker.
export function verifyInWorker(request, told = () => {}) {
  const worker = startWorker(workerUrl(), "verifier");
  const done = new Promise((resolve, reject) => {
    worker.onerror = (problem) => reject(new Error(problem.message || "the worker could not start"));
    worker.onmessage = ({ data }) => {
      told(data);
      if (data.fault) {
        reject(new Error(data.fault));
      } else if (data.report || data.capabilities) {
        resolve(data);
      }
    };
  }).finally(() => worker.terminate());
  worker.postMessage({ ...request, source: globalThis.countersignSource });
  return { done, stop: () => worker.terminate() };
}
