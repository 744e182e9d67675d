// Encrypted keys that this browser keeps. Nothing unwrapped is ever put here: a browser's store is plain text on disk.
const NAME = "countersign-signer";
const KEYS = "keys";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS, { keyPath: "kid" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(KEYS, mode, { durability: "strict" });
      const request = act(transaction.objectStore(KEYS));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export function keysHere() {
  return within("readonly", (store) => store.getAll());
}

export function keep(key) {
  return within("readwrite", (store) => store.put(key));
}

export function forget(kid) {
  return within("readwrite", (store) => store.delete(kid));
}
