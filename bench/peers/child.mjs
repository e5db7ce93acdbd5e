// @ts-check
/** Puts one subject into one situation and prints what it did, as the last line, in JSON. In a process of its own: what it leaves behind can't disturb the others. */
import { findCase } from "./cases/index.mjs";

const [name = "", index = ""] = process.argv.slice(2);
const subject = findCase(name).subjects[Number(index)];
if (subject === undefined) throw new Error(`case ${name} has no subject ${index}`);
const seen = await subject.run();
process.stdout.write(`\n${JSON.stringify({ seen })}\n`, () => process.exit(0));
