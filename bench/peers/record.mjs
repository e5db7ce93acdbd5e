// @ts-check
/** What was seen, for people and for programs. */

/** @import { Observation, PeerCase, PeerRecord } from "./types.d.ts" */

/** What did not do what this repository says that it does. @param {readonly Observation[]} observations */
export function differences(observations) {
  return observations.filter(({ seen, claim }) => seen !== claim);
}

/** @param {readonly PeerCase[]} cases @param {PeerRecord} record */
export function toMarkdown(cases, { node, date, observations }) {
  const others = differences(observations);
  const lines = [
    "# What the peers do",
    "",
    "Written by `node bench/peers/main.mjs`: each library was put into each situation, in a process of its own, and this is what it did. The versions are the newest for Node 20; where a newer major, for newer Nodes, does something else, it stands below.",
    "What the library of this repository does in each is held by the test that is named.",
    "",
    `Node ${node}, ${date}: ${observations.length} observations, ${others.length === 0 ? "all of them as the documentation says" : `${others.length} of them not as the documentation says`}.`,
  ];
  for (const { name, title, about, complaints, test } of cases) {
    const rows = observations.filter((observation) => observation.case === name);
    if (rows.length === 0) continue;
    const numbers = complaints.length === 0 ? "" : ` Complaint ${complaints.join(", ")}.`;
    lines.push("", `## ${title}`, "", `${about}${numbers} Held by \`${test[0]}\`: "${test[1]}".`, "");
    lines.push("| library | what it did |", "| --- | --- |");
    for (const { package: name_, way, version, seen, claim } of rows) {
      const who = `${name_.replace(/-\d+$/u, "")} ${version}${way === undefined ? "" : `, ${way}`}`;
      lines.push(`| ${who} | ${seen}${seen === claim ? "" : ` (the documentation says: ${claim})`} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}
