// Copying, local times. Every page works without this file.
document.documentElement.classList.add("js");

const SAID_FOR_MS = 1600;

function say(button, words) {
  const before = button.dataset.words ?? button.textContent;
  button.dataset.words = before;
  button.setAttribute("aria-live", "polite");
  if (button.classList.contains("button")) {
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, SAID_FOR_MS);
  } else {
    button.classList.add("is-copied");
    setTimeout(() => button.classList.remove("is-copied"), SAID_FOR_MS);
  }
}

function textOf(button) {
  const source = button.dataset.copyFrom;
  return source ? document.getElementById(source).textContent : button.dataset.copy;
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(textOf(button));
    say(button, "Copied");
  } catch {
    say(button, "Not copied");
  }
}

function pad(number) {
  return String(number).padStart(2, "0");
}

function local(when) {
  const day = `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`;
  const minutes = -when.getTimezoneOffset();
  const zone = `UTC${minutes < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
  return `${day} ${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())} ${zone}`;
}

function prepareTimes(root) {
  for (const element of root.querySelectorAll("time.time")) {
    element.title = `${local(new Date(element.dateTime))} where you are`;
  }
}

const ZONE = "countersign-zone";

// A browser that keeps nothing (private windows, blocked storage) forgets the choice, and no more.
function kept() {
  try {
    return localStorage.getItem(ZONE) === "local";
  } catch {
    return false;
  }
}

function keep(on) {
  try {
    localStorage.setItem(ZONE, on ? "local" : "utc");
  } catch {
    return;
  }
}

function toggleTimes(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  keep(on);
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? "Show times in UTC" : "Show times in my zone";
  for (const element of document.querySelectorAll("time.time")) {
    element.dataset.utc ??= element.textContent;
    element.textContent = on ? local(new Date(element.dateTime)) : element.dataset.utc;
  }
}

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copy], [data-copy-from]");
  if (copier) {
    copy(copier);
  }
  const times = event.target.closest("[data-times]");
  if (times) {
    toggleTimes(times);
  }
  if (event.target.closest("[data-print]")) {
    window.print();
  }
});

// `/` and Ctrl+K lead to the search, unless somebody types or switched them off on the account page.
function leadsToSearch(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  return slash || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey);
}

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("input[data-shortcuts]");
  if (search && leadsToSearch(event)) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape" && document.activeElement?.closest(".hash")) {
    document.activeElement.blur();
  }
});

document.addEventListener("htmx:afterSwap", (event) => prepareTimes(event.target.parentElement ?? document));
prepareTimes(document);

const zone = document.querySelector("[data-times]");
if (zone && kept()) {
  toggleTimes(zone);
}
