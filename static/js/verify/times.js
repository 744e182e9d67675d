// The one spelling of a point in time: RFC 3339 UTC with six digits of a second. Order of texts is order of times.
import { quoted } from "./octets.js";
import { Refusal } from "./refusal.js";

const FORM = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z$/;
const LAST_SECOND = 253402300799;

// Whole seconds since 1970 of a date that exists; null for the 31st of February.
function secondsOf(year, month, day, hour, minute, second) {
  if (year < 1 || hour > 23 || minute > 59 || second > 59) {
    return null;
  }
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== day) {
    return null;
  }
  return moment.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function read(text) {
  const found = FORM.exec(text);
  if (!found) {
    throw new Refusal("leaf_schema", "A time is not UTC with six digits of a second", { why: quoted(text) });
  }
  const seconds = secondsOf(...found.slice(1, 7).map(Number));
  if (seconds === null) {
    throw new Refusal("leaf_schema", "A time names a moment that does not exist", { why: quoted(text) });
  }
  return { seconds, fraction: found[7] };
}

const CLOCKED = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$/;
let lastDay = "";

// Most times of a log lie on the day of the one before.
export function checkTime(text) {
  if (lastDay !== "" && text.startsWith(lastDay) && CLOCKED.test(text)) {
    return;
  }
  read(text);
  lastDay = text.slice(0, 11);
}

export function isTime(text) {
  try {
    checkTime(text);
    return true;
  } catch {
    return false;
  }
}

// Microseconds since 1970 as a BigInt.
export function microsOf(text) {
  const { seconds, fraction } = read(text);
  return BigInt(seconds) * 1000000n + BigInt(fraction);
}

function spelled(seconds, fraction) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

// A POSIX time, or the nearest one of 1970 to 9999.
export function timeAt(seconds) {
  return spelled(Math.min(Math.max(Number(seconds), 0), LAST_SECOND), "000000");
}

const TWO = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

// A checked time that many seconds later; refused beyond the year 9999.
export function later(text, delay) {
  const clock = Number(text.slice(11, 13)) * 3600 + Number(text.slice(14, 16)) * 60 + Number(text.slice(17, 19)) + delay;
  if (clock < 86400) {
    const minutes = Math.floor(clock / 60);
    return `${text.slice(0, 11)}${TWO[Math.floor(minutes / 60)]}:${TWO[minutes % 60]}:${TWO[clock % 60]}${text.slice(19)}`;
  }
  const { seconds, fraction } = read(text);
  if (seconds + delay > LAST_SECOND) {
    throw new Refusal("leaf_schema", "A receipt cannot promise a time beyond the year 9999", { why: text });
  }
  return spelled(seconds + delay, fraction);
}

const DATE = /^(\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2})|-W(\d{2})(?:-(\d))?|W(\d{2})(\d)?)$/;
const CLOCK = /^(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?|(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?$/;

const MOMENT = /^(\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}-\d|\d{4}-W\d{2}|\d{4}W\d{2}\d?|\d{8})[^](\d{2}[\d:.,]*)(Z|[+-][\d:.,]+)$/u;

// Microseconds since 1970 that an ISO 8601 text with its zone names; null for a text without one.
export function claimedMicros(text) {
  const found = MOMENT.exec(text.toUpperCase());
  if (!found) {
    return null;
  }
  const [day, clock, zone] = [dayOf(found[1]), clockOf(found[2]), found[3] === "Z" ? 0n : zoneOf(found[3])];
  return day === null || clock === null || zone === null ? null : day + clock - zone;
}

function dayOf(text) {
  const found = DATE.exec(text);
  if (!found) {
    return null;
  }
  const [year, month, day, bareMonth, bareDay, week, weekday, bareWeek, bareWeekday] = found.slice(1).map((part) => part && Number(part));
  const seconds = (week ?? bareWeek) === undefined
    ? secondsOf(year, month ?? bareMonth, day ?? bareDay, 0, 0, 0)
    : weekSeconds(year, week ?? bareWeek, weekday ?? bareWeekday ?? 1);
  return seconds === null ? null : BigInt(seconds) * 1000000n;
}

function weekSeconds(year, week, weekday) {
  const fourth = secondsOf(year, 1, 4, 0, 0, 0);
  if (fourth === null || week < 1 || week > 53 || weekday < 1 || weekday > 7) {
    return null;
  }
  const monday = fourth - ((new Date(fourth * 1000).getUTCDay() + 6) % 7) * 86400;
  return monday + ((week - 1) * 7 + weekday - 1) * 86400;
}

function clockOf(text) {
  const found = CLOCK.exec(text);
  if (!found) {
    return null;
  }
  const [hour, minute, second] = [found[1], found[2] ?? found[5] ?? "0", found[3] ?? found[6] ?? "0"].map(Number);
  if (hour > 23 || minute > 59 || second > 59) {
    return null;
  }
  const fraction = (found[4] ?? found[7] ?? "").slice(0, 6).padEnd(6, "0");
  return BigInt(hour * 3600 + minute * 60 + second) * 1000000n + BigInt(fraction);
}

function zoneOf(text) {
  const clock = clockOf(text.slice(1));
  return clock === null ? null : text[0] === "-" ? -clock : clock;
}
