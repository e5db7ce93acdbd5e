/**
 * `node scripts/conformance-names.mjs PATH`: takes the names of other libraries' tests out of a survey of them, and writes
 * packages/holdfast/test/conformance/names.json.
 *
 * The survey is a Markdown page with a section for each test file: `### 4.2 CPython test_timeouts.py`, and in it a line for one or
 * several tests: `- test_a, test_b_in / _out, test_c(+_more) — what they say`. The last section lists tests that have sentences for names.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const suites = new Map([
  ["4.1", "asyncio"],
  ["4.2", "asyncio"],
  ["4.3", "asyncio"],
  ["4.4", "asyncio"],
  ["4.5", "trio"],
  ["4.6", "trio"],
  ["4.7", "anyio"],
]);
/** The short forms of the survey that no rule below makes out. */
const written = new Map([
  ["test_timeout_finished / _not_entered", "test_timeout_not_entered"],
  ["test_cancelscope_wrong_exit_order / _exit_in_wrong_task", "test_cancelscope_exit_in_wrong_task"],
  ["test_start_return_handle_success / _cancel", "test_start_return_handle_cancel"],
]);
const neighbours = new Map([
  ["Effection", "effection"],
  ["Effect", "Effect"],
  ["Kotlin", "Kotlin"],
  ["Java", "Java"],
  ["Go", "Go"],
  ["New JS-only", "JS"],
]);

const path = process.argv[2];
if (path === undefined) {
  console.error("usage: node scripts/conformance-names.mjs PATH");
  process.exit(64);
}
const names = namesOf(readFileSync(path, "utf8"));
const target = fileURLToPath(new URL("../packages/holdfast/test/conformance/names.json", import.meta.url));
writeFileSync(target, `${JSON.stringify(names, undefined, 2)}\n`);
console.log(`${names.length} names in ${target}`);

/** @param {string} text @returns {{ section: string, name: string, says: string }[]} */
function namesOf(text) {
  const all = [];
  let section = "";
  let before = "";
  for (const line of text.split("\n")) {
    const heading = /^#{2,3} (?<number>[\d.]*\d)/u.exec(line);
    if (heading !== null) section = heading.groups?.["number"] ?? "";
    if (!line.startsWith("- ")) continue;
    const suite = suites.get(section);
    if (suite !== undefined) {
      const item = line.slice(2);
      const found = item.startsWith("(") ? issues(item) : tests(item, before);
      before = found.at(-1) ?? before;
      const says = item.slice(item.indexOf(" — ") + 3);
      for (const name of found)
        all.push({ section, name: `${suite} ${name}`, says: item.startsWith("(") ? item : says });
    } else if (section === "4.8") {
      for (const name of sentences(line.slice(2))) all.push({ section, name, says: "" });
    }
  }
  return all;
}

/** What an issue asks for, where there is no test to name: `(P15, py#155433) …`. @param {string} item @returns {string[]} */
function issues(item) {
  const issue = /py#\d+/u.exec(item)?.[0] ?? "";
  return [issue, ...(item.match(/\btest_\w+/gu) ?? [])];
}

/** @param {string} item @param {string} before the last name of the line above @returns {string[]} */
function tests(item, before) {
  // A second test after the sentence of the first: `test_a — …; test_b — …`.
  const second = /; (?<name>test_\w+) — /u.exec(item)?.groups?.["name"];
  let head = item.slice(0, item.indexOf(" — "));
  if (second !== undefined) head += `, ${second}`;
  head = head
    .replaceAll(" (xfail there)", "")
    .replace(/^Lifo\/Priority (?<test>\w+)$/u, "Lifo.$<test>, Priority.$<test>");
  /** @type {string[]} */
  const found = [];
  // `test_as_safe_channel_* (exhaust, close_between/before_iteration)`
  const family = /^(?<stem>\w+_)\* \((?<members>.*)\)$/u.exec(head)?.groups;
  if (family !== undefined) {
    for (const member of String(family["members"]).split(", ")) {
      const [first = "", ...others] = member.split("/");
      const start = /^[a-z]+_/u.exec(first)?.[0] ?? "";
      const tail = /_[a-z]+$/u.exec(others.at(-1) ?? "")?.[0] ?? "";
      found.push(others.length === 0 ? first : `${first}${tail}`);
      for (const other of others) found.push(`${start}${other}${other.endsWith(tail) ? "" : tail}`);
    }
    return found.map((member) => `${family["stem"]}${member}`);
  }
  // `[instant,delayed]`: two cases of one test.
  head = head.replaceAll(/(?<stem>\w+)\[(?<first>\w+),(?<second>\w+)\]/gu, "$<stem>[$<first>], $<stem>[$<second>]");
  // `Put.test_put, test_get`: what stands before the dot holds for the line; a file's name does not.
  const prefix = /^(?<class>[A-Z]\w*)(?:\.|: )(?=test_)/u.exec(head)?.groups?.["class"];
  let base = before;
  for (const part of head.split(/(?<separator>, | \/ |\/|; )/u)) {
    if (/^(?:, | \/ |\/|; )$/u.test(part)) continue;
    const separator =
      head[head.indexOf(part) - 1] === "/" || head.slice(0, head.indexOf(part)).endsWith("/ ") ? "/" : ",";
    const plain = part
      .trim()
      .replace(/^[\w/]*\.py: |^(?<class>[A-Z]\w*): /u, "")
      .replace(/ ≡$/u, "");
    const [stem = "", more] = plain.split(/ ?\(\+/u);
    let name = stem.trim();
    // The folder of `streams/test_memory.py`.
    if (name === "streams") continue;
    if (name.startsWith("…")) name = `${base.replace(/_future_done$/u, "")}${name.slice(1)}`;
    else if (name.startsWith("_")) name = written.get(`${base} / ${name}`) ?? attached(base, name, separator);
    else if (/^\d+$/u.test(name)) name = base.replace(/\d+$/u, name);
    else base = name;
    found.push(name);
    if (more !== undefined) found.push(`${name}${more.replace(/\)$/u, "")}`);
  }
  return found.map((name) => (prefix === undefined || name.includes(".") ? name : `${prefix}.${name}`));
}

/** `_b` after `test_a`: added to it after a comma, in place of as much of its end after a slash. @param {string} base @param {string} suffix @param {string} separator */
function attached(base, suffix, separator) {
  const words = base.replace(/\[\w+\]$/u, "").split("_");
  const count = suffix.split("_").length - 1;
  if (/^_\d/u.test(suffix))
    return /\d\w*$/u.test(words.at(-1) ?? "") ? `${words.slice(0, -1).join("_")}${suffix}` : `${base}${suffix}`;
  return separator === "," ? `${words.join("_")}${suffix}` : `${words.slice(0, -count).join("_")}${suffix}`;
}

/** @param {string} line @returns {string[]} */
function sentences(line) {
  const found = [];
  // `Java …: a, b; Go: c`: several in a line.
  for (const part of line.split(/; (?=Go: )/u)) {
    const [head = ""] = part.split(/[ .:]/u);
    const suite = neighbours.get(part.startsWith("New JS-only") ? "New JS-only" : head) ?? head;
    const body = part.slice(part.indexOf(": ") + 2);
    if (suite === "JS") {
      found.push(...body.split("; ").map((name) => `${suite} ${name}`));
      continue;
    }
    if (suite === "effection" || suite === "Effect") {
      for (const [quoted] of body.matchAll(/"[^"]+"/gu)) found.push(`${suite} ${quoted.slice(1, -1)}`);
      for (const [issue] of body.matchAll(/#\d+/gu)) found.push(`${suite} eff${issue}`);
      if (/\bEffectKeepAlive\b/u.test(body)) found.push(`${suite} EffectKeepAlive`);
      continue;
    }
    for (const name of body.replaceAll(/ \([^)]*\)/gu, "").split(", ")) {
      const numbered = /^(?<stem>\w+)1\/2$/u.exec(name)?.groups?.["stem"];
      if (numbered === undefined) found.push(`${suite} ${name}`);
      else found.push(`${suite} ${numbered}1`, `${suite} ${numbered}2`);
    }
  }
  return found;
}
