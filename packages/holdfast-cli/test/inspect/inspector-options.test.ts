import { inspectorOptions, mayUseFolder } from "../../src/attach/inspector-options.ts";
import type { InspectorOptions } from "../../src/attach/inspector-options.ts";
import { readProcess } from "../../src/attach/process-facts.ts";
import { expect, test } from "../harness.ts";

/** Of a process with this command line. */
function optionsOf(line: string, nodeOptions: string = ""): InspectorOptions {
  const facts = readProcess(process.pid);
  if (facts === undefined) throw new Error("this process is not there");
  const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
  return inspectorOptions({ ...facts, args: words(line), nodeOptions: words(nodeOptions) });
}

test("a process without options of its own opens 9229, and is restricted in nothing", () => {
  expect(optionsOf("node app.js --inspect=1 --permission")).toEqual({
    port: 9229,
    isOpen: false,
    isForbidden: false,
    files: undefined,
  });
});

test("the port is that of the last option that names one, of its own before those of NODE_OPTIONS", () => {
  const portOf = (line: string, nodeOptions?: string): readonly [number, boolean] => {
    const { port, isOpen } = optionsOf(line, nodeOptions);
    return [port, isOpen];
  };
  expect([
    portOf("node --inspect app.js"),
    portOf("node --inspect=0.0.0.0:7000 app.js"),
    portOf("node --inspect-port=7001 app.js"),
    portOf("node --inspect-port 7001"),
    portOf("node app.js", "--inspect-brk=7002"),
    portOf("node --inspect-port=7003 app.js", "--inspect-port=7002"),
  ]).toEqual([
    [9229, true],
    [7000, true],
    [7001, false],
    [7001, false],
    [7002, true],
    [7003, false],
  ]);
});

test("permissions forbid an inspector, unless they allow it", () => {
  expect([
    optionsOf("node --permission app.js").isForbidden,
    optionsOf("node --experimental-permission app.js").isForbidden,
    optionsOf("node app.js", "--permission").isForbidden,
    optionsOf("node --permission --allow-inspector app.js").isForbidden,
  ]).toEqual([true, true, true, false]);
});

test("permissions say in which folders it may read and write", () => {
  const may = (options: string): boolean => mayUseFolder(optionsOf(`node ${options} app.js`), "/tmp");
  const read = "--permission --allow-fs-read=*";
  expect([
    may(""),
    may("--allow-fs-write=/home/*"),
    may(read),
    may("--permission --allow-fs-write=*"),
    may(`${read} --allow-fs-write=*`),
    may(`${read} --allow-fs-write=/tmp/*`),
    may(`${read} --allow-fs-write=/tmp`),
    may(`${read} --allow-fs-write=/home/*`),
    may(`${read} --allow-fs-write=/home/* --allow-fs-write=/tmp/*`),
    may(`${read} --allow-fs-write=/home/*,/tmp/*`),
    may(`${read} --allow-fs-write /tmp`),
    may(`${read} --allow-fs-write=./here`),
  ]).toEqual([true, true, false, false, true, true, true, false, true, true, true, true]);
});
